import { beforeAll, describe, expect, it } from 'vitest';
import { onnx } from 'onnx-proto';
import { encodeWeight, needsTables, weightShape } from '../../../../src/core/encodings/encodeWeight';
import { fixedZeroPoint } from '../../../../src/core/encodings/gridTail';
import { lookupTables } from '../../../../src/core/encodings/lookupTables';
import type { StoredCodes } from '../../../../src/core/encodings/blueprint';
import { storedLevels } from '../../../../src/core/encodings/storedLevels';
import { toFloat16Bits } from '../../../../src/core/onnx/float16';
import type { Layer } from '../../../../src/core/onnx/layer';
import { payloadSize } from '../../../../src/core/onnx/protoWriter';
import { BIT_WIDTHS, GRIDS, completeSettings, type BitWidth, type Grid } from '../../../../src/core/plan/layerSettings';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime } from '../../../../src/runtime/runtime';
import { seededRandom } from '../../../fixtures/modelBuilder';
import { blueprintModel } from './blueprintModel';

interface Case {
  grid: Grid;
  bits: BitWidth;
  dtype: 'float32' | 'float16';
  axis: number | null;
  dims: number[];
  offset: boolean;
  opset: number;
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = (await nativeRuntime())!;
});

describe('encodeWeight', () => {
  for (const grid of GRIDS) {
    for (const bits of BIT_WIDTHS) {
      for (const dtype of ['float32', 'float16'] as const) {
        it(`${grid} ${bits} bits ${dtype}: ONNX Runtime gives back the stored levels`, async () => {
          for (const shape of SHAPES) await expectExact({ grid, bits, dtype, ...shape });
        });
      }
    }
  }

  it('needs no table and one byte a weight at 8 bits', () => {
    const { nodes, tensors } = blueprintOf({ grid: 'symmetric', bits: 8, dtype: 'float32', ...SHAPES[0]! }).weight;
    expect(nodes.map(({ op }) => op)).toEqual(['Cast', 'Mul']);
    expect(tensors[0]).toMatchObject({ dtype: 'int8', dims: [6, 4, 3, 3] });
  });

  it('wastes no bit where the count divides', () => {
    for (const bits of [2, 3, 4, 5, 6, 7] as const) {
      const { tensors } = blueprintOf({ grid: 'mid-rise', bits, dtype: 'float32', ...SHAPES[1]!, dims: [16, 5] }).weight;
      const bytes = tensors.filter(({ dtype }) => dtype === 'uint8').reduce((sum, tensor) => sum + payloadSize(tensor), 0);
      expect(bytes * 8).toBe(16 * 5 * bits);
    }
  });
});

/** Divisible and odd counts, leading, middle and last axes, with and without a mean, at the oldest opset and newer ones. */
const SHAPES = [
  { dims: [6, 4, 3, 3], axis: 0, offset: false, opset: 7 },
  { dims: [6, 4, 3, 3], axis: null, offset: false, opset: 13 },
  { dims: [7, 3], axis: 1, offset: false, opset: 9 },
  { dims: [7, 3], axis: null, offset: true, opset: 10 },
  { dims: [3, 5, 7], axis: 1, offset: true, opset: 21 },
  { dims: [1], axis: 0, offset: false, opset: 7 },
];

async function expectExact(test: Case): Promise<void> {
  const { tables, weight, stored } = blueprintOf(test);
  const model = blueprintModel(tables, weight, stored, 'w', test.opset, test.dtype === 'float16');
  const result = (await runtime.evaluate(model)).w!;
  expect(result.dims).toEqual(test.dims);
  const expected = expectedWeights(test, stored);
  if (test.dtype === 'float32') expect(result.data).toEqual(expected);
  else expect(new Uint16Array((result.data as Uint16Array).buffer)).toEqual(Uint16Array.from(expected, toFloat16Bits));
}

function blueprintOf(test: Case) {
  const { grid, bits, dims, axis } = test;
  const elements = dims.reduce((a, b) => a * b, 1);
  const layer: Layer = {
    index: 0, name: 'w', scope: '', consumers: [], dims, dtype: test.dtype, elements, bytes: 4 * elements,
    channelAxis: axis, storage: { file: '', offset: 0, length: 0, form: 'raw' }, quantizable: true, tensor: 0,
  };
  const settings = completeSettings({
    grid, bits, granularity: axis === null ? 'tensor' : 'channel', normalize: test.offset ? 'layer' : 'none',
  });
  const tables = needsTables(bits) ? lookupTables(bits, grid, (part) => `table.${part}`) : null;
  const shape = weightShape(layer, settings, test.opset);
  const weight = encodeWeight({ name: 'w', shape, part: (name) => `w.${name}` }, tables);
  return { tables: tables?.blueprint ?? null, weight, stored: randomCodes(test, elements) };
}

/** Every code occurs in larger weights; scales and offsets are arbitrary float32 numbers. */
function randomCodes({ grid, bits, dims, axis, offset }: Case, elements: number): StoredCodes {
  const random = seededRandom(bits * 100 + elements);
  const count = 2 ** bits - (grid === 'symmetric' ? 1 : 0);
  const codebook = (): Codebook => ({
    levels: new Float64Array(count),
    thresholds: new Float64Array(count - 1),
    support: [0, 0],
    uniform: {
      kind: grid,
      scale: Math.fround(0.001 + random()),
      zeroPoint: fixedZeroPoint(grid, bits) ?? Math.floor(random() * count),
      offset: offset ? Math.fround(random() - 0.5) : 0,
    },
  });
  return {
    codes: Uint8Array.from({ length: elements }, () => Math.floor(random() * count)),
    codebooks: Array.from({ length: axis === null ? 1 : dims[axis]! }, codebook),
  };
}

function expectedWeights({ dtype, dims, axis }: Case, { codes, codebooks }: StoredCodes): Float32Array {
  const levels = codebooks.map((codebook) => storedLevels(codebook, dtype));
  const stride = axis === null ? 1 : dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const channels = axis === null ? 1 : dims[axis]!;
  return Float32Array.from(codes, (code, i) => levels[Math.floor(i / stride) % channels]![code]!);
}

describe('lookup tables', () => {
  it('are small on disk though 3 bits index 4096 groups', () => {
    const { tensors } = lookupTables(3, 'symmetric', (part) => part).blueprint;
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.data().length, 0);
    expect(bytes).toBeLessThan(2400);
  });

  it('encode nodes that the ONNX schema understands', async () => {
    const test: Case = { grid: 'affine', bits: 7, dtype: 'float32', ...SHAPES[3]! };
    const { tables, weight, stored } = blueprintOf(test);
    const { graph } = onnx.ModelProto.decode(blueprintModel(tables, weight, stored, 'w', 9, false));
    expect(graph!.node!.map(({ opType }) => opType)).toEqual([
      'Add', 'Reshape', 'Add', 'Reshape', 'Add', 'Reshape',
      'Cast', 'Cast', 'Gather', 'Add', 'Cast', 'Gather', 'Add', 'Gather', 'Reshape', 'Slice', 'Reshape', 'Sub', 'Mul', 'Add',
    ]);
  });
});
