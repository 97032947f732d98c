import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { CoreError } from '../../../src/core/errors';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { levelsOf, quantizeLayer, quantizeStripes } from '../../../src/core/quantizeLayer';
import { momentsOf } from '../../../src/core/statistics/moments';
import { verifyCopy } from '../../../src/runtime/verifyCopy';
import { coreJobs, type CoreJobs } from '../../../src/workers/coreJobs';
import { buildModel, laplacian, writeModel, type BuiltModel } from '../../fixtures/modelBuilder';
import { concat, integer } from '../../fixtures/wireBytes';

vi.mock('../../../src/runtime/verifyCopy', { spy: true });
vi.mock('../../../src/core/quantizeLayer', { spy: true });
const { quantizeStripes: realQuantizeStripes } = await vi.importActual<{ quantizeStripes: typeof quantizeStripes }>(
  '../../../src/core/quantizeLayer',
);

let folder: string;
let jobs: CoreJobs;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-jobs-'));
  jobs = coreJobs();
  return () => {
    vi.mocked(verifyCopy).mockReset();
    vi.mocked(quantizeStripes).mockReset();
    rmSync(folder, { recursive: true });
  };
});

const first = laplacian(64 * 48, 1);
const second = laplacian(48 * 32, 2, 0.4);

const WIDEST = 29;
/** One of the second layer's channels is far wider than all others. */
const uneven = second.map((w, i) => (i % 32 === WIDEST ? 50 * w : w));

function twoLayers(weights = first): BuiltModel {
  return buildModel({
    inputs: [{ name: 'x', dims: ['batch', 64] }],
    outputs: [{ name: 'y', dims: ['batch', 32] }],
    initializers: [
      { name: 'fc1', dims: [64, 48], data: weights, form: 'external' },
      { name: 'fc2', dims: [48, 32], data: uneven },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['h'] },
      { op: 'MatMul', inputs: ['h', 'fc2'], outputs: ['y'] },
    ],
  });
}

const layer = { dims: [48, 32], channelAxis: 1, dtype: 'float32', name: 'fc2' } as const;

test('the layers that a copy leaves are those of its preview, and none is quantized to tell them', async () => {
  const path = writeModel(folder, 'm.onnx', twoLayers(first.map((w, i) => (i === 9 ? NaN : w))));
  const planned = [0, 1].map((index) => ({ layer: index, settings: completeSettings({ bits: 4 }) }));
  const { size: { skipped } } = await jobs.previewModel({}, { path }, planned, 'exact');
  expect(quantizeStripes).toHaveBeenCalled();
  vi.mocked(quantizeStripes).mockClear();
  expect(await jobs.skippedLayers({}, { path }, planned, 'exact', {})).toEqual(skipped);
  expect(skipped).toEqual([{ layer: 0, name: 'fc1', reason: 'not-finite' }]);
  expect(quantizeStripes).not.toHaveBeenCalled();
  expect((await jobs.skippedLayers({}, { path }, planned.slice(0, 1), 'exact', {})).map(({ reason }) => reason)).toEqual(['not-finite', 'float-in-plan']);
});

describe('previewLayer', () => {
  test('tells the error that quantizing the layer has, and draws the channel with the widest support', async () => {
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const settings = completeSettings({ bits: 3 });
    const preview = await jobs.previewLayer({}, { path }, { layer: 1, settings }, 'exact');
    const quantized = quantizeLayer(uneven, { ...layer, dims: [...layer.dims] }, settings);
    expect(preview).toMatchObject({ layer: 1, name: 'fc2', settings, ...quantized.error, bytesBefore: 4 * 48 * 32 });
    expect(preview.codebook).toMatchObject({
      channel: WIDEST, levels: [...levelsOf(quantized, WIDEST)].slice(0, 7), support: quantized.widest.codebook.support,
    });
    expect(preview.codebook.thresholds).toHaveLength(preview.codebook.levels.length - 1);
  });

  test('draws the only codebook of a tensor without a channel', async () => {
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const settings = completeSettings({ granularity: 'tensor' });
    const { codebook } = await jobs.previewLayer({}, { path }, { layer: 1, settings }, 'exact');
    expect(codebook.channel).toBeNull();
  });

  test('normalises by all quantizable layers where settings say so, and sees external data change', async () => {
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const settings = completeSettings({ bits: 4, normalize: 'model', granularity: 'tensor', support: 'hui' });
    const expected = (weights: Float32Array): unknown => {
      const modelMoments = momentsOf([Float32Array.from([...weights, ...uneven])]);
      return quantizeLayer(uneven, { ...layer, dims: [...layer.dims] }, settings, { modelMoments }).error.mse;
    };
    const mse = async (): Promise<number> => (await jobs.previewLayer({}, { path }, { layer: 1, settings }, 'exact')).mse;
    expect(await mse()).toBeCloseTo(expected(first) as number, 12);

    const shifted = first.map((w) => w + 40);
    writeModel(folder, 'm.onnx', twoLayers(shifted));
    utimesSync(join(folder, 'weights.bin'), 1, 1);
    expect(await mse()).toBeCloseTo(expected(shifted) as number, 12);
    expect(expected(shifted)).not.toBeCloseTo(expected(first) as number, 3);
  });
});

test('a model that changes on disk is read anew', async () => {
  const path = writeModel(folder, 'm.onnx', twoLayers());
  expect((await jobs.openModel({}, { path })).layers).toHaveLength(2);
  writeFileSync(path, buildModel({ nodes: [] }).model);
  expect((await jobs.openModel({}, { path })).layers).toHaveLength(0);
});

