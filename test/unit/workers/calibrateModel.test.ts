import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { completeSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import type { Tuning } from '../../../src/core/plan/plan';
import type { QuantizeReport } from '../../../src/protocol/coreService';
import { coreJobs } from '../../../src/workers/coreJobs';
import { npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, seededRandom, writeModel, type FixtureModel, type FixtureNode } from '../../fixtures/modelBuilder';

const SAMPLES = 96;

let folder: string;
let tuning: Tuning;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-calibrate-'));
  tuning = { calibration: { inputs: join(folder, 'inputs.npy') } };
  return () => rmSync(folder, { recursive: true });
});

/** Inputs that go together, as activations do: each is partly the one before. */
function writeInputs(dims: number[]): void {
  const random = seededRandom(11);
  const length = dims.reduce((product, dim) => product * dim, SAMPLES);
  let before = 0;
  const values = Float32Array.from({ length }, () => {
    before = 0.8 * before + 0.4 * random();
    return before;
  });
  writeFileSync(join(folder, 'inputs.npy'), npyFloats([SAMPLES, ...dims], values));
}

const weight = (name: string, dims: number[], seed: number) => (
  { name, dims, data: laplacian(dims.reduce((product, dim) => product * dim, 1), seed) }
);

/** Products and their activations, one after the other. */
function mlp(widths: number[]): FixtureModel {
  const layers = widths.slice(1).map((_, i): FixtureNode[] => [
    { op: 'MatMul', inputs: [`x${i}`, `w${i}`], outputs: [`y${i}`] },
    { op: 'Relu', inputs: [`y${i}`], outputs: [`x${i + 1}`] },
  ]);
  const last = widths.length - 1;
  return {
    inputs: [{ name: 'x0', dims: ['batch', widths[0]!] }],
    outputs: [{ name: `y${last - 1}`, dims: ['batch', widths[last]!] }],
    initializers: widths.slice(1).map((width, i) => weight(`w${i}`, [widths[i]!, width], i + 1)),
    nodes: layers.flat().slice(0, -1),
  };
}

/** A convolution, a grouped one and a product. */
const CONVOLUTIONS: FixtureModel = {
  inputs: [{ name: 'x', dims: ['batch', 4, 8, 8] }],
  outputs: [{ name: 'y', dims: ['batch', 64] }],
  initializers: [weight('conv', [16, 4, 3, 3], 1), weight('grouped', [16, 4, 3, 3], 2), weight('fc', [64, 16], 3)],
  nodes: [
    { op: 'Conv', inputs: ['x', 'conv'], outputs: ['a'], attributes: { pads: [1, 1, 1, 1] } },
    { op: 'Relu', inputs: ['a'], outputs: ['b'] },
    { op: 'Conv', inputs: ['b', 'grouped'], outputs: ['c'], attributes: { group: 4, strides: [2, 2] } },
    { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['d'] },
    { op: 'Flatten', inputs: ['d'], outputs: ['e'] },
    { op: 'Gemm', inputs: ['e', 'fc'], outputs: ['y'], attributes: { transB: 1 } },
  ],
};

async function write(fixture: FixtureModel, settings: PartialSettings, name = 'copy.onnx'): Promise<QuantizeReport> {
  const path = writeModel(folder, 'm.onnx', buildModel(fixture));
  const jobs = coreJobs();
  const { layers } = await jobs.openModel({}, { path });
  const planned = layers.map(({ index }) => ({ layer: index, settings: completeSettings(settings) }));
  const target = { path: join(folder, name), format: 'exact', force: true, verify: true, tuning } as const;
  return jobs.quantizeModel({}, { path }, planned, target);
}

