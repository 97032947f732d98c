import { beforeAll, describe, expect, it } from 'vitest';
import { onnx } from 'onnx-proto';
import { CodebookList } from '../../../../src/core/encodings/codebookList';
import { allCodes } from '../../../../src/core/encodings/codeRun';
import { payloadPieces, type LevelForm, type StoredCodes } from '../../../../src/core/encodings/blueprint';
import { encodeWeight, tableValues, weightShape } from '../../../../src/core/encodings/encodeWeight';
import { fixedZeroPoint } from '../../../../src/core/encodings/levelTail';
import { lookupTables, type TableValues } from '../../../../src/core/encodings/lookupTables';
import { storedLevels } from '../../../../src/core/encodings/storedLevels';
import { toBfloat16 } from '../../../../src/core/onnx/bfloat16';
import { toFloat16Bits } from '../../../../src/core/onnx/float16';
import type { FloatType } from '../../../../src/core/onnx/dataType';
import { payloadSize } from '../../../../src/core/onnx/protoWriter';
import { BIT_WIDTHS, GRIDS, completeSettings, type BitWidth, type Grid } from '../../../../src/core/plan/layerSettings';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime } from '../../../../src/runtime/runtime';
import { seededRandom } from '../../../fixtures/modelBuilder';
import { blueprintModel } from './blueprintModel';
import { describeWeight, GROUPED_WEIGHTS, layerOf, type GroupedWeight } from './groupedWeights';

interface Case {
  weight: GroupedWeight;
  form: LevelForm;
  bits: BitWidth;
  dtype: FloatType;
  offset: boolean;
  opset: number;
  /** `bits` unless said. */
  width?: BitWidth;
}

const FORMS: LevelForm[] = [...GRIDS, 'scaled', 'free'];
/** Slice changes at 10; bfloat16 casts need 13. */
const OPSETS = [7, 9, 10, 13, 21];

let runtime: Runtime;
beforeAll(async () => {
  runtime = (await nativeRuntime())!;
});

