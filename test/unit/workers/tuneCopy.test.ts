import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { readWeights } from '../../../src/core/onnx/weights';
import { completeSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import type { CalibrationData, Tuning } from '../../../src/core/plan/plan';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import type { QuantizeReport } from '../../../src/protocol/coreService';
import { fitInputs } from '../../../src/runtime/inputs/fitInputs';
import { readInputs } from '../../../src/runtime/inputs/readInputs';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';
import { coreJobs } from '../../../src/workers/coreJobs';
import { npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, seededRandom, writeModel, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../fixtures/modelBuilder';

const SAMPLES = 64;

let folder: string;
let calibration: CalibrationData;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-tune-'));
  calibration = { inputs: join(folder, 'inputs.npy') };
  return () => rmSync(folder, { recursive: true });
});

/** Inputs whose means are far from zero, as behind Relu. */
function writeInputs(dims: number[]): void {
  const random = seededRandom(11);
  const length = dims.reduce((product, dim) => product * dim, SAMPLES);
  writeFileSync(join(folder, 'inputs.npy'), npyFloats([SAMPLES, ...dims], Float32Array.from({ length }, () => 1.5 * random())));
}

const tensor = (name: string, dims: number[], seed: number, changes: Partial<FixtureTensor> = {}): FixtureTensor => (
  { name, dims, data: laplacian(dims.reduce((product, dim) => product * dim, 1), seed), ...changes }
);

interface Written {
  report: QuantizeReport;
  path: string;
}

async function write(
  fixture: FixtureModel, tuning: Tuning, settings: PartialSettings = { bits: 3 },
  { format = 'exact', name = 'copy.onnx' }: { format?: 'exact' | 'fast'; name?: string } = {},
): Promise<Written> {
  const source = writeModel(folder, 'm.onnx', buildModel(fixture));
  const before = readFileSync(source);
  const jobs = coreJobs();
  const { layers } = await jobs.openModel({}, { path: source });
  const planned = layers.map(({ index }) => ({ layer: index, settings: completeSettings({ granularity: 'tensor', ...settings }) }));
  const path = join(folder, name);
  const report = await jobs.quantizeModel({}, { path: source }, planned, { path, format, force: true, verify: true, tuning });
  expect(report.verified).toMatchObject({ maxAbsDifference: 0, wholeModel: 'ran' });
  expect(report.outputs.reduce((bytes, output) => bytes + statSync(output).size, 0)).toBe(report.size.bytesAfter);
  expect(readFileSync(source)).toEqual(before);
  return { report, path };
}

/** A constant of a written model. */
function constantOf(path: string, name: string): { dims: number[]; dtype: string; values: number[] } {
  const files = openModelFiles(path);
  try {
    const found = indexModel(files, path).tensors.find((each) => each.name === name)!;
    return { dims: found.dims, dtype: found.dtype, values: [...readWeights(files, found)] };
  } finally {
    files.close();
  }
}

/** Output y of each channel (the second axis, or the last): mean and deviation. */
async function channelMoments(path: string, channelAxis: 1 | -1): Promise<{ mean: number[]; deviation: number[] }> {
  return (await nativeRuntime())!.withModel(path, [], async ({ inputs, run }) => {
    const { feeds } = fitInputs(readInputs(calibration.inputs), inputs, {}, SAMPLES);
    const { dims, data } = (await run(feeds(0))).y!;
    const channels = dims.at(channelAxis)!;
    const after = channelAxis === 1 ? dims.slice(2).reduce((product, dim) => product * dim, 1) : 1;
    const values = Array.from(data as Float32Array, Number);
    const each = Array.from({ length: channels }, (_, channel) => values.filter((__, i) => Math.floor(i / after) % channels === channel));
    const mean = each.map((own) => own.reduce((sum, value) => sum + value, 0) / own.length);
    const deviation = each.map((own, i) => Math.sqrt(own.reduce((sum, value) => sum + (value - mean[i]!) ** 2, 0) / own.length));
    return { mean, deviation };
  });
}

/** Largest difference of the means of outputs, in deviations. */
async function meanError(path: string, channelAxis: 1 | -1): Promise<number> {
  const [source, copy] = [await channelMoments(join(folder, 'm.onnx'), channelAxis), await channelMoments(path, channelAxis)];
  return Math.max(...source.mean.map((mean, i) => Math.abs(copy.mean[i]! - mean) / source.deviation[i]!));
}

