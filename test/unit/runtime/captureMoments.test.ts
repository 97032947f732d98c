import { describe, expect, it, test } from 'vitest';
import { memoryFiles } from '../../../src/core/bytes/memorySource';
import { calibratedLayers } from '../../../src/core/calibration/calibratedLayers';
import type { InputMoments } from '../../../src/core/calibration/inputMoments';
import { toMatrix, type CalibratedLayer } from '../../../src/core/calibration/layerMatrix';
import type { ReplacedWeights } from '../../../src/core/calibration/partialGraph';
import type { Job } from '../../../src/core/job';
import { indexModel, readNetwork } from '../../../src/core/onnx/indexModel';
import { readWeights } from '../../../src/core/onnx/weights';
import { captureMoments } from '../../../src/runtime/captureMoments';
import { fitInputs } from '../../../src/runtime/inputs/fitInputs';
import type { InputArray } from '../../../src/runtime/inputs/inputArray';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';
import type { Runtime } from '../../../src/runtime/runtime';
import { wasmRuntime } from '../../../src/runtime/wasmRuntime';
import { buildModel, laplacian, seededRandom, type BuiltModel, type FixtureModel, type FixtureNode } from '../../fixtures/modelBuilder';

const SAMPLES = 40;

function samplesOf(dims: number[], seed = 7): InputArray {
  const random = seededRandom(seed);
  const length = dims.reduce((product, dim) => product * dim, SAMPLES);
  return { name: null, dims: [SAMPLES, ...dims], values: Float32Array.from({ length }, () => random() * 2 - 0.7), pixels: false };
}

interface Captured {
  layers: CalibratedLayer[];
  moments: InputMoments[];
  reasons: Map<number, string>;
  weights: Float32Array[];
}

async function capture(
  runtime: Runtime, built: BuiltModel, input: number[], replaced: ReplacedWeights = new Map(), samples = SAMPLES, job: Job = {},
  array = samplesOf(input),
): Promise<Captured> {
  const files = memoryFiles('m.onnx', built.model, built.external);
  const index = indexModel(files, 'm.onnx');
  const network = readNetwork(files, undefined);
  const { layers, reasons } = calibratedLayers(index, network, index.layers.map((layer) => layer.index));
  const { moments } = await captureMoments(
    runtime, { files, index, network, replaced, arrays: [array], options: {}, samples }, layers, job,
  );
  const weights = layers.map(({ layer, matrix }) => (
    toMatrix(readWeights(files, index.tensors[layer.tensor]!), matrix, new Float32Array(layer.elements))
  ));
  return { layers, moments, reasons, weights };
}

/** Of each channel of an output [samples, channels, …] or [samples, …, channels], means over all the rest. */
async function outputMoments(
  runtime: Runtime, model: Uint8Array, input: number[], output: string, channelsLast: boolean,
): Promise<{ square: number[]; mean: number[] }> {
  return runtime.withModelBytes(model, async ({ inputs, run }) => {
    const fitted = fitInputs([samplesOf(input)], inputs, {}, SAMPLES);
    const { dims, data } = (await run(fitted.feeds(0)))[output]!;
    const channels = channelsLast ? dims.at(-1)! : dims[1]!;
    const after = channelsLast ? 1 : dims.slice(2).reduce((product, dim) => product * dim, 1);
    const [square, mean] = [new Array<number>(channels).fill(0), new Array<number>(channels).fill(0)];
    const values = Array.from(data as Float32Array, Number);
    values.forEach((y, i) => {
      const channel = Math.floor(i / after) % channels;
      square[channel]! += (y * y * channels) / values.length;
      mean[channel]! += (y * channels) / values.length;
    });
    return { square, mean };
  });
}

/** wᵀ C w and w · E[x] of each row. */
function predictedMoments({ groups, columns, second, first }: InputMoments, weights: Float32Array): { square: number[]; mean: number[] } {
  const rows = weights.length / columns;
  const row = (index: number): Float32Array => weights.subarray(index * columns, (index + 1) * columns);
  const group = (index: number): number => Math.floor((index * groups) / rows);
  return {
    square: Array.from({ length: rows }, (_, o) => row(o).reduce((sum, w, i) => (
      sum + w * row(o).reduce((inner, v, j) => inner + v * second[(group(o) * columns + i) * columns + j]!, 0)
    ), 0)),
    mean: Array.from({ length: rows }, (_, o) => row(o).reduce((sum, w, i) => sum + w * first[group(o) * columns + i]!, 0)),
  };
}