describe('encodeWeight', () => {
  for (const [w, weight] of GROUPED_WEIGHTS.entries()) {
    it(`${describeWeight(weight)}: ONNX Runtime gives back the stored levels of every form and bit width`, async () => {
      for (const [f, form] of FORMS.entries()) {
        for (const [b, bits] of BIT_WIDTHS.entries()) {
          await expectExact({
            weight, form, bits, offset: (w + f + b) % 2 === 0, dtype: (f + b) % 3 === 0 ? 'float16' : 'float32',
            opset: OPSETS[(w + b) % OPSETS.length]!,
          });
        }
      }
    });
  }

  it.each([2, 3, 4, 5, 6, 7] as const)('%i bits packed in more: the same levels', async (bits) => {
    const wider = BIT_WIDTHS.filter((width) => width > bits);
    for (const [f, form] of FORMS.entries()) {
      for (const [w, width] of wider.entries()) {
        const weight = GROUPED_WEIGHTS[(7 * f + w) % GROUPED_WEIGHTS.length]!;
        await expectExact({ weight, form, bits, width, dtype: 'float32', offset: (f + w) % 2 === 0, opset: 13 });
      }
    }
  });

  it.each(['bfloat16', 'float64'] as const)('casts to %s last', async (dtype) => {
    for (const form of FORMS) {
      for (const bits of [3, 8] as const) {
        await expectExact({ weight: GROUPED_WEIGHTS[12]!, form, bits, dtype, offset: true, opset: 13 });
      }
    }
  });

  it('needs no table and one byte a weight at 8 bits', () => {
    const { nodes, tensors } = blueprintOf({ ...PLAIN, form: 'symmetric', bits: 8 }).weight;
    expect(nodes.map(({ op }) => op)).toEqual(['Cast', 'Mul']);
    expect(tensors[0]).toMatchObject({ dtype: 'int8', dims: [6, 4, 3, 3] });
  });

  it('looks a codebook up directly at 8 bits', () => {
    const { nodes, tensors } = blueprintOf({ ...PLAIN, weight: GROUPED_WEIGHTS[0]!, form: 'free', bits: 8 }).weight;
    expect(nodes.map(({ op }) => op)).toEqual(['Cast', 'Gather']);
    expect(tensors.map(payloadSize)).toEqual([216, 1024]);
  });

  it('wastes no bit where the count divides, blocks included', () => {
    for (const bits of [2, 3, 4, 5, 6, 7] as const) {
      for (const weight of GROUPED_WEIGHTS.filter(({ dims }) => dims.join() === '64,5' || dims.join() === '6,4,3,3')) {
        const { tensors } = blueprintOf({ ...PLAIN, weight, bits }).weight;
        const bytes = tensors.filter(({ dtype }) => dtype === 'uint8').reduce((sum, tensor) => sum + payloadSize(tensor), 0);
        expect(bytes * 8).toBe(weight.dims.reduce((a, b) => a * b, 1) * bits);
      }
    }
  });

  it('stores one float32 a group for scales and 2^bits for codebooks', () => {
    for (const weight of GROUPED_WEIGHTS) {
      for (const [form, operand, each] of [['mid-rise', 'w.scale', 1], ['scaled', 'w.scale', 1], ['free', 'w.levels', 16]] as const) {
        const { tensors } = blueprintOf({ ...PLAIN, weight, form, bits: 4 }).weight;
        expect(payloadSize(tensors.find(({ name }) => name === operand)!)).toBe(4 * weight.groups * each);
      }
    }
  });

  it('refuses codebooks that do not fit the nodes', () => {
    const { weight, stored } = blueprintOf({ ...PLAIN, form: 'symmetric', bits: 4 });
    const wrong = { ...stored, codebooks: CodebookList.of([{ levels: Float64Array.of(1, 2) }]) };
    const fill = () => weight.tensors.forEach((tensor) => Array.from(payloadPieces(tensor.data(wrong))));
    expect(fill).toThrow('internal');
  });
});

const PLAIN: Case = {
  weight: GROUPED_WEIGHTS[1]!, form: 'mid-rise', bits: 4, dtype: 'float32', offset: false, opset: 13,
};

async function expectExact(test: Case): Promise<void> {
  const { tables, weight, stored } = blueprintOf(test);
  const widened = test.dtype === 'bfloat16' || test.dtype === 'float64';
  if (widened) weight.nodes.push({ op: 'Cast', inputs: ['w'], output: 'float', attributes: { to: 1 } });
  const model = blueprintModel(tables, weight, stored, widened ? 'float' : 'w', test.opset, test.dtype === 'float16');
  const result = Object.values(await runtime.evaluate(model))[0]!;
  expect(result.dims).toEqual(test.weight.dims);
  const expected = expectedWeights(test, stored);
  if (test.dtype !== 'float16') expect(result.data).toEqual(expected);
  else expect(new Uint16Array((result.data as Uint16Array).buffer)).toEqual(Uint16Array.from(expected, toFloat16Bits));
}

function blueprintOf(test: Case) {
  const { form, bits, offset, width = bits } = test;
  const grid = (GRIDS as readonly LevelForm[]).includes(form) ? form as Grid : 'symmetric';
  const settings = completeSettings({ grid, bits, granularity: test.weight.granularity, normalize: offset ? 'layer' : 'none' });
  const values = form === grid ? tableValues(settings, width) : codebookTable(form, bits, width);
  const tables = values && lookupTables(values, (part) => `table.${part}`);
  const shape = { ...weightShape(layerOf(test.weight, test.dtype), settings, test.opset), form, width };
  const weight = encodeWeight({ name: 'w', shape, part: (name) => `w.${name}` }, tables);
  return { tables: tables?.blueprint ?? null, weight, stored: randomCodes(test) };
}

