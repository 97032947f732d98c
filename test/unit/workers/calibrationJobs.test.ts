import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { completeSettings, type LayerSettings } from '../../../src/core/plan/layerSettings';
import { coreJobs, type CoreJobs } from '../../../src/workers/coreJobs';
import { idxFile, npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, seededRandom, writeModel, type FixtureModel } from '../../fixtures/modelBuilder';

let folder: string;
let jobs: CoreJobs;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-calibration-'));
  jobs = coreJobs();
  return () => rmSync(folder, { recursive: true });
});

const weights = laplacian(32 * 16, 1);

/** A product on the right, whose inputs can be captured, and one on the left. */
const PRODUCTS: FixtureModel = {
  inputs: [{ name: 'x', dims: ['batch', 32] }],
  outputs: [{ name: 'z', dims: [8, 16] }],
  initializers: [{ name: 'right', dims: [32, 16], data: weights }, { name: 'left', dims: [8, 40], data: laplacian(8 * 40, 2) }],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'right'], outputs: ['y'] }, { op: 'MatMul', inputs: ['left', 'y'], outputs: ['z'] },
  ],
};
const IMAGES: FixtureModel = {
  inputs: [{ name: 'x', dims: ['n', 3, 4, 5] }], outputs: [{ name: 'y', dims: ['n', 2, 4, 5] }],
  initializers: [{ name: 'w', dims: [2, 3, 1, 1], data: laplacian(6, 1) }],
  nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }],
};

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function samples(): number[] {
  const random = seededRandom(3);
  return Array.from({ length: 40 * 32 }, () => random() - 0.2);
}