const IMAGE = [4, 9, 9];

function convolution(inputs: string[], initializers: FixtureTensor[], changes: Partial<FixtureModel> = {}, group = 1): FixtureModel {
  return {
    inputs: [{ name: 'x', dims: ['batch', ...IMAGE] }],
    outputs: [{ name: 'y', dims: ['batch', 24, 9, 9] }],
    initializers,
    nodes: [{ op: 'Conv', inputs, outputs: ['y'], attributes: { pads: [1, 1, 1, 1], group } }],
    ...changes,
  };
}

function product(nodes: FixtureNode[], initializers: FixtureTensor[], changes: Partial<FixtureModel> = {}): FixtureModel {
  return { inputs: [{ name: 'x', dims: ['batch', 40] }], outputs: [{ name: 'y', dims: ['batch', 24] }], initializers, nodes, ...changes };
}

const gemm = (inputs: string[], attributes: FixtureNode['attributes'] = {}): FixtureNode => ({ op: 'Gemm', inputs, outputs: ['y'], attributes });
const W = tensor('w', [40, 24], 1);
const B = tensor('b', [24], 2);

const ONE_LAYER: [string, FixtureModel, number[], 1 | -1][] = [
  ['Conv', convolution(['x', 'w', 'b'], [tensor('w', [24, 4, 3, 3], 1), B]), IMAGE, 1],
  ['Conv without a bias', convolution(['x', 'w'], [tensor('w', [24, 4, 3, 3], 1)]), IMAGE, 1],
  ['a grouped Conv without a bias', convolution(['x', 'w'], [tensor('w', [24, 1, 3, 3], 1)], {}, 4), IMAGE, 1],
  ['Conv of IR 3', convolution(['x', 'w', 'b'], [tensor('w', [24, 4, 3, 3], 1), B], {
    ir: 3, opset: 9, inputs: [{ name: 'x', dims: ['batch', ...IMAGE] }, { name: 'w', dims: [24, 4, 3, 3] }, { name: 'b', dims: [24] }],
  }), IMAGE, 1],
  ['Gemm', product([gemm(['x', 'w', 'b'])], [W, B]), [40], -1],
  ['Gemm by rows', product([gemm(['x', 'w', 'b'], { transB: 1 })], [tensor('w', [24, 40], 1), tensor('b', [1, 24], 2)]), [40], -1],
  ['Gemm without a bias', product([gemm(['x', 'w'])], [W]), [40], -1],
  ['MatMul and Add', product([
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['p'] }, { op: 'Add', inputs: ['b', 'p'], outputs: ['y'] },
  ], [W, B]), [40], -1],
  ['a bias in a Constant', product([
    { op: 'Constant', inputs: [], outputs: ['b'], attributes: { value: { tensor: { ...B, name: '' } } } }, gemm(['x', 'w', 'b']),
  ], [W]), [40], -1],
  ['a bias in external data', product([gemm(['x', 'w', 'b'])], [W, { ...B, form: 'external' }]), [40], -1],
  ['a bias in typed data', product([gemm(['x', 'w', 'b'])], [W, { ...B, form: 'typed' }]), [40], -1],
  ['a layer of very many inputs', product([gemm(['x', 'w', 'b'])], [tensor('w', [6050, 24], 1), B], {
    inputs: [{ name: 'x', dims: ['batch', 6050] }],
  }), [6050], -1],
];