function convolution(dims: number[], image: number[], attributes: FixtureNode['attributes'], changes: Partial<FixtureModel> = {}): FixtureModel {
  return {
    inputs: [{ name: 'x', dims: ['batch', ...image] }],
    outputs: [{ name: 'y', dims: ['batch', dims[0]!, ...image.slice(1).map((_, i) => `d${i}`)] }],
    initializers: [{ name: 'w', dims, data: laplacian(dims.reduce((product, dim) => product * dim, 1), 3) }],
    nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], ...(attributes && { attributes }) }],
    ...changes,
  };
}

function product(dims: number[], input: (number | string)[], nodes: FixtureNode[], changes: Partial<FixtureModel> = {}): FixtureModel {
  return {
    inputs: [{ name: 'x', dims: ['batch', ...input] }],
    outputs: [{ name: 'y', dims: ['batch', ...input.slice(0, -1), 6] }],
    initializers: [{ name: 'w', dims, data: laplacian(dims[0]! * dims[1]!, 4) }],
    nodes,
    ...changes,
  };
}

const matMul: FixtureNode = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] };

const CONVOLUTIONS: [string, FixtureModel, number[]][] = [
  ['no attributes', convolution([4, 3, 3, 3], [3, 7, 6], {}), [3, 7, 6]],
  ['strides and uneven pads', convolution([4, 3, 3, 2], [3, 9, 8], { strides: [2, 1], pads: [1, 0, 2, 1] }), [3, 9, 8]],
  ['dilations', convolution([2, 2, 3, 3], [2, 9, 9], { dilations: [2, 2] }), [2, 9, 9]],
  ['auto_pad', convolution([2, 2, 3, 3], [2, 8, 7], { auto_pad: 'SAME_UPPER', strides: [2, 2] }), [2, 8, 7]],
  ['two groups', convolution([6, 2, 3, 3], [4, 6, 6], { group: 2, pads: [1, 1, 1, 1] }), [4, 6, 6]],
  ['depthwise', convolution([5, 1, 3, 3], [5, 6, 6], { group: 5 }), [5, 6, 6]],
  ['depthwise with two filters a channel', convolution([6, 1, 3, 3], [3, 6, 6], { group: 3 }), [3, 6, 6]],
  ['one dimension', convolution([4, 3, 5], [3, 20], { strides: [3] }), [3, 20]],
  ['three dimensions', convolution([2, 2, 2, 2, 2], [2, 4, 5, 4], {}), [2, 4, 5, 4]],
  ['kernels of one place', convolution([4, 3, 1, 1], [3, 5, 5], { strides: [2, 2] }), [3, 5, 5]],
  ['old operators, weight among the inputs', convolution([2, 3, 3, 3], [3, 5, 5], {}, {
    opset: 7, ir: 3, inputs: [{ name: 'x', dims: ['batch', 3, 5, 5] }, { name: 'w', dims: [2, 3, 3, 3] }],
  }), [3, 5, 5]],
  ['newest operators', convolution([2, 3, 3, 3], [3, 5, 5], {}, { opset: 21, ir: 10 }), [3, 5, 5]],
];

const PRODUCTS: [string, FixtureModel, number[]][] = [
  ['MatMul', product([5, 6], [5], [matMul]), [5]],
  ['MatMul of sequences', product([5, 6], [4, 5], [matMul]), [4, 5]],
  ['MatMul by a turned weight', product([6, 5], [5], [
    { op: 'Transpose', inputs: ['w'], outputs: ['wt'], attributes: { perm: [1, 0] } }, { ...matMul, inputs: ['x', 'wt'] },
  ]), [5]],
  ['Gemm', product([5, 6], [5], [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'] }]), [5]],
  ['Gemm by rows', product([6, 5], [5], [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1 } }]), [5]],
  ['Gemm that turns its inputs', product([5, 6], [5], [
    { op: 'Transpose', inputs: ['x'], outputs: ['xt'], attributes: { perm: [1, 0] } },
    { op: 'Gemm', inputs: ['xt', 'w'], outputs: ['y'], attributes: { transA: 1 } },
  ]), [5]],
  ['MatMul by a matrix with an axis of one before it', product([5, 6], [4, 5], [matMul], {
    initializers: [{ name: 'w', dims: [1, 5, 6], data: laplacian(30, 4) }],
  }), [4, 5]],
  ['the same, turned', product([6, 5], [4, 5], [
    { op: 'Transpose', inputs: ['w'], outputs: ['wt'], attributes: { perm: [0, 2, 1] } }, { ...matMul, inputs: ['x', 'wt'] },
  ], { initializers: [{ name: 'w', dims: [1, 6, 5], data: laplacian(30, 4) }] }), [4, 5]],
  ['a weight in external data', product([5, 6], [5], [matMul], {
    initializers: [{ name: 'w', dims: [5, 6], data: laplacian(30, 4), form: 'external' }],
  }), [5]],
  ['a weight in a Constant', product([5, 6], [5], [
    { op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: { name: '', dims: [5, 6], data: laplacian(30, 4) } } } }, matMul,
  ], { initializers: [] }), [5]],
];

