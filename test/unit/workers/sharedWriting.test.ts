import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { startWorker, type RunningWorker } from '../../../src/platform/startWorker';
import { createCoreClient, type CoreClient } from '../../../src/workers/coreClient';
import type { QuantizedLayers } from '../../../src/workers/copyJob';
import type { ShareRequest } from '../../../src/workers/copyShare';
import { createWorkerPool, type WorkerPool } from '../../../src/workers/workerPool';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { bundle, type Bundle } from './bundle';

const LAYERS = 4;
const SIDE = 256;
const planned = Array.from({ length: LAYERS }, (_, layer) => ({ layer, settings: completeSettings({ bits: 4, method: 'n2uq' }) }));

let built: Bundle;
let folder: string;
let path: string;
let pools: WorkerPool[];
/** Layers that helpers wrote. */
let helped: number[];
/** What becomes of a worker that is asked to help. */
let whenAsked: (worker: RunningWorker, request: ShareRequest) => void;
/** Whether it hears that it is asked. */
let hears: boolean;

beforeAll(() => {
  built = bundle(['src/workers/coreWorker.ts']);
});
afterAll(() => built.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-shared-'));
  path = writeModel(folder, 'm.onnx', modelOf());
  pools = [];
  helped = [];
  whenAsked = () => {};
  hears = true;
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.dispose()));
  rmSync(folder, { recursive: true });
});

function modelOf(change: (weights: Float32Array[]) => void = () => {}): ReturnType<typeof buildModel> {
  const weights = planned.map((_, seed) => Float32Array.from(laplacian(SIDE * SIDE, seed + 1)));
  change(weights);
  return buildModel({
    inputs: [{ name: 'v0', dims: ['batch', SIDE] }],
    outputs: [{ name: `v${LAYERS}`, dims: ['batch', SIDE] }],
    initializers: weights.map((data, i) => ({ name: `w${i}`, dims: [SIDE, SIDE], data })),
    nodes: weights.map((_, i) => ({ op: 'MatMul', inputs: [`v${i}`, `w${i}`], outputs: [`v${i + 1}`] })),
  });
}

/** Up to so many workers, all of them running. */
async function coreOf(size: number): Promise<CoreClient> {
  const pool = createWorkerPool(() => watched(startWorker(join(built.folder, 'coreWorker.js'))), size);
  pools.push(pool);
  const core = createCoreClient(pool);
  await Promise.all(Array.from({ length: size }, () => core.openModel({ path })));
  return core;
}

function watched(worker: RunningWorker): RunningWorker {
  return {
    ...worker,
    post(message) {
      const { m: method, a: [, request] = [] } = message as { m?: string; a?: [unknown, ShareRequest?] };
      if (method !== 'helpWriting') return worker.post(message);
      if (hears) worker.post(message);
      whenAsked(worker, request!);
    },
    onMessage: (listener) => worker.onMessage((message) => {
      const answer = (message as { r?: { value?: Partial<QuantizedLayers> } }).r?.value;
      if (answer?.layers && answer.sums) helped.push(...answer.layers.map(({ layer }) => layer));
      listener(message);
    }),
  };
}

const targetIn = (place: string) => {
  mkdirSync(join(folder, place));
  return { path: join(folder, place, 'c.onnx'), format: 'exact', force: false, verify: false } as const;
};

describe('a copy that two workers write', () => {
  test('is the one that one worker writes, and so is what is told of it', async () => {
    const [alone, together] = [targetIn('alone'), targetIn('together')];
    const one = await (await coreOf(1)).quantizeModel({ path }, planned, alone);
    expect(helped).toEqual([]);
    const two = await (await coreOf(2)).quantizeModel({ path }, planned, together);
    expect(helped.length).toBeGreaterThan(0);
    expect(readFileSync(together.path)).toEqual(readFileSync(alone.path));
    expect(two).toEqual({ ok: true, value: { ...(one.ok && one.value), outputs: [together.path] } });
  });

  test.each([['not-finite', NaN], ['too-large', 2e38]])('leaves a layer in float that is %s, whoever meets it', async (reason, weight) => {
    const pool = { 1: await coreOf(1), 2: await coreOf(2) };
    for (const bad of [0, LAYERS - 1]) {
      path = writeModel(folder, `${reason}${bad}.onnx`, modelOf((weights) => (weights[bad]![5] = weight)));
      const copies = [];
      for (const size of [1, 2] as const) {
        const target = targetIn(`${reason} ${bad} by ${size}`);
        const outcome = await pool[size].quantizeModel({ path }, planned, target);
        expect(outcome).toMatchObject({ ok: true, value: { size: { skipped: [{ layer: bad, reason }] } } });
        copies.push(readFileSync(target.path));
      }
      expect(copies[1]).toEqual(copies[0]);
    }
  });

  test('does not appear when one of them dies over its layers, and nothing stays behind', async () => {
    const core = await coreOf(2);
    const target = targetIn('dead');
    const before = readFileSync(path);
    whenAsked = (worker, { claims }) => void (async () => {
      await expect.poll(() => claims.slice(0, 2), { interval: 1 }).toEqual(Int32Array.of(0, 1));
      await worker.terminate();
    })();
    expect(await core.quantizeModel({ path }, planned, target)).toMatchObject({ ok: false, problem: { code: 'internal' } });
    expect(readdirSync(join(folder, 'dead'))).toEqual([]);
    expect(readFileSync(path)).toEqual(before);
  });

  test('is written by one when the other dies before it begins', async () => {
    const core = await coreOf(2);
    hears = false;
    whenAsked = (worker) => void worker.terminate();
    expect(await core.quantizeModel({ path }, planned, targetIn('early'))).toMatchObject({ ok: true });
    expect(helped).toEqual([]);
  });

  test('is written by one from where other work is asked for, which is not kept waiting', async () => {
    const core = await coreOf(2);
    const order: string[] = [];
    let asked: Promise<unknown> | undefined;
    whenAsked = () => {
      asked = core.openModel({ path }).then(() => order.push('opened'));
    };
    const outcome = await core.quantizeModel({ path }, planned, targetIn('shared')).finally(() => order.push('written'));
    await asked;
    expect(outcome).toMatchObject({ ok: true });
    expect(order).toEqual(['opened', 'written']);
    expect(helped.length).toBeLessThan(LAYERS - 1);
  });

  test('does not appear when it is cancelled, and both workers go on with the next', async () => {
    const core = await coreOf(2);
    const target = targetIn('cancelled');
    const cancel = new AbortController();
    whenAsked = () => void setTimeout(() => cancel.abort(), 20);
    const outcome = await core.quantizeModel({ path }, planned, target, { signal: cancel.signal });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
    await expect.poll(() => readdirSync(join(folder, 'cancelled'))).toEqual([]);
    whenAsked = () => {};
    expect(await core.quantizeModel({ path }, planned, target)).toMatchObject({ ok: true });
  });
});
