import { beforeAll, describe, expect, it } from 'vitest';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import {
  buildModel, laplacian, type FixtureAttribute, type FixtureModel, type FixtureTensor,
} from '../../../fixtures/modelBuilder';
import { copyOf, expectStoredWeights } from './copyHelper';

let native: Runtime;
let wasm: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  wasm = await wasmRuntime();
});

const TYPES = ['float32', 'float16', 'bfloat16', 'float64'] as const;
type Type = (typeof TYPES)[number];

/** An operator with its weights and everything else that it needs. */
interface Consumer {
  weights: Record<string, number[]>;
  others?: Record<string, number[]>;
  x: number[];
  inputs: string[];
  attributes?: Record<string, FixtureAttribute>;
  domain?: string;
  ids?: number[];
}

const HIDDEN = 67;
const recurrent = (gates: number, directions: number): Consumer => ({
  weights: { w: [directions, gates * HIDDEN, 37], r: [directions, gates * HIDDEN, HIDDEN] },
  x: [5, 1, 37],
  inputs: ['x', 'w', 'r'],
  attributes: { hidden_size: HIDDEN, direction: directions === 2 ? 'bidirectional' : 'forward' },
});

const CONSUMERS: Record<string, Consumer> = {
  'ConvTranspose': { weights: { w: [24, 33, 3, 5] }, x: [1, 24, 6, 6], inputs: ['x', 'w'] },
  'ConvTranspose in groups': { weights: { w: [24, 33, 3, 5] }, x: [1, 24, 6, 6], inputs: ['x', 'w'], attributes: { group: 3 } },
  'LSTM': recurrent(4, 1),
  'LSTM in both directions': recurrent(4, 2),
  'GRU': recurrent(3, 1),
  'GRU in both directions': recurrent(3, 2),
  'RNN': recurrent(1, 1),
  'Gather': { weights: { w: [331, 33] }, x: [4], inputs: ['w', 'x'], ids: [0, 330, 7, 7] },
  'Attention': {
    weights: { w: [61, 3 * 32] }, others: { b: [3 * 32] }, x: [1, 6, 61], inputs: ['x', 'w', 'b'],
    attributes: { num_heads: 4, qkv_hidden_sizes: [32, 32, 32] }, domain: 'com.microsoft',
  },
};

const attention = (inputs: string[], weights: Consumer['weights']): Consumer => ({
  weights, others: { b: [3 * 32] }, x: [1, 6, 32], inputs, attributes: { num_heads: 4 }, domain: 'com.microsoft',
});

/** ONNX Runtime runs these on GPUs alone. */
const WITHOUT_KERNEL: Record<string, Consumer> = {
  'PackedAttention': attention(['x', 'w', 'b', 'offsets', 'lengths'], { w: [32, 3 * 32] }),
  'DecoderMaskedSelfAttention': attention(['x', 'w', 'b', '', 'past', '', 'length'], { w: [32, 3 * 32] }),
  'LongformerAttention': attention(['x', 'w', 'b', 'mask', 'g', 'b', 'global'], { w: [32, 3 * 32], g: [32, 3 * 32] }),
  'DecoderAttention': attention(['x', 'key', 'q', 'kv', 'b'], { q: [32, 32], kv: [32, 2 * 32] }),
};

function modelOf(name: string, dtype: Type, weights?: ReadonlyMap<string, Float32Array>): FixtureModel {
  const consumer = { ...CONSUMERS, ...WITHOUT_KERNEL }[name]!;
  const tensors = ([tensor, dims]: [string, number[]]): FixtureTensor => (
    { name: tensor, dims, dtype, data: weights?.get(tensor) ?? laplacian(dims.reduce((a, b) => a * b, 1), dims.length) }
  );
  return {
    domains: { 'com.microsoft': 1 },
    inputs: [{ name: 'x', dims: consumer.x, dtype: consumer.ids ? 'int64' : dtype }],
    outputs: [{ name: 'y', dims: [], dtype }],
    initializers: [...Object.entries(consumer.weights), ...Object.entries(consumer.others ?? {})].map(tensors),
    nodes: [{
      op: name.split(' ')[0]!, domain: consumer.domain ?? '', inputs: consumer.inputs, outputs: ['y'],
      attributes: consumer.attributes ?? {},
    }],
  };
}

