import { onnx } from 'onnx-proto';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIT_WIDTHS, GRIDS, METHODS, scopeOf, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import { buildModel, laplacian, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { copyOf, expectStoredWeights, withWeights, type MadeCopy } from './copyHelper';

let native: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
});

interface Shape {
  inputs: number;
  outputs: number;
  node?: Partial<FixtureNode>;
  opset?: number;
  rows?: (number | string)[];
}

/** Two products of one weight. */
function model({ inputs, outputs, node = {}, opset = 13, rows = ['rows'] }: Shape): FixtureModel {
  const dims = node.attributes?.transB === 1 ? [outputs, inputs] : [inputs, outputs];
  const product = (left: string, output: string): FixtureNode => (
    { op: 'MatMul', ...node, inputs: [left, 'w', ...(node.inputs ?? [])], outputs: [output] }
  );
  return {
    opset,
    inputs: [{ name: 'x', dims: [...rows, inputs] }],
    outputs: ['y', 'z'].map((name) => ({ name, dims: [...rows, outputs] })),
    initializers: [
      { name: 'w', dims, data: laplacian(inputs * outputs, 1) },
      ...(node.inputs ? [{ name: 'b', dims: [outputs], data: laplacian(outputs, 2) }] : []),
    ],
    nodes: [product('x', 'y'), { op: 'Neg', inputs: ['x'], outputs: ['minus'] }, product('minus', 'z')],
  };
}

const PRODUCTS: Record<string, Partial<FixtureNode>> = {
  'MatMul': {},
  'Gemm': { op: 'Gemm' },
  'Gemm with a bias': { op: 'Gemm', inputs: ['b'], attributes: { alpha: { float: 1 }, beta: { float: 1 } } },
  'Gemm transB with a bias': { op: 'Gemm', inputs: ['b'], attributes: { transB: 1 } },
};

/** Odd ones; less than a block; many blocks. */
const SIZES = [[100, 31], [257, 7], [13, 130], [513, 40]] as const;

/** Float32 sums of some hundred products in another order, and of products with activations of 8 bits. */
const SUMMED_OTHERWISE = 4e-6;
const ROUNDED_ACTIVATIONS = 2e-2;

const fast = (fixture: FixtureModel, settings: PartialSettings): MadeCopy => (
  copyOf(buildModel(fixture), settings, undefined, { format: 'fast' })
);

/** With activations as they are instead of rounded to 8 bits. */
function unrounded(bytes: Uint8Array): Uint8Array {
  const decoded = onnx.ModelProto.decode(bytes);
  for (const { attribute } of decoded.graph!.node!) {
    for (const each of attribute ?? []) if (each.name === 'accuracy_level') each.i = 0;
  }
  return onnx.ModelProto.encode(decoded).finish();
}

function opsOf({ model: bytes }: MadeCopy): string[] {
  return onnx.ModelProto.decode(bytes).graph!.node!.map(({ opType }) => opType!);
}

function inputOf(dims: number[]): Record<string, RuntimeTensor> {
  return { x: { type: 'float32', dims, data: laplacian(dims.reduce((a, b) => a * b, 1), 9) } };
}

/** The largest difference in units of the largest value. */
function largestDifference(a: Record<string, RuntimeTensor>, b: Record<string, RuntimeTensor>): number {
  return Math.max(...Object.keys(b).map((name) => {
    const [actual, expected] = [a[name]!, b[name]!];
    expect(actual.dims).toEqual(expected.dims);
    const largest = (expected.data as Float32Array).reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    return (expected.data as Float32Array).reduce((most, each, i) => (
      Math.max(most, Math.abs(each - (actual.data as Float32Array)[i]!))
    ), 0) / largest;
  }));
}

async function expectProducts(runtime: Runtime, fixture: FixtureModel, settings: PartialSettings): Promise<void> {
  const copy = fast(fixture, settings);
  expect(copy.plan.size.layers).toMatchObject([{ format: 'fast', obstacle: null }]);
  await expectStoredWeights(runtime, copy);
  expect(opsOf(copy).filter((op) => op === 'MatMulNBits')).toHaveLength(2);
  expect(opsOf(copy)).not.toContain(fixture.nodes[0]!.op);
  const [inputs] = fixture.inputs!;
  const x = inputOf([5, inputs!.dims.at(-1) as number]);
  const expected = await runtime.evaluate(withWeights(fixture, copy), x);
  expect(largestDifference(await runtime.evaluate(unrounded(copy.model), x), expected)).toBeLessThan(SUMMED_OTHERWISE);
  expect(largestDifference(await runtime.evaluate(copy.model, x), expected)).toBeLessThan(ROUNDED_ACTIVATIONS);
}