test('the version of a model is another one when any of its files is, and no other time', async () => {
  const path = writeModel(folder, 'm.onnx', twoLayers());
  const versionOf = async (): Promise<string | null> => (await jobs.openModel({}, { path })).version;
  const versions = [await versionOf(), await versionOf()];
  expect(versions[1]).toBe(versions[0]);
  for (const file of [path, join(folder, 'weights.bin')]) {
    utimesSync(file, 1, 1);
    versions.push(await versionOf());
  }
  rmSync(join(folder, 'weights.bin'));
  versions.push(await versionOf());
  expect(new Set(versions).size).toBe(4);
  const bytes = readFileSync(path);
  expect((await jobs.openModel({}, { path: '/nowhere/m.onnx', bytes })).version).toBeNull();
});

test('a model given as bytes is read from them, whatever stands at its path', async () => {
  const inline = buildModel({
    initializers: [{ name: 'w', dims: [64, 48], data: first }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  });
  const summary = await jobs.openModel({}, { path: 'vscode-remote:/nowhere/m.onnx', bytes: inline.model });
  expect(summary).toMatchObject({ path: 'vscode-remote:/nowhere/m.onnx', bytes: inline.model.length, layers: [{ name: 'w' }] });
});

test('layers the model does not have are a problem', async () => {
  const path = writeModel(folder, 'm.onnx', twoLayers());
  const problem = { code: 'no-such-layer', detail: { name: 7 } };
  await expect(jobs.layerStatistics({}, { path }, 7, 10)).rejects.toMatchObject({ problem });
});

test('a size known without weights is the size a copy then has', async () => {
  const path = writeModel(folder, 'm.onnx', twoLayers());
  const plan = [0, 1].map((index) => ({ layer: index, settings: completeSettings({ bits: 4 }) }));
  const size = await jobs.copySize({}, { path }, plan, 'exact');
  const target = { path: join(folder, 'copy.onnx'), format: 'exact' as const, force: false, verify: false };
  const report = await jobs.quantizeModel({}, { path }, plan, target);
  expect(report.size).toEqual(size);
  expect(report.outputs.reduce((sum, file) => sum + readFileSync(file).length, 0)).toBe(size.bytesAfter);
});

describe('verification', () => {
  const plan = [0, 1].map((index) => ({ layer: index, settings: completeSettings({ bits: 4 }) }));

  test('reports progress that rises while a copy of much structure is verified', async () => {
    const built = { ...twoLayers(), model: concat(twoLayers().model, ...new Array<Uint8Array>(20_000).fill(integer(1000, 5))) };
    const path = writeModel(folder, 'm.onnx', built);
    const seen: number[] = [];
    const target = { path: join(folder, 'c.onnx'), format: 'exact', force: false, verify: true } as const;
    await jobs.quantizeModel({ onProgress: (fraction) => seen.push(fraction) }, { path }, plan, target);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    // Two layers are written and two are verified.
    expect(seen.filter((fraction) => fraction > 0.6)).toHaveLength(2);
  });

  test('reports what ONNX Runtime says of the copy, and progress to the end', async () => {
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const seen: number[] = [];
    const target = { path: join(folder, 'copy.onnx'), format: 'exact' as const, force: false, verify: true };
    const { verified } = await jobs.quantizeModel({ onProgress: (fraction) => seen.push(fraction) }, { path }, plan, target);
    expect(verified).toMatchObject({ maxAbsDifference: 0, layers: 2, wholeModel: 'ran' });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  const ends = ['verification-failed', 'runtime-failed', 'cancelled'] as const;

  test.each(ends)('leaves no copy behind, and the file it was to replace, when it ends in %s', async (code) => {
    vi.mocked(verifyCopy).mockRejectedValue(new CoreError(code));
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const before = readdirSync(folder);
    const target = { path: join(folder, 'copy.onnx'), format: 'exact' as const, force: true, verify: true };
    await expect(jobs.quantizeModel({}, { path }, plan, target)).rejects.toMatchObject({ problem: { code } });
    expect(readdirSync(folder)).toEqual(before);
    writeFileSync(target.path, 'old');
    await expect(jobs.quantizeModel({}, { path }, plan, target)).rejects.toMatchObject({ problem: { code } });
    expect(readFileSync(target.path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toHaveLength(before.length + 1);
  });

  test('fails on a level that is not the one in the file, names its layer, and keeps the file it was to replace', async () => {
    vi.mocked(quantizeStripes).mockImplementation((...args) => {
      const quantized = realQuantizeStripes(...args);
      return args[1].name === 'fc2' ? { ...quantized, dtype: 'bfloat16' } : quantized;
    });
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const target = { path: join(folder, 'copy.onnx'), format: 'exact' as const, force: true, verify: true };
    writeFileSync(target.path, 'old');
    const problem = { code: 'verification-failed', place: { file: target.path, tensor: 'fc2' } };
    await expect(jobs.quantizeModel({}, { path }, plan, target)).rejects.toMatchObject({ problem });
    expect(readFileSync(target.path, 'utf8')).toBe('old');
  });

  test('is stopped by a cancel between two layers, and nothing appears', async () => {
    const path = writeModel(folder, 'm.onnx', twoLayers());
    const before = readdirSync(folder);
    let verifying = false;
    const signal = { get aborted() { return verifying; } };
    const onProgress = (fraction: number): void => {
      verifying = fraction > 0.6 && fraction < 1;
    };
    const target = { path: join(folder, 'copy.onnx'), format: 'exact' as const, force: false, verify: true };
    await expect(jobs.quantizeModel({ signal, onProgress }, { path }, plan, target)).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(readdirSync(folder)).toEqual(before);
  });
});