/** External data in the model file, so that ONNX Runtime takes it as bytes. */
function runnable(fixture: FixtureModel): Uint8Array {
  const initializers = (fixture.initializers ?? []).map((tensor) => ({ ...tensor, form: 'raw' as const }));
  return buildModel({ ...fixture, initializers }).model;
}

describe.each(['native', 'wasm'] as const)('moments captured in %s ONNX Runtime', (name) => {
  const runtime = name === 'native' ? nativeRuntime() : wasmRuntime();

  test.each([...CONVOLUTIONS.map((each) => [...each, false] as const), ...PRODUCTS.map((each) => [...each, true] as const)])(
    'predict the outputs’ moments: %s', async (_, fixture, input, channelsLast) => {
      const { moments: [moments], weights: [weights] } = await capture((await runtime)!, buildModel(fixture), input);
      const predicted = predictedMoments(moments!, weights!);
      const measured = await outputMoments((await runtime)!, runnable(fixture), input, 'y', channelsLast);
      expect(predicted.square).toHaveLength(measured.square.length);
      predicted.square.forEach((square, i) => expect(square / measured.square[i]!).toBeCloseTo(1, 4));
      predicted.mean.forEach((mean, i) => expect(mean).toBeCloseTo(measured.mean[i]!, 4));
    });
});