describe('a corrected bias', () => {
  test.each(ONE_LAYER)('takes the error of the outputs’ means away: %s', async (_, fixture, dims, channelAxis) => {
    writeInputs(dims);
    const plain = await write(fixture, { calibration });
    expect(plain.report.corrections).toBeNull();
    expect(await meanError(plain.path, channelAxis)).toBeGreaterThan(1e-2);
    const { report, path } = await write(fixture, { calibration, biasCorrection: true });
    expect(report.corrections).toEqual({ equalizedPairs: 0, correctedBiases: 1, uncorrected: [] });
    expect(await meanError(path, channelAxis)).toBeLessThan(1e-4);
  });

  it('keeps its name, shape and type, and rounds to float16', async () => {
    writeInputs([40]);
    const half = { dtype: 'float16' } as const;
    const fixture = product([
      { op: 'Cast', inputs: ['x'], outputs: ['h'], attributes: { to: 10 } }, { op: 'Gemm', inputs: ['h', 'w', 'b'], outputs: ['z'] },
      { op: 'Cast', inputs: ['z'], outputs: ['y'], attributes: { to: 1 } },
    ], [{ ...W, ...half }, tensor('b', [1, 24], 2, half)]);
    const plain = await write(fixture, { calibration });
    const [before, errorBefore] = [constantOf(plain.path, 'b'), await meanError(plain.path, -1)];
    const { path } = await write(fixture, { calibration, biasCorrection: true });
    const after = constantOf(path, 'b');
    expect(after).toMatchObject({ dims: [1, 24], dtype: 'float16' });
    expect(after.values).not.toEqual(before.values);
    expect(await meanError(path, -1)).toBeLessThan(errorBefore / 20);
  });

  it.each<[string, FixtureTensor[]]>([['given', []], ['there', [tensor('b', [32], 2)]]])(
    'follows the bias before it, %s, as that is corrected', async (_, biases) => {
      writeInputs([40]);
      const fixture = product([
        { op: 'Gemm', inputs: ['x', 'w', ...biases.map(({ name }) => name)], outputs: ['h'] },
        { op: 'Gemm', inputs: ['h', 'v'], outputs: ['y'] },
      ], [tensor('w', [40, 32], 1), tensor('v', [32, 24], 3), ...biases]);
      const { report, path } = await write(fixture, { calibration, biasCorrection: true });
      expect(report.corrections).toMatchObject({ correctedBiases: 2 });
      expect(await meanError(path, -1)).toBeLessThan(1e-4);
    });

  const LEFT: [string, string, FixtureModel][] = [
    ['bias-used-again', 'something else uses it, too', product([
      gemm(['x', 'w', 'b']), { op: 'Mul', inputs: ['y', 'b'], outputs: ['z'] },
    ], [W, B], { outputs: [{ name: 'z', dims: ['batch', 24] }] })],
    ['bias-missing', 'nothing is added to a product', product([{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }], [W])],
    ['bias-not-by-channel', 'it is one number', product([gemm(['x', 'w', 'b'])], [W, tensor('b', [1], 2)])],
    ['bias-not-by-channel', 'it is scaled', product([gemm(['x', 'w', 'b'], { beta: { float: 2 } })], [W, B])],
    ['bias-not-constant', 'nodes compute it', product([{ op: 'Neg', inputs: ['b'], outputs: ['n'] }, gemm(['x', 'w', 'n'])], [W, B])],
    ['weight-used-again', 'its weight is used again', product([
      { op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['p'] }, { op: 'Gemm', inputs: ['p', 'w', 'b'], outputs: ['y'] },
    ], [tensor('w', [40, 40], 1), tensor('b', [40], 2)], { outputs: [{ name: 'y', dims: ['batch', 40] }] })],
    ['operator-not-calibrated', 'its inputs are not captured', product([
      { op: 'Transpose', inputs: ['x'], outputs: ['xt'], attributes: { perm: [1, 0] } }, { op: 'MatMul', inputs: ['w', 'xt'], outputs: ['y'] },
    ], [tensor('w', [24, 40], 1)], {
      outputs: [{ name: 'y', dims: [24, 'batch'] }],
    })],
  ];
  test.each(LEFT)('is left alone and reported as %s when %s', async (reason, _, fixture) => {
    writeInputs([40]);
    const { report, path } = await write(fixture, { calibration, biasCorrection: true });
    expect(report.corrections).toEqual({ equalizedPairs: 0, correctedBiases: 0, uncorrected: [{ layer: 0, name: 'w', reason }] });
    const bias = fixture.initializers!.find(({ name }) => name === 'b');
    if (bias) expect(constantOf(path, 'b').values).toEqual(constantOf(join(folder, 'm.onnx'), 'b').values);
  });

  it('is none of a product that a fast copy writes anew', async () => {
    writeInputs([40]);
    const without = await write(product([gemm(['x', 'w'])], [W]), { calibration, biasCorrection: true }, { bits: 4 }, { format: 'fast' });
    expect(without.report.corrections!.uncorrected).toEqual([{ layer: 0, name: 'w', reason: 'bias-missing' }]);
    const { report } = await write(product([gemm(['x', 'w', 'b'])], [W, B]), { calibration, biasCorrection: true }, { bits: 4 }, { format: 'fast' });
    expect(report.size.layers).toMatchObject([{ format: 'fast' }]);
    expect(report.corrections).toMatchObject({ correctedBiases: 1, uncorrected: [] });
  });

  it('needs calibration', async () => {
    await expect(write(product([gemm(['x', 'w', 'b'])], [W, B]), { biasCorrection: true }))
      .rejects.toMatchObject({ problem: { code: 'calibration-missing' } });
  });
});

