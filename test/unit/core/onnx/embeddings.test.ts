import { onnx } from 'onnx-proto';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIT_WIDTHS, GRIDS, METHODS, scopeOf, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import { buildModel, laplacian, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { copyOf, expectStoredWeights, withWeights, type MadeCopy } from './copyHelper';

let native: Runtime;
let wasm: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  wasm = await wasmRuntime();
});

const ROWS = 211;

/** Lengths of rows: of whole bytes in every packing, of blocks of 16 and a rest, and neither. */
const LENGTHS = [64, 72, 37];

interface Table {
  length: number;
  rows?: number;
  dtype?: 'float32' | 'float16';
  opset?: number;
  indices?: (number | string)[];
  indexType?: 'int32' | 'int64';
}

/** Two Gathers of one table, so that each must have values of its own. */
function model(table: Table): FixtureModel {
  const { length, rows = ROWS, dtype = 'float32', opset = 13, indices = ['n'], indexType = 'int64' } = table;
  const output = (name: string) => ({ name, dims: [...indices, length], dtype });
  return {
    opset,
    inputs: [{ name: 'i', dims: indices, dtype: indexType }, { name: 'j', dims: indices, dtype: indexType }],
    outputs: [output('y'), output('z')],
    initializers: [{ name: 'w', dims: [rows, length], dtype, data: laplacian(rows * length, 1) }],
    nodes: [
      { op: 'Gather', inputs: ['w', 'i'], outputs: ['y'] },
      { op: 'Gather', inputs: ['w', 'j'], outputs: ['z'], attributes: { axis: 0 } },
    ],
  };
}

function indexTensor(dims: number[], values: number[], type: 'int32' | 'int64' = 'int64'): RuntimeTensor {
  return { type, dims, data: type === 'int64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values) };
}

/** By what remains of the weight in the copy: nothing, where all Gathers take rows of codes. */
function gathersRows({ model: bytes }: MadeCopy): boolean {
  const { node } = onnx.ModelProto.decode(bytes).graph!;
  return !node!.some(({ output }) => output!.includes('w'));
}

async function expectSameRows(
  fixture: FixtureModel, settings: PartialSettings, inputs: Record<string, RuntimeTensor>,
): Promise<MadeCopy> {
  const copy = copyOf(buildModel(fixture), settings);
  await expectStoredWeights(native, copy);
  expect(await native.evaluate(copy.model, inputs)).toEqual(await native.evaluate(withWeights(fixture, copy), inputs));
  return copy;
}

const PLAIN = { i: indexTensor([3], [0, -1, ROWS - 1]), j: indexTensor([5], [7, 7, 3, -ROWS, 200]) };

describe('a copy gathers rows of codes', () => {
  it.each(BIT_WIDTHS)('of %i bits, per tensor, channel and block, exactly', async (bits) => {
    for (const [l, length] of LENGTHS.entries()) {
      for (const [g, granularity] of (['tensor', 'channel', 'block:16'] as const).entries()) {
        const dtype = (l + g + bits) % 3 === 0 ? 'float16' : 'float32';
        const grid = GRIDS[(l + g) % GRIDS.length]!;
        const copy = await expectSameRows(
          model({ length, dtype }), { bits, granularity, grid, normalize: g === 1 ? 'layer' : 'none' }, PLAIN,
        );
        expect(gathersRows(copy)).toBe(true);
      }
    }
  });

  it.each(METHODS)('of method %s', async (method) => {
    for (const [bits, granularity] of [[3, 'tensor'], [3, 'channel'], [4, 'channel'], [8, 'tensor']] as const) {
      const scope = scopeOf(method, bits);
      if (!scope.bits.includes(bits) || !scope.granularities.includes(granularity)) continue;
      expect(gathersRows(await expectSameRows(model({ length: 72 }), { method, bits, granularity }, PLAIN))).toBe(true);
    }
  });

  it.each([
    ['a scalar', [], [5]],
    ['no index', [0], []],
    ['two axes', [2, 3], [1, 2, 3, -4, 5, 6]],
    ['two axes, one of them empty', [2, 0], []],
    ['three axes', [2, 1, 2], [9, 8, 210, 0]],
  ] as const)('for %s, as int64 and int32, in old and new operators', async (_, dims, values) => {
    for (const indexType of ['int64', 'int32'] as const) {
      for (const [opset, bits] of [[7, 4], [9, 8], [10, 3], [13, 5], [18, 7], [21, 4]] as const) {
        const length = opset < 10 ? 40 : 37;
        const table = model({ length, opset, indexType, indices: dims.map((_dim, axis) => `d${axis}`) });
        const inputs = { i: indexTensor([...dims], [...values], indexType), j: indexTensor([...dims], [...values], indexType) };
        expect(gathersRows(await expectSameRows(table, { bits, granularity: 'block:16' }, inputs))).toBe(true);
      }
    }
  });

  it('in WebAssembly', async () => {
    for (const bits of [3, 4, 7, 8] as const) {
      const fixture = model({ length: 37 });
      const copy = copyOf(buildModel(fixture), { bits, granularity: 'block:16', normalize: 'layer' });
      await expectStoredWeights(wasm, copy);
      expect(await wasm.evaluate(copy.model, PLAIN)).toEqual(await wasm.evaluate(withWeights(fixture, copy), PLAIN));
    }
  });

  it('and refuses indices outside the table, as Gather does', async () => {
    const copy = copyOf(buildModel(model({ length: 64 })), { bits: 4 });
    await expect(native.evaluate(copy.model, { ...PLAIN, i: indexTensor([1], [ROWS]) })).rejects.toThrow('runtime-failed');
  });
});

/** A network over indices `i` [2, 3] whose one embedding `w` stands somewhere. */
const SIZE = 40;
const I = { name: 'i', dims: [2, 3], dtype: 'int64' as const };
const Y = { name: 'y', dims: [2, 3, SIZE] };
const FLAG = { name: 'flag', dims: [], dtype: 'bool' as const };
const W = { name: 'w', dims: [ROWS, SIZE], data: laplacian(ROWS * SIZE, 2) };
const gather = (output: string): FixtureNode => ({ op: 'Gather', inputs: ['w', 'i'], outputs: [output] });
const constant: FixtureNode = { op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: W } } };

