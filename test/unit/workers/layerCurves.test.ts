import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { layerSample } from '../../../src/core/curves/layerSample';
import { completeSettings, type LayerSettings } from '../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../src/core/quantizeLayer';
import { momentsOf } from '../../../src/core/statistics/moments';
import { coreJobs, type CoreJobs } from '../../../src/workers/coreJobs';
import { buildModel, laplacian, writeModel, type BuiltModel } from '../../fixtures/modelBuilder';

vi.mock('../../../src/core/curves/layerSample', { spy: true });

let folder: string;
let jobs: CoreJobs;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-curves-'));
  jobs = coreJobs();
  return () => {
    vi.mocked(layerSample).mockReset();
    rmSync(folder, { recursive: true });
  };
});

const [SMALL, LARGE, SPOILT, WHOLE] = [0, 1, 2, 3];
const small = laplacian(48 * 32, 1);
const large = laplacian(512 * 512, 2);

function model(weights = large): BuiltModel {
  return buildModel({
    initializers: [
      { name: 'small', dims: [48, 32], data: small },
      { name: 'large', dims: [512, 512], data: weights },
      { name: 'spoilt', dims: [2, 2], data: [1, NaN, 2, 3] },
      { name: 'whole', dims: [2, 2], data: [1, -1, 2, 3], dtype: 'int8' },
    ],
    nodes: ['small', 'large', 'spoilt', 'whole'].map((name) => ({ op: 'MatMul', inputs: ['x', name], outputs: [`${name}_y`] })),
  });
}

const layerOf = (name: string, dims: number[]) => ({ name, dims, channelAxis: 1, dtype: 'float32' as const });
const smallLayer = layerOf('small', [48, 32]);
const largeLayer = layerOf('large', [512, 512]);

function figures(weights: Float32Array, layer: typeof smallLayer, settings: LayerSettings) {
  const { sqnrDb, predictedSqnrDb } = quantizeLayer(weights, layer, settings).error;
  return { settings, sqnrDb, predictedSqnrDb };
}

describe('tryLayer', () => {
  const settings = [completeSettings({ bits: 2 }), completeSettings({ bits: 4, method: 'msptq', granularity: 'tensor' })];

  test('answers in order, and leaves out what does not go with its method', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const illegal = [
      { ...completeSettings({ method: 'subset' }), granularity: 'channel' as const },
      { ...completeSettings({ method: 'apot' }), bits: 8 as const },
      completeSettings({ support: 0 }),
    ];
    const answer = await jobs.tryLayer({}, { path }, SMALL, [...illegal, ...settings], 'exact');
    expect(answer).toEqual({
      detail: 'exact', weights: small.length, tried: settings.map((each) => figures(small, smallLayer, each)),
    });
    expect(await jobs.tryLayer({}, { path }, SMALL, [...settings, ...illegal], 'approximate')).toEqual(answer);
  });

  test('is approximate on a large layer, and says over how many weights', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const perTensor = await jobs.tryLayer({}, { path }, LARGE, [settings[1]!], 'approximate');
    expect(perTensor).toMatchObject({ detail: 'approximate', weights: large.length });
    expect(perTensor.tried[0]!.sqnrDb).toBeCloseTo(figures(large, largeLayer, settings[1]!).sqnrDb, 2);
    const both = await jobs.tryLayer({}, { path }, LARGE, settings, 'approximate');
    expect(both).toMatchObject({ detail: 'approximate', weights: 2 ** 17 });
    expect(both.tried[0]!.sqnrDb).toBeCloseTo(figures(large, largeLayer, settings[0]!).sqnrDb, 1);
    const exact = await jobs.tryLayer({}, { path }, LARGE, settings, 'exact');
    expect(exact).toMatchObject({ detail: 'exact', weights: large.length });
    expect(exact.tried).toEqual(settings.map((each) => figures(large, largeLayer, each)));
  });

  test('keeps what it reads for the next call, until the file changes', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const sqnr = async () => (await jobs.tryLayer({}, { path }, LARGE, [settings[1]!], 'approximate')).tried[0]!.sqnrDb;
    const before = await sqnr();
    expect(await sqnr()).toBe(before);
    expect(layerSample).toHaveBeenCalledTimes(1);
    writeModel(folder, 'm.onnx', model(large.map((w) => w + 0.1)));
    utimesSync(path, 1, 1);
    expect(Math.abs(await sqnr() - before)).toBeGreaterThan(0.1);
    expect(layerSample).toHaveBeenCalledTimes(2);
  });

  test('normalises by the model where settings say so', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const byModel = completeSettings({ bits: 3, support: 'hui', normalize: 'model' });
    const modelMoments = momentsOf([small, large, Float32Array.of(1, 2, 3)]);
    const { tried: [answer] } = await jobs.tryLayer({}, { path }, SMALL, [byModel], 'approximate');
    expect(answer!.sqnrDb).toBeCloseTo(quantizeLayer(small, smallLayer, byModel, { modelMoments }).error.sqnrDb, 9);
  });

  test('says which settings would not make a layer smaller, lossless though they may be', async () => {
    const few = { name: 'few', dims: [40, 16], data: laplacian(640, 3) };
    const path = writeModel(folder, 'm.onnx', buildModel({
      initializers: [few], nodes: [{ op: 'MatMul', inputs: ['x', 'few'], outputs: ['y'] }],
    }));
    const tables = [4, 8].map((bits) => completeSettings({ bits: bits as 4 | 8, method: 'lloyd-max', granularity: 'channel' }));
    const { tried } = await jobs.tryLayer({}, { path }, 0, [...tables, completeSettings({ bits: 4 })], 'approximate');
    expect(tried.map(({ sqnrDb, notSmaller }) => [sqnrDb === Infinity, notSmaller])).toEqual([[false, undefined], [true, true], [false, undefined]]);
  });

  test('reports progress', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const seen: number[] = [];
    await jobs.tryLayer({ onProgress: (fraction) => seen.push(fraction) }, { path }, SMALL, [...settings, ...settings], 'exact');
    expect(seen).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe('supportCurve', () => {
  test('is of the whole tensor, whatever the granularity, and refuses limits that are none', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const planned = { layer: LARGE, settings: completeSettings({ bits: 2, granularity: 'channel' }) };
    const exact = await jobs.supportCurve({}, { path }, planned, [1, 2.5], 'exact');
    const perTensor = { ...planned.settings, granularity: 'tensor' } as const;
    const limitAt = (support: number) => figures(large, largeLayer, { ...perTensor, support }).sqnrDb;
    expect(exact).toMatchObject({ layer: LARGE, detail: 'exact', weights: large.length, bits: 2, grid: 'mid-rise', mean: 0 });
    expect(exact.points.map(({ sqnrDb }) => sqnrDb)).toEqual([limitAt(1), limitAt(2.5)]);
    const approximate = await jobs.supportCurve({}, { path }, planned, [1, 2.5], 'approximate');
    expect(approximate.detail).toBe('approximate');
    approximate.points.forEach(({ sqnrDb }, i) => expect(sqnrDb).toBeCloseTo(exact.points[i]!.sqnrDb, 3));
    for (const limit of [0, -1, NaN, Infinity]) {
      await expect(jobs.supportCurve({}, { path }, planned, [1, limit], 'approximate'))
        .rejects.toMatchObject({ problem: { code: 'setting-invalid', detail: { setting: 'support', value: String(limit) } } });
    }
  });
});