describe('what layers are multiplied by', () => {
  test('is captured into memory that threads share, and a layer whose inputs cannot be says why', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel(PRODUCTS));
    const { inputs, missing } = await jobs.captureInputs({}, { path }, [0, 1], { inputs: file('x.npy', npyFloats([40, 32], samples())) });
    expect([...missing]).toEqual([[1, 'operator-not-calibrated']]);
    const { matrix, moments } = inputs.get(0)!;
    expect(matrix).toMatchObject({ rows: 16, columns: 32 });
    for (const shared of [moments.first, moments.second]) expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
    const mean = samples().reduce((sum, value, i) => sum + (i % 32 === 5 ? value : 0), 0) / 40;
    expect(moments.first[5]).toBeCloseTo(mean, 5);
  });

  test('tells the error of outputs, as the outputs themselves have it, of a preview and of every setting tried', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel(PRODUCTS));
    const { inputs } = await jobs.captureInputs({}, { path }, [0], { inputs: file('x.npy', npyFloats([40, 32], samples())) });
    const settings = completeSettings({ bits: 3, granularity: 'tensor' });
    const nearest = await jobs.previewLayer({}, { path }, { layer: 0, settings }, 'exact', inputs.get(0));
    const { codebook: { levels }, sqnrDb } = nearest;
    const rounded = weights.map((weight) => levels.reduce((near, level) => (Math.abs(level - weight) < Math.abs(near - weight) ? level : near)));
    const outputs = (w: ArrayLike<number>): number[] => Array.from({ length: 40 * 16 }, (_, at) => (
      Array.from({ length: 32 }, (__, i) => samples()[Math.floor(at / 16) * 32 + i]! * w[i * 16 + (at % 16)]!).reduce((a, b) => a + b)
    ));
    const [float, quantized] = [outputs(weights), outputs(rounded)];
    const noise = float.reduce((sum, y, i) => sum + (y - quantized[i]!) ** 2, 0);
    expect(nearest.outputSqnrDb).toBeCloseTo(10 * Math.log10(float.reduce((sum, y) => sum + y * y, 0) / noise), 2);
    const { tried } = await jobs.tryLayer({}, { path }, 0, [settings], 'exact', inputs.get(0));
    expect(tried).toMatchObject([{ sqnrDb, outputSqnrDb: nearest.outputSqnrDb }]);
    const atOnce = await jobs.tryLayer({}, { path }, 0, [settings], 'approximate', inputs.get(0));
    expect(atOnce).toMatchObject({ detail: 'exact', tried: [{ sqnrDb }] });
    expect(atOnce.tried[0]).not.toHaveProperty('outputSqnrDb');
    const gptq = await jobs.previewLayer({}, { path }, { layer: 0, settings: { ...settings, rounding: 'gptq' } }, 'exact', inputs.get(0));
    expect(gptq.outputSqnrDb).toBeGreaterThan(nearest.outputSqnrDb!);
    expect(gptq.sqnrDb).toBeLessThan(sqnrDb);
  });

  test('says nothing of outputs where inputs are so many that they are divided into blocks', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel({
      inputs: [{ name: 'x', dims: ['batch', 6000] }], outputs: [{ name: 'y', dims: ['batch', 4] }],
      initializers: [{ name: 'w', dims: [6000, 4], data: laplacian(24_000, 2) }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }));
    const random = seededRandom(4);
    const inputs = file('x.npy', npyFloats([8, 6000], Array.from({ length: 48_000 }, () => random() - 0.3)));
    const captured = await jobs.captureInputs({}, { path }, [0], { inputs });
    expect([[...captured.inputs], [...captured.missing]]).toEqual([[], [[0, 'in-blocks']]]);
    const settings = completeSettings({ bits: 3, rounding: 'gptq' });
    const tuning = { calibration: { inputs } };
    const { layers: [layer], uncalibrated } = await jobs.previewModel({}, { path }, [{ layer: 0, settings }], 'exact', tuning);
    expect([layer!.settings.rounding, layer!.outputSqnrDb, uncalibrated]).toEqual(['gptq', null, []]);
    const nearest = await jobs.previewLayer({}, { path }, { layer: 0, settings: completeSettings({ bits: 3 }) }, 'exact');
    expect(layer!.sqnrDb).toBeLessThan(nearest.sqnrDb);
    const [measured] = await jobs.layerOptions({}, { path }, [{ layer: 0, settings: {} }], 'exact', { inputs });
    const [byWeights] = await jobs.layerOptions({}, { path }, [{ layer: 0, settings: {} }], 'exact');
    expect(measured).toEqual(byWeights);
  });

  test('counts outputs that only noise gets to as bad in every figure, which stay numbers', async () => {
    // The first two rows cancel out in x = (1, 2, 0, …), all others meet zeros.
    const cancelling = Array.from({ length: 64 * 64 }, (_, i) => (i < 64 ? 2 * i : i < 128 ? 64 - i : 1));
    const path = writeModel(folder, 'm.onnx', buildModel({
      inputs: [{ name: 'x', dims: ['batch', 64] }], outputs: [{ name: 'y', dims: ['batch', 64] }],
      initializers: [{ name: 'w', dims: [64, 64], data: cancelling }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }));
    const inputs = file('x.npy', npyFloats([1, 64], Array.from({ length: 64 }, (_, i) => (i < 2 ? i + 1 : 0))));
    const settings = completeSettings({ bits: 3, granularity: 'tensor' });
    const captured = await jobs.captureInputs({}, { path }, [0], { inputs });
    const { outputSqnrDb } = await jobs.previewLayer({}, { path }, { layer: 0, settings }, 'exact', captured.inputs.get(0));
    expect(outputSqnrDb).toBe(-Infinity);
    const [measured] = await jobs.layerOptions({}, { path }, [{ layer: 0, settings }], 'exact', { inputs });
    expect(measured!.options.find(({ bits }) => bits === 3)!.noise).toBe(1e12);
  });

  test.each<[string, Partial<LayerSettings>]>([
    ['GPTQ', { rounding: 'gptq' }],
    ['Attention Round', { rounding: 'attention' }],
    ['reconstruction', { method: 'subset', rounding: 'reconstruction', granularity: 'tensor' }],
    ['learned thresholds', { method: 'n2uq', mode: 'calibrated', granularity: 'channel' }],
  ])('has a preview rounded by %s, which says how far it is and ends where it is cancelled', async (_, rounded) => {
    const path = writeModel(folder, 'm.onnx', buildModel(PRODUCTS));
    const { inputs } = await jobs.captureInputs({}, { path }, [0], { inputs: file('x.npy', npyFloats([40, 32], samples())) });
    const planned = { layer: 0, settings: completeSettings({ bits: 3, ...rounded }) };
    const fractions: number[] = [];
    await jobs.previewLayer({ onProgress: (fraction) => fractions.push(fraction) }, { path }, planned, 'exact', inputs.get(0));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const signal = { aborted: false };
    const onProgress = (): void => {
      signal.aborted = true;
    };
    await expect(jobs.previewLayer({ signal, onProgress }, { path }, planned, 'exact', inputs.get(0)))
      .rejects.toMatchObject({ problem: { code: 'cancelled' } });
  });

  test('is not used for a layer that has another shape by now', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel(PRODUCTS));
    const { inputs } = await jobs.captureInputs({}, { path }, [0], { inputs: file('x.npy', npyFloats([40, 32], samples())) });
    const planned = { layer: 1, settings: completeSettings({ bits: 3 }) };
    await expect(jobs.previewLayer({}, { path }, planned, 'exact', inputs.get(0))).rejects.toMatchObject({ problem: { code: 'file-changed' } });
  });
});