/** A depthwise convolution whose channels differ a hundredfold, between two others. */
const DEPTHWISE: FixtureModel = {
  inputs: [{ name: 'x', dims: ['batch', ...IMAGE] }],
  outputs: [{ name: 'y', dims: ['batch', 24, 9, 9] }],
  initializers: [
    tensor('expand', [32, 4, 1, 1], 1), tensor('b1', [32], 2), tensor('depth', [32, 1, 3, 3], 3), tensor('b2', [32], 4),
    tensor('project', [24, 32, 1, 1], 5),
  ].map((each) => (each.name === 'depth' ? { ...each, data: Array.from(each.data, (w, i) => w * 10 ** ((Math.floor(i / 9) % 5) / 2 - 1)) } : each)),
  nodes: [
    { op: 'Conv', inputs: ['x', 'expand', 'b1'], outputs: ['a'] },
    { op: 'Relu', inputs: ['a'], outputs: ['b'] },
    { op: 'Conv', inputs: ['b', 'depth', 'b2'], outputs: ['c'], attributes: { group: 32, pads: [1, 1, 1, 1] } },
    { op: 'Relu', inputs: ['c'], outputs: ['d'] },
    { op: 'Conv', inputs: ['d', 'project'], outputs: ['y'] },
  ],
};

async function outputSqnr(path: string): Promise<number> {
  const { outputs } = await coreJobs().compareOutputs({}, { path: join(folder, 'm.onnx') }, { path }, { file: calibration.inputs });
  return outputs[0]!.difference!.sqnrDb!;
}

describe('an equalized copy', () => {
  it('computes what its source does, with less error than one of uneven channels', async () => {
    writeInputs(IMAGE);
    const exact = await write(DEPTHWISE, { equalization: true }, { bits: 8, granularity: 'channel' }, { name: 'exact.onnx' });
    expect(exact.report.corrections).toEqual({ equalizedPairs: 2, correctedBiases: 0, uncorrected: [] });
    expect(await outputSqnr(exact.path)).toBeGreaterThan(35);
    const plain = await write(DEPTHWISE, {}, { bits: 4 }, { name: 'plain.onnx' });
    const equalized = await write(DEPTHWISE, { equalization: true }, { bits: 4 });
    expect(await outputSqnr(equalized.path)).toBeGreaterThan(await outputSqnr(plain.path) + 1);
  });

  it('is corrected and calibrated as it is, the same to the byte each time', async () => {
    writeInputs(IMAGE);
    const tuning = { calibration, equalization: true, biasCorrection: true };
    const uncorrected = await write(DEPTHWISE, { calibration, equalization: true }, { bits: 4, rounding: 'gptq' });
    const copies = [];
    for (const name of ['a.onnx', 'b.onnx']) copies.push(await write(DEPTHWISE, tuning, { bits: 4, rounding: 'gptq' }, { name }));
    expect(copies[0]!.report.corrections).toEqual({ equalizedPairs: 2, correctedBiases: 3, uncorrected: [] });
    expect(await meanError(copies[0]!.path, 1)).toBeLessThan(await meanError(uncorrected.path, 1) / 2);
    expect(new Set(copies.map(({ path }) => createHash('sha256').update(readFileSync(path)).digest('hex'))).size).toBe(1);
  });

  it('leaves layers alone that stay float, and those paired with them', async () => {
    writeInputs(IMAGE);
    const source = writeModel(folder, 'm.onnx', buildModel(DEPTHWISE));
    const planned = [0, 2].map((layer) => ({ layer, settings: completeSettings({ bits: 4 }) }));
    const path = join(folder, 'copy.onnx');
    const target = { path, format: 'exact', force: true, verify: true, tuning: { equalization: true } } as const;
    const { corrections } = await coreJobs().quantizeModel({}, { path: source }, planned, target);
    expect(corrections).toMatchObject({ equalizedPairs: 0 });
    for (const name of ['b1', 'b2', 'depth']) expect(constantOf(path, name)).toEqual(constantOf(source, name));
  });
});