describe('layerErrors and channelRanges', () => {
  test('are over all weights, channel by channel', async () => {
    const path = writeModel(folder, 'm.onnx', model());
    const settings = completeSettings({ bits: 3, granularity: 'block:16' });
    const { histogram, channels } = await jobs.layerErrors({}, { path }, { layer: SMALL, settings }, 20);
    const { mse, maxAbsError } = quantizeLayer(small, smallLayer, settings).error;
    expect(histogram).toMatchObject({ min: -maxAbsError, max: maxAbsError });
    expect(histogram.counts.reduce((a, b) => a + b)).toBe(small.length);
    expect(channels.reduce((sum, channel) => sum + channel.mse, 0) / 32).toBeCloseTo(mse, 9);
    const ranges = await jobs.channelRanges({}, { path }, SMALL);
    expect(ranges.map(({ channel, min, max }) => ({ channel, min, max })))
      .toEqual(channels.map(({ channel, min, max }) => ({ channel, min, max })));
    expect(Object.keys(ranges[0]!)).toEqual(['channel', 'min', 'max', 'std']);
  });
});

const CALLS: [string, (index: number, signal?: { aborted: boolean }) => Promise<unknown>][] = (() => {
  const job = (signal?: { aborted: boolean }) => (signal ? { signal } : {});
  const location = () => ({ path: join(folder, 'm.onnx') });
  const planned = (layer: number) => ({ layer, settings: completeSettings({ bits: 4 }) });
  return [
    ['tryLayer', (index, signal) => jobs.tryLayer(job(signal), location(), index, [completeSettings({})], 'approximate')],
    ['tryLayer, exact', (index, signal) => jobs.tryLayer(job(signal), location(), index, [completeSettings({})], 'exact')],
    ['supportCurve', (index, signal) => jobs.supportCurve(job(signal), location(), planned(index), [1], 'approximate')],
    ['supportCurve, exact', (index, signal) => jobs.supportCurve(job(signal), location(), planned(index), [1], 'exact')],
    ['layerErrors', (index, signal) => jobs.layerErrors(job(signal), location(), planned(index), 10)],
    ['channelRanges', (index, signal) => jobs.channelRanges(job(signal), location(), index)],
  ];
})();

describe.each(CALLS)('%s', (_, call) => {
  test('has a problem with weights that are not finite or no floats, and with layers that are not there', async () => {
    writeModel(folder, 'm.onnx', model());
    const problem = (code: string, reason?: string) => ({ problem: { code, ...(reason && { detail: { reason } }) } });
    await expect(call(SPOILT)).rejects.toMatchObject(problem('not-quantizable', 'not-finite'));
    await expect(call(WHOLE)).rejects.toMatchObject(problem('not-quantizable', 'dtype-not-supported'));
    await expect(call(9)).rejects.toMatchObject(problem('no-such-layer'));
  });

  test('can be cancelled at any time, and then be asked again', async () => {
    writeModel(folder, 'm.onnx', model());
    for (let after = 0; ; after++) {
      let looks = 0;
      const signal = { get aborted() { return looks++ >= after; } };
      const codeOf = (error: { problem?: { code: string } }) => error.problem?.code;
      const outcome = await call(LARGE, signal).then(() => 'done', codeOf);
      if (outcome === 'done') break;
      expect(outcome).toBe('cancelled');
      after *= 2;
    }
    await expect(call(LARGE)).resolves.toBeDefined();
  });
});