describe('a file of inputs', () => {
  test.each([
    ['as they lie', [6, 3, 4, 5], { layouts: [], hasPixels: false }],
    ['once they are turned', [6, 4, 5, 3], { layouts: ['nhwc'], hasPixels: false }],
  ])('fits a model with images %s', async (_, dims, fit) => {
    const path = writeModel(folder, 'm.onnx', buildModel(IMAGES));
    const images = npyFloats(dims, new Float32Array(360));
    expect(await jobs.inputsFit({}, { path }, file('x.npy', images))).toEqual(fit);
  });

  test('fits by its pixels, too', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel(PRODUCTS));
    const pixels = file('x.idx', idxFile([9, 4, 8], new Uint8Array(288)));
    expect(await jobs.inputsFit({}, { path }, pixels)).toEqual({ layouts: [], hasPixels: true });
    const images = writeModel(folder, 'images.onnx', buildModel(IMAGES));
    const turned = file('turned.idx', idxFile([6, 4, 5, 3], new Uint8Array(360)));
    expect(await jobs.inputsFit({}, { path: images }, turned)).toEqual({ layouts: ['nhwc'], hasPixels: true });
  });

  test('has its bytes divided by 255 unless a scale is given, and what is captured says so', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel(PRODUCTS));
    const inputs = file('x.idx', idxFile([9, 4, 8], new Uint8Array(288).fill(255)));
    const captured = await jobs.captureInputs({}, { path }, [0], { inputs });
    expect([captured.scaled, captured.inputs.get(0)!.moments.first[0]]).toEqual([true, 1]);
    const stored = await jobs.captureInputs({}, { path }, [0], { inputs, scale: 1 });
    expect([stored.scaled, stored.inputs.get(0)!.moments.first[0]]).toEqual([false, 255]);
  });

  test('that fits in no way is refused by its name, without asking how images lie', async () => {
    const path = writeModel(folder, 'm.onnx', buildModel(IMAGES));
    const inputs = file('x.npy', npyFloats([6, 7, 4, 5], new Float32Array(840)));
    await expect(jobs.inputsFit({}, { path }, inputs)).rejects.toMatchObject({ problem: {
      code: 'inputs-invalid', place: { file: inputs },
      detail: { message: 'an array of 6x7x4x5 does not fit the model\'s input "x" of nx3x4x5' },
    } });
    const none = join(folder, 'none.npy');
    await expect(jobs.inputsFit({}, { path }, none)).rejects.toMatchObject({ problem: { code: 'file-not-found' } });
  });
});
