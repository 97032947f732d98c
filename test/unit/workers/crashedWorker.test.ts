import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { ModelHost } from '../../../src/editor/modelHost';
import { PlanDocument } from '../../../src/editor/planDocument';
import { startWorker } from '../../../src/platform/startWorker';
import type { CoreService } from '../../../src/protocol/coreService';
import { createCoreClient, type CoreClient } from '../../../src/workers/coreClient';
import { createWorkerPool, type WorkerPool } from '../../../src/workers/workerPool';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { FakePage } from '../editor/fakeCore';
import { bundle, type Bundle } from './bundle';

let built: Bundle;
let folder: string;
let path: string;
let pool: WorkerPool;
let core: CoreClient;
/** The call in which the next worker dies. */
let fatal: keyof CoreService | null;

beforeAll(() => {
  built = bundle(['src/workers/coreWorker.ts']);
});
afterAll(() => built.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-crash-'));
  path = writeModel(folder, 'm.onnx', buildModel({
    initializers: ['v', 'w'].map((name, i) => ({ name, dims: [256, 256], data: laplacian(256 * 256, i) })),
    nodes: [{ op: 'MatMul', inputs: ['x', 'v'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', 'w'], outputs: ['z'] }],
  }));
  pool = createWorkerPool(() => {
    const worker = startWorker(join(built.folder, 'coreWorker.js'));
    return {
      ...worker,
      post(message) {
        worker.post(message);
        if (fatal === null || (message as { m?: unknown }).m !== fatal) return;
        fatal = null;
        void worker.terminate();
      },
    };
  }, 1);
  core = createCoreClient(pool);
});
afterEach(async () => {
  await pool.dispose();
  rmSync(folder, { recursive: true });
});

async function openHost(): Promise<{ host: ModelHost; page: FakePage }> {
  const document = await PlanDocument.open('m.onnx', { read: async () => null, write: async () => {} });
  const host = new ModelHost({
    fileName: 'm.onnx', core, document, locate: async () => ({ ok: true, value: { path } }),
    histogramBins: () => 32, copyFormat: () => 'exact', log: { info: () => {}, warn: () => {} },
  });
  await host.open();
  const page = new FakePage();
  host.pageReady(page);
  return { host, page };
}

const DIED = { title: expect.stringMatching(/^Something unexpected went wrong inside Quantscope: worker exited with code \d$/) as string };

test('a worker that dies while it reads a model: the page says so, and reads it when asked again', async () => {
  fatal = 'openModel';
  const { host, page } = await openHost();
  expect(page.take('problem')).toMatchObject([{ problem: DIED }]);
  await host.open();
  expect(page.take('problem')).toMatchObject([{ problem: null }]);
  expect(page.take('model')).toMatchObject([{ layers: [{ name: 'v' }, { name: 'w' }] }]);
  host.dispose();
});

test('a worker that dies over one layer: its row says so, and another worker does the rest', async () => {
  const { host, page } = await openHost();
  fatal = 'layerStatistics';
  Object.assign(page, { visible: [0, 1], current: 0 });
  host.pageLooks(page);
  await expect.poll(() => page.messages.map(({ type }) => type)).toContain('statistics');
  expect(page.take('layerProblem')).toMatchObject([{ index: 0, problem: DIED }]);
  expect(page.take('statistics')).toMatchObject([{ statistics: { index: 1, count: 256 * 256 } }]);
  host.dispose();
});

test('a worker that dies while it writes: no copy, the source as it was, and the next job writes', async () => {
  const before = readFileSync(path);
  const target = { path: join(folder, 'copy.onnx'), format: 'exact', force: false, verify: false } as const;
  const planned = [{ layer: 0, settings: completeSettings({ bits: 4 }) }];
  fatal = 'quantizeModel';
  expect(await core.quantizeModel({ path }, planned, target)).toMatchObject({ ok: false, problem: { code: 'internal' } });
  expect(existsSync(target.path)).toBe(false);
  expect(await core.quantizeModel({ path }, planned, target)).toMatchObject({ ok: true });
  expect(existsSync(target.path)).toBe(true);
  expect(readFileSync(path)).toEqual(before);
});