function choose(inBranch: FixtureNode[], initializers: FixtureTensor[]): FixtureNode {
  const branch = (output: string, op: string) => ({ graph: {
    initializers,
    nodes: [...inBranch, gather('rows'), { op, inputs: ['rows'], outputs: [output] }],
    outputs: [{ ...Y, name: output }],
  } });
  return {
    op: 'If', name: 'choose', inputs: ['flag'], outputs: ['y'],
    attributes: { then_branch: branch('t', 'Neg'), else_branch: branch('e', 'Abs') },
  };
}

const PLACES: Record<string, FixtureModel> = {
  'outside the branches that gather': { inputs: [I, FLAG], outputs: [Y], initializers: [W], nodes: [choose([], [])] },
  'in each branch, as an initializer': { inputs: [I, FLAG], outputs: [Y], nodes: [choose([], [W])] },
  'in each branch, as a Constant': { inputs: [I, FLAG], outputs: [Y], nodes: [choose([constant], [])] },
  'in a function that is called twice': {
    domains: { f: 1 }, inputs: [I], outputs: [Y],
    functions: [{ domain: 'f', name: 'Embed', inputs: ['i'], outputs: ['rows'], nodes: [constant, gather('rows')] }],
    nodes: [
      { op: 'Embed', domain: 'f', inputs: ['i'], outputs: ['a'] }, { op: 'Embed', domain: 'f', inputs: ['i'], outputs: ['b'] },
      { op: 'Add', inputs: ['a', 'b'], outputs: ['y'] },
    ],
  },
  'in external data': { inputs: [I], outputs: [Y], initializers: [{ ...W, form: 'external' }], nodes: [gather('y')] },
};

describe('a table stands', () => {
  it.each(Object.entries(PLACES))('%s', async (_, place) => {
    const fixture = { ir: 8, ...place };
    const indices = { i: indexTensor([2, 3], [0, 5, -2, 7, 7, 100]) };
    for (const bits of [3, 4, 8] as const) {
      const built = buildModel(fixture);
      const copy = copyOf(built, { bits });
      await expectStoredWeights(native, copy);
      expect(gathersRows(copy)).toBe(true);
      const reference = buildModel(JSON.parse(JSON.stringify(fixture, (key, value: unknown) => (
        key === 'data' ? [...copy.expected.values()][0]!.reduce<number[]>((all, each) => [...all, each], []) : value
      ))) as FixtureModel);
      if (reference.external.size > 0) continue;
      for (const flag of fixture.inputs!.includes(FLAG) ? [0, 1] : [null]) {
        const inputs: Record<string, RuntimeTensor> = { ...indices };
        if (flag !== null) inputs.flag = { type: 'bool', dims: [], data: Uint8Array.of(flag) };
        expect(await native.evaluate(copy.model, inputs)).toEqual(await native.evaluate(reference.model, inputs));
      }
    }
  });
});

describe('a table stays whole', () => {
  const ids = { name: 'i', dims: ['n'], dtype: 'int64' as const };
  const out = (dims: (number | string)[]) => ({ name: 'z', dims });
  it.each<[string, FixtureNode, ReturnType<typeof out>]>([
    ['a product takes it too', { op: 'MatMul', inputs: ['y', 't'], outputs: ['z'] }, out(['n', ROWS])],
    ['other nodes look at it', { op: 'Shape', inputs: ['w'], outputs: ['z'] }, { ...out([2]), dtype: 'int64' } as never],
    ['it is an output', { op: 'Identity', inputs: ['y'], outputs: ['z'] }, { name: 'w', dims: [ROWS, 64] }],
    ['columns are gathered', { op: 'Gather', inputs: ['w', 'i'], outputs: ['z'], attributes: { axis: 1 } }, out([ROWS, 'n'])],
  ])('where %s', async (_, node, output) => {
    const transposed: FixtureNode[] = node.inputs.includes('t')
      ? [{ op: 'Transpose', inputs: ['w'], outputs: ['t'] }] : [];
    const fixture: FixtureModel = {
      inputs: [ids], outputs: [{ name: 'y', dims: ['n', 64] }, output],
      initializers: [{ name: 'w', dims: [ROWS, 64], data: laplacian(ROWS * 64, 3) }],
      nodes: [{ op: 'Gather', inputs: ['w', 'i'], outputs: ['y'] }, ...transposed, node],
    };
    const copy = await expectSameRows(fixture, { bits: 4 }, { i: indexTensor([4], [1, 2, 3, 63]) });
    expect(gathersRows(copy)).toBe(false);
  });

  it('where padding would take more than an eighth of a row, or Slice has no inputs yet', async () => {
    for (const [length, opset, bits, rows] of [[10, 13, 3, 5000], [37, 9, 3, ROWS], [37, 9, 4, ROWS]] as const) {
      const copy = copyOf(buildModel(model({ length, opset, rows })), { bits });
      await expectStoredWeights(native, copy);
      expect(gathersRows(copy)).toBe(false);
    }
  });
});