const SETTINGS: [string, PartialSettings][] = [
  ['GPTQ', { bits: 3, rounding: 'gptq' }],
  ['GPTQ per tensor', { bits: 4, rounding: 'gptq', granularity: 'tensor' }],
  ['GPTQ by blocks', { bits: 3, rounding: 'gptq', granularity: 'block:16' }],
  ['GPTQ on levels of the weights\' own', { bits: 2, rounding: 'gptq', method: 'lloyd-max' }],
  ['Attention Round', { bits: 2, rounding: 'attention' }],
  ['Attention Round from random offsets', { bits: 2, rounding: 'attention-normal', grid: 'affine' }],
  ['SubsetQ with reconstruction', { bits: 3, method: 'subset', rounding: 'reconstruction' }],
  ['N2UQ with learned thresholds', { bits: 2, method: 'n2uq', mode: 'calibrated' }],
];

describe('a calibrated copy', () => {
  test.each(SETTINGS)('by %s is verified, and its outputs have less error than nearest levels leave', async (_, settings) => {
    writeInputs([4, 8, 8]);
    const { mode: _mode, rounding: _rounding, ...others } = settings;
    const calibrated = await write(CONVOLUTIONS, settings);
    const nearest = await write(CONVOLUTIONS, others);
    expect(calibrated.verified).toMatchObject({ maxAbsDifference: 0, layers: calibrated.layers.length });
    expect(calibrated.layers.length).toBe(nearest.layers.length);
    // The first layer has the same inputs in both.
    expect(calibrated.layers[0]!.outputSqnrDb!).toBeGreaterThan(nearest.layers[0]!.outputSqnrDb!);
    const sum = ({ layers }: QuantizeReport): number => layers.reduce((total, { outputSqnrDb }) => total + outputSqnrDb!, 0);
    expect(sum(calibrated)).toBeGreaterThan(sum(nearest));
  });

  const turned: FixtureModel = {
    ...mlp([40, 24]), nodes: [
      { op: 'Transpose', inputs: ['x0'], outputs: ['columns'], attributes: { perm: [1, 0] } },
      { op: 'Gemm', inputs: ['columns', 'w0'], outputs: ['y0'], attributes: { transA: 1 } },
    ],
  };
  const stacked: FixtureModel = { ...mlp([40, 24]), outputs: [{ name: 'y0', dims: [1, 'batch', 24] }], initializers: [weight('w0', [1, 40, 24], 1)] };
  test.each([
    ['nearest', 'a product', mlp([40, 24])], ['gptq', 'a product', mlp([40, 24])], ['gptq', 'a Gemm that turns its inputs', turned],
    ['gptq', 'a product by a matrix with an axis of one before it', stacked],
  ] as const)('rounded by %s has the SQNR of outputs that it reports: %s', async (rounding, _, fixture) => {
    writeInputs([40]);
    const { layers: [layer] } = await write(fixture, { bits: 3, rounding });
    const [path, b] = [{ path: join(folder, 'm.onnx') }, { path: join(folder, 'copy.onnx') }];
    const { outputs } = await coreJobs().compareOutputs({}, path, b, { file: tuning.calibration!.inputs });
    expect(layer!.outputSqnrDb!).toBeCloseTo(outputs[0]!.difference!.sqnrDb!, 3);
  });

  test('says which layers few positions stand behind, places of convolutions counted', async () => {
    writeInputs([4, 8, 8]);
    tuning.calibration!.samples = 8;
    const few = async (settings: PartialSettings) => (await write(CONVOLUTIONS, settings)).layers.map(({ fewPositions }) => fewPositions);
    expect(await few({ bits: 3, rounding: 'gptq' })).toEqual([null, null, { positions: 8, inputs: 16 }]);
    expect(await few({ bits: 3 })).toEqual([null, null, null]);
  });

  test('is calibrated on inputs from the network quantized so far', async () => {
    writeInputs([40]);
    const { layers } = await write(mlp([40, 32, 24]), { bits: 2, rounding: 'nearest' });
    const float = await write({ ...mlp([40, 32, 24]) }, { bits: 8, rounding: 'nearest' });
    const second = async (bits: 2 | 8): Promise<number> => {
      const jobs = coreJobs();
      const path = join(folder, 'm.onnx');
      const planned = [0, 1].map((layer) => ({ layer, settings: completeSettings({ bits: layer === 0 ? bits : 3 }) }));
      return (await jobs.previewModel({}, { path }, planned, 'exact', tuning)).layers[1]!.outputSqnrDb!;
    };
    expect(layers).toHaveLength(2);
    expect(float.layers).toHaveLength(2);
    expect(await second(2)).not.toBeCloseTo(await second(8), 3);
  });

  test.each([['channel'], ['block:32']] as const)('of a layer with very many inputs, per %s, is calibrated by blocks of these', async (granularity) => {
    writeInputs([6050]);
    const outputSqnrDb = async (settings: PartialSettings): Promise<number> => {
      const { verified, layers } = await write(mlp([6050, 12]), { bits: 3, granularity, ...settings });
      expect([verified!.maxAbsDifference, layers[0]!.outputSqnrDb]).toEqual([0, null]);
      const [model, copy] = ['m.onnx', 'copy.onnx'].map((name) => ({ path: join(folder, name) }));
      const { outputs } = await coreJobs().compareOutputs({}, model!, copy!, { file: tuning.calibration!.inputs });
      return outputs[0]!.difference!.sqnrDb!;
    };
    expect(await outputSqnrDb({ rounding: 'gptq' })).toBeGreaterThan(await outputSqnrDb({}) + 3);
  });

  test('is the same to the byte each time', async () => {
    writeInputs([4, 8, 8]);
    const hashes = new Set<string>();
    for (const name of ['a.onnx', 'b.onnx']) {
      await write(CONVOLUTIONS, { bits: 2, rounding: 'attention-normal' }, name);
      hashes.add(createHash('sha256').update(readFileSync(join(folder, name))).digest('hex'));
    }
    expect(hashes.size).toBe(1);
  });

  test('rounds layers to nearest whose inputs cannot be had, and says why', async () => {
    writeInputs([40]);
    const fixture = mlp([40, 24]);
    const report = await write({
      ...fixture,
      initializers: [...fixture.initializers!, weight('left', [30, 96], 9)],
      nodes: [...fixture.nodes, { op: 'MatMul', inputs: ['left', 'y0'], outputs: ['z'] }],
      outputs: [{ name: 'z', dims: [30, 24] }],
    }, { bits: 4, rounding: 'gptq' });
    expect(report.uncalibrated).toEqual([{ layer: 1, name: 'left', reason: 'operator-not-calibrated' }]);
    expect(report.layers.map(({ outputSqnrDb, settings }) => [settings.rounding, outputSqnrDb === null])).toEqual([['gptq', false], ['nearest', true]]);
    expect(report.verified).toMatchObject({ maxAbsDifference: 0 });
  });

  test('needs calibration data that can be read and fits the model', async () => {
    tuning = {};
    await expect(write(mlp([40, 24]), { bits: 4, rounding: 'gptq' })).rejects
      .toMatchObject({ problem: { code: 'calibration-missing', detail: { setting: 'rounding', value: 'gptq' } } });
    await expect(write(mlp([40, 24]), { bits: 4, method: 'n2uq', mode: 'calibrated' })).rejects
      .toMatchObject({ problem: { code: 'calibration-missing', detail: { setting: 'mode', value: 'calibrated' } } });
    tuning = { calibration: { inputs: join(folder, 'none.npy') } };
    await expect(write(mlp([40, 24]), { bits: 4, rounding: 'gptq' })).rejects.toMatchObject({ problem: { code: 'file-not-found' } });
    writeInputs([17]);
    tuning = { calibration: { inputs: join(folder, 'inputs.npy') } };
    await expect(write(mlp([40, 24]), { bits: 4, rounding: 'gptq' })).rejects
      .toMatchObject({ problem: { code: 'inputs-invalid', place: { file: join(folder, 'inputs.npy') } } });
  });
});