describe('products on codes compute what the float model with dequantized weights computes', () => {
  for (const [name, node] of Object.entries(PRODUCTS)) {
    it.each(BIT_WIDTHS)(`${name}, %i bits`, async (bits) => {
      for (const [s, [inputs, outputs]] of SIZES.entries()) {
        const granularity = (['tensor', 'channel', 'block:16', 'block:64'] as const)[(s + bits) % 4]!;
        for (const grid of GRIDS) {
          if (grid === 'mid-rise' && bits === 8) continue;
          await expectProducts(native, model({ inputs, outputs, node }), { bits, grid, granularity });
        }
      }
    });
  }
});

describe('a fast copy', () => {
  it.each(['ranks 1', 'rank 3', 'no rows', 'opset 7', 'opset 21'])('multiplies %s', async (what) => {
    const rows = { 'ranks 1': [], 'rank 3': [2, 3], 'no rows': [0] }[what] ?? [4];
    const opset = { 'opset 7': 7, 'opset 21': 21 }[what] ?? 13;
    for (const bits of [3, 4] as const) {
      const fixture = model({ inputs: 70, outputs: 50, opset, rows: rows.map((_, axis) => `d${axis}`) });
      const copy = fast(fixture, { bits });
      const x = inputOf([...rows, 70]);
      const expected = await native.evaluate(withWeights(fixture, copy), x);
      if (rows.includes(0)) expect(await native.evaluate(copy.model, x)).toEqual(expected);
      else expect(largestDifference(await native.evaluate(copy.model, x), expected)).toBeLessThan(ROUNDED_ACTIVATIONS);
    }
  });

  it('runs in WebAssembly too', async () => {
    const wasm = await wasmRuntime();
    for (const [bits, grid] of [[2, 'affine'], [3, 'affine'], [4, 'symmetric'], [5, 'mid-rise'], [8, 'symmetric']] as const) {
      await expectProducts(wasm, model({ inputs: 100, outputs: 31 }), { bits, grid });
    }
  });

  it.each(METHODS)('stores %s where its levels are whole numbers times a scale, else exactly, and says so', async (method) => {
    for (const bits of [3, 4] as const) {
      const scope = scopeOf(method, bits);
      if (!scope.bits.includes(bits)) continue;
      const granularity = scope.granularities.includes('channel') ? 'channel' : 'tensor';
      const fixture = model({ inputs: 120, outputs: 90 });
      const settings = { method, bits, granularity } as const;
      const copy = fast(fixture, settings);
      const [stored] = copy.plan.size.layers;
      // Steps of powers of two; sums of powers of two, at 4 bits divided by 10.
      const isFast = ['uniform', 'sptq', 'msptq'].includes(method) || (method === 'apot' && bits === 3);
      expect([stored!.format, stored!.obstacle]).toEqual(isFast ? ['fast', null] : ['exact', 'levels-of-its-own']);
      if (isFast) await expectProducts(native, fixture, settings);
      else expect(copy.model).toEqual(copyOf(buildModel(fixture), settings).model);
    }
  });

  it('states com.microsoft once', () => {
    const imports = (domains?: Record<string, number>) => {
      const built = buildModel({ ...model({ inputs: 64, outputs: 64 }), ...(domains && { domains }) });
      const copy = copyOf(built, { bits: 4 }, undefined, { format: 'fast' });
      expect(copy.model.length).toBe(copy.plan.size.bytesAfter);
      return onnx.ModelProto.decode(copy.model).opsetImport!.map(({ domain, version }) => [domain, Number(version)]).sort();
    };
    expect(imports()).toEqual([['', 13], ['com.microsoft', 1]]);
    expect(imports({ 'com.microsoft': 1 })).toEqual([['', 13], ['com.microsoft', 1]]);
  });

  it('never unpacks codes of 2, 4 and 8 bits', () => {
    for (const bits of [2, 4, 8] as const) {
      const copy = fast(model({ inputs: 512, outputs: 64 }), { bits, grid: 'symmetric' });
      expect(opsOf(copy)).toEqual(['Tile', 'MatMulNBits', 'Neg', 'MatMulNBits']);
      const weight = onnx.ModelProto.decode(copy.model).graph!.initializer!.find(({ name }) => name === 'w.q.codesT')!;
      expect(weight.rawData!.length).toBe((512 * 64 * bits) / 8);
    }
  });

  it('puts codes into external data when the model file would be too large', async () => {
    const fixture = model({ inputs: 200, outputs: 300 });
    const copy = copyOf(buildModel(fixture), { bits: 3 }, undefined, { format: 'fast', maxModelBytes: 10_000 });
    expect(copy.data!.length).toBeGreaterThan((200 * 300 * 3) / 8);
    await expectStoredWeights(native, copy);
  });
});

