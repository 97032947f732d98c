import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import type { Tuning } from '../../../src/core/plan/plan';
import { createCalibrationCache } from '../../../src/workers/calibrationCache';
import { coreJobs, type CoreJobs } from '../../../src/workers/coreJobs';
import { npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, seededRandom, writeModel } from '../../fixtures/modelBuilder';

const SETTINGS = completeSettings({ bits: 3, rounding: 'gptq' });

let folder: string;
let jobs: CoreJobs;
let path: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-calibration-cache-'));
  jobs = coreJobs();
  path = writeProduct(1);
  data = join(folder, 'x.npy');
  writeSamples(1);
  return () => rmSync(folder, { recursive: true });
});

function writeProduct(seed: number): string {
  return writeModel(folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 32] }],
    outputs: [{ name: 'y', dims: ['batch', 16] }],
    initializers: [{ name: 'w', dims: [32, 16], data: laplacian(32 * 16, seed) }, { name: 'b', dims: [16], data: laplacian(16, 2) }],
    nodes: [{ op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'] }],
  }));
}

function writeSamples(seed: number): void {
  const random = seededRandom(seed);
  writeFileSync(data, npyFloats([40, 32], Array.from({ length: 40 * 32 }, () => random() - 0.2 * seed)));
}

/** Other samples, in a file of the same size and time: what is read of it tells whether it was read. */
function replaceUnseen(seed: number): void {
  const { atime, mtime } = statSync(data);
  writeSamples(seed);
  utimesSync(data, atime, mtime);
}

async function copyOf(tuning: Omit<Tuning, 'calibration'> = {}, settings = SETTINGS): Promise<Buffer> {
  const out = join(folder, 'copy.onnx');
  const target = { path: out, format: 'exact', force: true, verify: false, tuning: { calibration: { inputs: data }, ...tuning } } as const;
  await jobs.quantizeModel({}, { path }, [{ layer: 0, settings }], target);
  return readFileSync(out);
}

describe('a calibration that was done', () => {
  test('serves the copies that follow, biases and all', async () => {
    utimesSync(data, 1_000, 1_000);
    const first = await copyOf({ biasCorrection: true });
    replaceUnseen(2);
    expect(await copyOf({ biasCorrection: true })).toEqual(first);
    jobs = coreJobs();
    expect(await copyOf({ biasCorrection: true })).not.toEqual(first);
  });

  test('serves a copy after an evaluation', async () => {
    utimesSync(data, 1_000, 1_000);
    const copy = { plan: [{ layer: 0, settings: SETTINGS }], format: 'exact', tuning: { calibration: { inputs: data } } } as const;
    const { copyLayers } = await jobs.evaluateModel({}, { path }, { copy: { ...copy, plan: [...copy.plan] } }, { file: data });
    replaceUnseen(2);
    const { layers } = await jobs.previewModel({}, { path }, [...copy.plan], 'exact', copy.tuning);
    expect(layers).toEqual(copyLayers);
  });

  test.each<[string, () => unknown]>([
    ['the data', () => writeSamples(2)],
    ['the model', () => writeProduct(3)],
  ])('is done anew when %s has changed', async (_, change) => {
    for (const file of [data, path]) utimesSync(file, 1_000, 1_000);
    const before = await copyOf();
    change();
    const after = await copyOf();
    expect(after).not.toEqual(before);
    jobs = coreJobs();
    expect(after).toEqual(await copyOf());
  });

  test('is done anew for other settings and corrections', async () => {
    const copies = [
      await copyOf(), await copyOf({ biasCorrection: true }),
      await copyOf({}, { ...SETTINGS, rounding: 'attention' }), await copyOf({}, { ...SETTINGS, granularity: 'tensor' }),
    ];
    expect(new Set(copies.map((copy) => copy.toString('hex'))).size).toBe(copies.length);
  });

  test('is not kept where its codes would take much memory', () => {
    const cache = createCalibrationCache();
    const copy = (bytes: number) => (
      { quantized: new Map([[0, { codes: { length: bytes } }]]), outputs: new Map(), biases: new Map(), samples: 1 }
    ) as unknown as Parameters<typeof cache.keep>[1];
    const small = copy(64 * 2 ** 20);
    cache.keep('small', small);
    expect(cache.get('small')).toBe(small);
    cache.keep('large', copy(64 * 2 ** 20 + 1));
    expect([cache.get('large'), cache.get('small')]).toEqual([undefined, undefined]);
  });
});