function codebookTable(form: LevelForm, bits: BitWidth, width: BitWidth): TableValues | null {
  const unit = unitLevels(bits);
  if (form === 'scaled') return { name: 'unit', width, dtype: 'float32', codes: unit.length, value: (code) => unit[code]! };
  return width === 8 ? null : { name: 'codes', width, dtype: 'int32', codes: 2 ** width, value: (code) => code };
}

/** One fewer than fit, so that a code is never used. */
function unitLevels(bits: number): Float32Array {
  const random = seededRandom(bits);
  return Float32Array.from({ length: 2 ** bits - 1 }, () => random() - 0.5).sort();
}

/** Every code occurs in larger weights; scales and offsets are arbitrary float32 numbers. */
function randomCodes({ weight, form, bits, offset }: Case): StoredCodes {
  const elements = weight.dims.reduce((a, b) => a * b, 1);
  const random = seededRandom(bits * 100 + elements);
  const count = form === 'symmetric' || form === 'scaled' ? 2 ** bits - 1 : 2 ** bits;
  const codebook = (): Codebook => {
    const by = { scale: Math.fround(0.001 + random()), offset: offset ? Math.fround(random() - 0.5) : 0 };
    const bare = { thresholds: new Float64Array(count - 1), centre: 0, support: [0, 0] as [number, number] };
    if (form === 'free') return { ...bare, levels: Float64Array.from({ length: count }, () => random() - 0.5).sort() };
    const levels = new Float64Array(count);
    if (form === 'scaled') return { ...bare, levels, scaled: { ...by, unit: unitLevels(bits) } };
    const zeroPoint = fixedZeroPoint(form, bits) ?? Math.floor(random() * count);
    return { ...bare, levels, uniform: { ...by, kind: form, count, zeroPoint } };
  };
  return {
    codes: Uint8Array.from({ length: elements }, () => Math.floor(random() * count)),
    codebooks: CodebookList.of(Array.from({ length: weight.groups }, codebook)),
  };
}

function expectedWeights({ weight, dtype, bits }: Case, { codes, codebooks }: StoredCodes): Float32Array {
  const levels = Array.from({ length: codebooks.length }, (_, group) => storedLevels(codebooks.get(group), dtype, 2 ** bits));
  const expected = Float32Array.from(allCodes(codes), (code, i) => levels[weight.groupOf(i)]![code]!);
  return dtype === 'bfloat16' ? expected.map(toBfloat16) : expected;
}

describe('lookup tables', () => {
  it('are small on disk though 3 bits index 4096 groups', () => {
    const { tensors } = lookupTables(tableValues(completeSettings({ bits: 3 }), 3)!, (part) => part).blueprint;
    const bytes = tensors.flatMap((tensor) => [...payloadPieces(tensor.data())]).reduce((sum, { length }) => sum + length, 0);
    const [steps, upper, shapes] = [4 * (8 * 4) * 4, 2 * (16 * 2) * 4, (2 + 2) * 8];
    expect(bytes).toBe(steps + upper + shapes);
  });

  it('encode nodes that the ONNX schema understands', () => {
    const weight = { ...GROUPED_WEIGHTS[2]!, dims: [7, 3] };
    const { tables, weight: blueprint, stored } = blueprintOf({
      weight, form: 'affine', bits: 7, dtype: 'float32', offset: true, opset: 9,
    });
    const { graph } = onnx.ModelProto.decode(blueprintModel(tables, blueprint, stored, 'w', 9, false));
    expect(graph!.node!.map(({ opType }) => opType)).toEqual([
      'Add', 'Reshape', 'Add', 'Reshape', 'Add', 'Reshape',
      'Cast', 'Cast', 'Gather', 'Add', 'Cast', 'Gather', 'Add', 'Gather', 'Reshape', 'Slice', 'Reshape', 'Sub', 'Mul', 'Add',
    ]);
  });
});