describe('a layer is stored exactly in a fast copy', () => {
  const weight = (dims: number[], dtype?: 'float16'): FixtureTensor => (
    { name: 'w', dims, data: laplacian(dims.reduce((a, b) => a * b, 1), 4), ...(dtype && { dtype }) }
  );
  const x = { name: 'x', dims: ['n', 64] };
  const y = { name: 'y', dims: ['n', 80] };
  const alone = (node: Partial<FixtureNode>, more: Partial<FixtureModel> = {}): FixtureModel => ({
    inputs: [x], outputs: [y], initializers: [weight([64, 80])],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'], ...node }], ...more,
  });
  it.each<[string, FixtureModel, PartialSettings, string]>([
    ['where it is the left operand', alone({ inputs: ['w', 'x'] }, { inputs: [{ ...x, dims: [80, 'n'] }] }), {}, 'not-a-product'],
    ['where it is a batch', alone({}, { initializers: [weight([3, 64, 80])] }), {}, 'not-a-product'],
    ['in a Gemm with a factor', alone({ op: 'Gemm', attributes: { alpha: { float: 0.5 } } }), {}, 'not-a-product'],
    ['in a Gemm with a factor of 0', alone({ op: 'Gemm', attributes: { alpha: { float: 0 } } }), {}, 'not-a-product'],
    ['in a Gemm that transposes the left operand', alone({ op: 'Gemm', attributes: { transA: 1 } }), {}, 'not-a-product'],
    ['where products take it in two ways', alone({}, { initializers: [weight([64, 64])], nodes: [
      { op: 'Gemm', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Gemm', inputs: ['a', 'w'], outputs: ['y'], attributes: { transB: 1 } },
    ] }), {}, 'not-a-product'],
    ['where it is an output', alone({}, { outputs: [y, { name: 'w', dims: [64, 80] }] }), {}, 'not-a-product'],
    ['as float16', alone({}, {
      inputs: [{ ...x, dtype: 'float16' }], initializers: [weight([64, 80], 'float16')],
    }), {}, 'not-float32'],
    ['with a mean', alone({}), { normalize: 'layer' }, 'mean'],
    ['with too many levels', alone({}), { bits: 8, grid: 'mid-rise' }, 'too-many-levels'],
    ['in a function', {
      ...alone({}), initializers: [], domains: { f: 1 }, ir: 8,
      functions: [{ domain: 'f', name: 'Linear', inputs: ['u'], outputs: ['v'], nodes: [
        { op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: weight([64, 80]) } } },
        { op: 'MatMul', inputs: ['u', 'w'], outputs: ['v'] },
      ] }],
      nodes: [{ op: 'Linear', domain: 'f', inputs: ['x'], outputs: ['y'] }],
    }, {}, 'in-function'],
  ])('%s', (_, fixture, settings, obstacle) => {
    const copy = fast(fixture, { bits: 4, ...settings });
    expect(copy.plan.size.layers).toMatchObject([{ format: 'exact', obstacle }]);
    expect(copy.model).toEqual(copyOf(buildModel(fixture), { bits: 4, ...settings }).model);
  });

  it('though others of the model are fast', async () => {
    const fixture = alone({}, {
      outputs: [{ name: 'z', dims: ['n', 80] }],
      initializers: [weight([64, 80]), { ...weight([80, 80]), name: 'v' }],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] },
        { op: 'Gemm', inputs: ['y', 'v'], outputs: ['z'], attributes: { beta: { float: 2 } } },
      ],
    });
    const copy = fast(fixture, { bits: 3 });
    expect(copy.plan.size.layers.map(({ format }) => format)).toEqual(['fast', 'exact']);
    await expectStoredWeights(native, copy);
    const indices = { x: { type: 'float32' as const, dims: [2, 64], data: laplacian(128, 6) } };
    const expected = await native.evaluate(withWeights(fixture, copy), indices);
    expect(largestDifference(await native.evaluate(copy.model, indices), expected)).toBeLessThan(ROUNDED_ACTIVATIONS);
  });
});