function inputOf(name: string): Record<string, RuntimeTensor> {
  const { x: dims, ids } = CONSUMERS[name]!;
  if (ids) return { x: { type: 'int64', dims, data: BigInt64Array.from(ids.map(BigInt)) } };
  return { x: { type: 'float32', dims, data: laplacian(dims.reduce((a, b) => a * b, 1), 7, 1) } };
}

describe.each(Object.keys(CONSUMERS))('weights of %s', (name) => {
  it.each(TYPES)('are stored exactly as %s', async (dtype) => {
    for (const bits of [3, 6, 8] as const) {
      const copy = copyOf(buildModel(modelOf(name, dtype)), { bits, normalize: bits === 6 ? 'layer' : 'none' });
      await expectStoredWeights(native, copy);
      if (bits === 3) await expectStoredWeights(wasm, copy);
    }
  });

  it('give the output of the float model with dequantized weights', async () => {
    for (const granularity of ['tensor', 'channel'] as const) {
      const copy = copyOf(buildModel(modelOf(name, 'float32')), { bits: 4, granularity });
      const reference = buildModel(modelOf(name, 'float32', copy.expected)).model;
      expect(await native.evaluate(copy.model, inputOf(name))).toEqual(await native.evaluate(reference, inputOf(name)));
    }
  });
});

it.each(Object.keys(WITHOUT_KERNEL))('weights of %s are stored exactly, a scale for each output channel', async (name) => {
  const { weights } = WITHOUT_KERNEL[name]!;
  const copy = copyOf(buildModel(modelOf(name, 'float32')), { bits: 4, granularity: 'channel' });
  expect(copy.source.layers.map((layer) => [layer.name, layer.channelAxis])).toEqual(Object.keys(weights).map((tensor) => [tensor, 1]));
  await expectStoredWeights(native, copy);
});

describe('types beyond float32', () => {
  it('float64 runs whole', async () => {
    const model = (data: ArrayLike<number>): FixtureModel => ({
      inputs: [{ name: 'x', dims: [2, 50], dtype: 'float64' }],
      outputs: [{ name: 'y', dims: [2, 40], dtype: 'float64' }],
      initializers: [{ name: 'w', dims: [50, 40], dtype: 'float64', data }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    // Numbers that no float32 holds.
    const weights = Float64Array.from(laplacian(2000, 3), (weight) => weight / 3);
    const copy = copyOf(buildModel(model(weights)), { bits: 8, grid: 'affine' });
    const x: RuntimeTensor = { type: 'float64', dims: [2, 50], data: Float64Array.from(laplacian(100, 4)) };
    const reference = buildModel(model(copy.expected.get('w')!)).model;
    expect(await native.evaluate(copy.model, { x })).toEqual(await native.evaluate(reference, { x }));
  });
});

describe('sparse weights', () => {
  const sparse = (nonzero: number): FixtureModel => ({
    inputs: [{ name: 'x', dims: [2, 60] }],
    outputs: [{ name: 'y', dims: [2, 50] }],
    sparseInitializers: [{
      name: 'w', dims: [60, 50], values: [...laplacian(nonzero, 8)], indices: Array.from({ length: nonzero }, (_, i) => 2 * i),
    }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  });

  it('become dense codes where that is smaller', async () => {
    const copy = copyOf(buildModel(sparse(1400)), { bits: 3 });
    await expectStoredWeights(native, copy);
    const dense: FixtureModel = { ...sparse(0), sparseInitializers: [] };
    const reference = { ...dense, initializers: [{ name: 'w', dims: [60, 50], data: copy.expected.get('w')! }] };
    const x: RuntimeTensor = { type: 'float32', dims: [2, 60], data: laplacian(120, 9) };
    expect(await native.evaluate(copy.model, { x })).toEqual(await native.evaluate(buildModel(reference).model, { x }));
  });

  it('stay sparse where it is not', () => {
    const built = buildModel(sparse(40));
    const copy = copyOf(built, { bits: 3 });
    expect(copy.plan.size.skipped).toEqual([{ layer: 0, name: 'w', reason: 'not-smaller' }]);
    expect(copy.model).toEqual(Buffer.from(built.model));
  });
});
