import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { fileStamp } from '../../../src/platform/fileStamp';
import { coreJobs, type CoreJobs } from '../../../src/workers/coreJobs';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

vi.mock('../../../src/platform/fileStamp', { spy: true });

const LAYERS = 6;
let folder: string;
let path: string;
let jobs: CoreJobs;

/** A model with a file for each of its weights, as PyTorch exports large ones. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-cache-'));
  path = writeModel(folder, 'm.onnx', buildModel({
    initializers: Array.from({ length: LAYERS }, (_, i) => (
      { name: `fc${i}`, dims: [8, 8], data: laplacian(64, i + 1), form: 'external', file: `fc${i}` }
    )),
    nodes: Array.from({ length: LAYERS }, (_, i) => ({ op: 'MatMul', inputs: [`x${i}`, `fc${i}`], outputs: [`x${i + 1}`] })),
  }));
  jobs = coreJobs();
  return () => rmSync(folder, { recursive: true });
});

test('a job for one layer looks at the files of that layer alone', async () => {
  await jobs.openModel({}, { path });
  const planned = { layer: 2, settings: completeSettings({}) };
  const looks = async (job: () => Promise<unknown>): Promise<string[]> => {
    vi.mocked(fileStamp).mockClear();
    await job();
    return vi.mocked(fileStamp).mock.calls.map(([file]) => file);
  };
  const own = [path, join(folder, 'fc2')];
  expect(await looks(() => jobs.layerStatistics({}, { path }, 2, 10))).toEqual(own);
  expect(await looks(() => jobs.previewLayer({}, { path }, planned, 'exact'))).toEqual(own);
  expect(await looks(() => jobs.bestMethod({}, { path }, planned, 'exact'))).toEqual(own);
  expect(await looks(() => jobs.layerOptions({}, { path }, [planned], 'exact'))).toEqual(own);
  expect(await looks(() => jobs.openModel({}, { path }))).toHaveLength(1 + LAYERS);
});

test('and sees them change', async () => {
  const mean = async (): Promise<number> => (await jobs.layerStatistics({}, { path }, 2, 10)).mean;
  const before = await mean();
  const file = join(folder, 'fc2');
  const weights = new Float32Array(new Uint8Array(readFileSync(file)).buffer).map((w) => w + 3);
  writeFileSync(file, new Uint8Array(weights.buffer));
  expect(await mean()).toBeCloseTo(before + 3, 5);
  await expect((async () => {
    writeFileSync(file, new Uint8Array(4));
    return mean();
  })()).rejects.toMatchObject({ problem: { code: 'external-too-short' } });
});
