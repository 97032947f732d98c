import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fileStamp } from '../../../src/platform/fileStamp';
import { createModelCache } from '../../../src/workers/modelCache';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

vi.mock('../../../src/platform/fileStamp', { spy: true });

const FILES = 20;
const names = Array.from({ length: FILES }, (_, i) => `w${i}`);
let folder: string;
let path: string;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  folder = mkdtempSync(join(tmpdir(), 'quantscope-cache-'));
  path = writeModel(folder, 'm.onnx', buildModel({
    initializers: names.map((name, i) => ({ name, dims: [8, 8], data: laplacian(64, i), form: 'external', file: name })),
    nodes: names.map((name) => ({ op: 'MatMul', inputs: ['x', name], outputs: [`y_${name}`] })),
  }));
  vi.mocked(fileStamp).mockClear();
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test('many jobs look at the files of weights once, and again when some time has passed', async () => {
  const withModel = createModelCache();
  const looks = async (jobs: number): Promise<number> => {
    vi.mocked(fileStamp).mockClear();
    for (let job = 0; job < jobs; job++) await withModel({ path }, {}, () => undefined, 'lately');
    return vi.mocked(fileStamp).mock.calls.length;
  };
  expect(await looks(1)).toBe(1 + FILES);
  expect(await looks(10)).toBe(10);
  vi.advanceTimersByTime(101);
  expect(await looks(10)).toBe(10 + FILES);
});

test('a file of weights that changed is seen at once, and by jobs that come by the thousand when some time has passed', async () => {
  const withModel = createModelCache();
  const version = (look?: 'now' | 'lately') => withModel({ path }, {}, (model) => model.version, look);
  const change = (bytes: number): void => writeFileSync(join(folder, 'w7'), new Uint8Array(bytes));
  const before = await version();
  change(300);
  expect(await version('lately')).toBe(before);
  const after = await version();
  expect(after).not.toBe(before);
  change(400);
  expect(await version('lately')).toBe(after);
  vi.advanceTimersByTime(101);
  expect(await version('lately')).not.toBe(after);
});

test('the model file is looked at by every job', async () => {
  const withModel = createModelCache();
  const layers = () => withModel({ path }, {}, ({ index }) => index.layers.length, 'lately');
  expect(await layers()).toBe(FILES);
  writeModel(folder, 'm.onnx', buildModel({
    initializers: [{ name: 'w0', dims: [8, 8], data: laplacian(64, 0) }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w0'], outputs: ['y'] }],
  }));
  expect(await layers()).toBe(1);
});