describe('captured moments', () => {
  const two = product([5, 6], [5], [matMul, { op: 'Relu', inputs: ['y'], outputs: ['h'] }, { op: 'MatMul', inputs: ['h', 'v'], outputs: ['z'] }], {
    initializers: [{ name: 'w', dims: [5, 6], data: laplacian(30, 4) }, { name: 'v', dims: [6, 2], data: laplacian(12, 5) }],
    outputs: [{ name: 'z', dims: ['batch', 2] }],
  });

  it('are those of a network whose earlier weights are replaced', async () => {
    const runtime = (await nativeRuntime())!;
    const other = laplacian(30, 9);
    const [weight] = two.initializers!;
    const changed = buildModel({ ...two, initializers: [{ ...weight!, data: other }, two.initializers![1]!] });
    const replaced = await capture(runtime, buildModel(two), [5], new Map([[0, Float32Array.from(other)]]));
    const expected = await capture(runtime, changed, [5]);
    const original = await capture(runtime, buildModel(two), [5]);
    expect(replaced.moments[1]).toEqual(expected.moments[1]);
    expect(replaced.moments[1]!.second).not.toEqual(original.moments[1]!.second);
    expect(replaced.moments[0]).toEqual(original.moments[0]);
  });

  it('of a weight with two consumers are over both inputs', async () => {
    const shared = product([5, 5], [5], [matMul, { op: 'MatMul', inputs: ['y', 'w'], outputs: ['z'] }], {
      initializers: [{ name: 'w', dims: [5, 5], data: laplacian(25, 4) }], outputs: [{ name: 'z', dims: ['batch', 5] }],
    });
    const { moments } = await capture((await nativeRuntime())!, buildModel(shared), [5]);
    expect(moments).toMatchObject([{ positions: 2 * SAMPLES }]);
  });

  it('are over the first samples, when only so many are wanted', async () => {
    const { moments: [exact] } = await capture((await nativeRuntime())!, buildModel(two), [5], new Map(), 20);
    expect(exact!.positions).toBe(20);
    const batches = { ...two, inputs: [{ name: 'x', dims: [8, 5] }] };
    const { moments } = await capture((await nativeRuntime())!, buildModel(batches), [5], new Map(), 20);
    expect(moments[0]!.positions).toBe(24);
  });

  test.each([
    ['NaN', NaN, 'what it has for x holds NaN or infinity'],
    ['infinity', -Infinity, 'what it has for x holds NaN or infinity'],
    ['a number whose square is no float32', 1e30, 'run on it, the model multiplies w by numbers that are too large, or none'],
  ])('are none where inputs hold %s', async (_, value, message) => {
    const array = samplesOf([5]);
    array.values[7] = value;
    const built = buildModel(product([5, 6], [5], [matMul]));
    await expect(capture((await nativeRuntime())!, built, [5], new Map(), SAMPLES, {}, array)).rejects.toMatchObject({
      problem: { code: 'inputs-invalid', detail: { message } },
    });
  });

  it('are none of a model that does not run, and nothing is said of a copy', async () => {
    const unheard = product([5, 6], [5], [{ op: 'Unheard', inputs: ['x'], outputs: ['u'] }, { ...matMul, inputs: ['u', 'w'] }]);
    await expect(capture((await nativeRuntime())!, buildModel(unheard), [5])).rejects.toMatchObject({ problem: { code: 'model-does-not-run' } });
  });

  it('of more inputs than fit are those of blocks of them', async () => {
    const wide = product([6000, 6], [6000], [matMul], { initializers: [{ name: 'w', dims: [6000, 6], data: laplacian(36_000, 4) }] });
    const { layers: [layer], moments: [moments], weights: [weights] } = await capture((await nativeRuntime())!, buildModel(wide), [6000]);
    expect(layer!.matrix).toMatchObject({ rows: 36, columns: 1000, groups: 6, inputBlocks: 6 });
    const { values } = samplesOf([6000]);
    const mean = (of: (sample: number) => number): number => Array.from({ length: SAMPLES }, (_, i) => of(i)).reduce((a, b) => a + b) / SAMPLES;
    const x = (sample: number, input: number): number => Number(values[sample * 6000 + input]);
    expect(moments!.second[(4 * 1000 + 7) * 1000 + 11]).toBeCloseTo(mean((i) => x(i, 4007) * x(i, 4011)), 5);
    expect(moments!.first[2 * 1000 + 5]).toBeCloseTo(mean((i) => x(i, 2005)), 5);
    // Row 2 · 6 + 2 has the third block of output 2's weights.
    expect(weights![14 * 1000 + 3]).toBe(wide.initializers![0]!.data[2003 * 6 + 2]);
  });

  it('say which layers they cannot be had of', async () => {
    const built = buildModel(product([5, 6], [5], [
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, { op: 'MatMul', inputs: ['u', 'y'], outputs: ['z'] },
    ], { initializers: [{ name: 'w', dims: [5, 6], data: laplacian(30, 4) }, { name: 'u', dims: [3, 40], data: laplacian(120, 4) }] }));
    const { layers, reasons } = await capture((await nativeRuntime())!, built, [5]);
    expect(layers.map(({ layer }) => layer.name)).toEqual(['w']);
    expect([...reasons.values()]).toEqual(['operator-not-calibrated']);
  });

  test.each([[[2, 1, 0]], [[2, 0, 1]], [[1, 2, 0]]])('are none of a matrix whose axis of one is moved into it: %j', async (perm) => {
    const dims = perm.map((axis) => [1, 5, 6][axis]!);
    const built = buildModel({
      inputs: [{ name: 'x', dims: [dims[0]!, 4, dims[1]!] }],
      outputs: [{ name: 'y', dims: [dims[0]!, 4, dims[2]!] }],
      initializers: [{ name: 'w', dims: [1, 5, 6], data: laplacian(30, 4) }],
      nodes: [{ op: 'Transpose', inputs: ['w'], outputs: ['wt'], attributes: { perm } }, { ...matMul, inputs: ['x', 'wt'] }],
    });
    const files = memoryFiles('m.onnx', built.model, built.external);
    const index = indexModel(files, 'm.onnx');
    expect([...calibratedLayers(index, readNetwork(files, undefined), [0]).reasons.values()]).toEqual(['operator-not-calibrated']);
  });

  it('stop when the job is cancelled', async () => {
    let looks = 0;
    const job = { signal: { get aborted() { return ++looks > 0; } } };
    const stopped = capture((await nativeRuntime())!, buildModel(two), [5], new Map(), SAMPLES, job);
    await expect(stopped).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(looks).toBe(1);
  });
});
