import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startWorker } from '../../../src/platform/startWorker';
import { createCoreClient, type CoreClient } from '../../../src/workers/coreClient';
import { createWorkerPool, type WorkerPool } from '../../../src/workers/workerPool';
import { bundle, type Bundle } from './bundle';

let built: Bundle;
let started = 0;
let pool: WorkerPool;
let core: CoreClient;

function makePool(size: number, ready = 0): void {
  pool = createWorkerPool(() => {
    started++;
    return startWorker(join(built.folder, 'scriptedWorker.js'));
  }, size, ready);
  core = createCoreClient(pool);
}

const opened = (path: string) => ({ ok: true, value: expect.objectContaining({ path }) as unknown });
const cancelled = { ok: false, problem: { code: 'cancelled', place: {}, detail: {} } };
/** With the stack for the log. */
const internal = (message: string) => ({
  ok: false,
  problem: { code: 'internal', place: {}, detail: { message, stack: expect.stringContaining(`Error: ${message}\n    at `) as string } },
});

/** Opens `path` and waits until its worker is busy with it. */
async function busyWith(
  path: string, signal: AbortSignal, progress: number[] = [],
): Promise<{ outcome: ReturnType<CoreClient['openModel']> }> {
  let outcome!: ReturnType<CoreClient['openModel']>;
  await new Promise<void>((busy) => {
    outcome = core.openModel({ path }, { signal, onProgress: (fraction) => busy(void progress.push(fraction)) });
  });
  return { outcome };
}

beforeAll(() => {
  built = bundle(['test/unit/workers/scriptedWorker.ts']);
});
afterAll(() => built.remove());
beforeEach(() => {
  started = 0;
  makePool(1);
});
afterEach(() => pool.dispose());

test('answers calls, and starts no more workers than its size', async () => {
  makePool(2);
  const paths = Array.from({ length: 20 }, (_, i) => `model${i}`);
  expect(await Promise.all(paths.map((path) => core.openModel({ path })))).toEqual(paths.map(opened));
  expect(started).toBe(2);
});

test('starts no worker before the first call', () => {
  expect(started).toBe(0);
});

test('passes progress on', async () => {
  const seen: number[] = [];
  await core.openModel({ path: 'progress' }, { onProgress: (fraction) => seen.push(fraction) });
  expect(seen).toEqual([0.25, 0.5, 1]);
});

describe('cancelling', () => {
  test('reaches a worker in the middle of synchronous work', async () => {
    const abort = new AbortController();
    const { outcome } = await busyWith('spin', abort.signal);
    abort.abort();
    expect(await outcome).toEqual({ ok: false, problem: { code: 'cancelled', place: { file: 'spin' }, detail: {} } });
    expect(await core.openModel({ path: 'next' })).toEqual(opened('next'));
    expect(started).toBe(1);
  });

  test('is answered before a worker that cannot stop has ended, and the worker goes on afterwards', async () => {
    const abort = new AbortController();
    const progress: number[] = [];
    const { outcome } = await busyWith('deaf', abort.signal, progress);
    abort.abort();
    const order: string[] = [];
    const next = core.openModel({ path: 'next' }).then((opening) => order.push(opening.ok ? 'next' : 'failed'));
    const first = outcome.then((answer) => {
      order.push('cancelled');
      expect(answer).toEqual(cancelled);
    });
    await Promise.all([first, next]);
    expect(order).toEqual(['cancelled', 'next']);
    expect(progress).toEqual([0]);
    expect(started).toBe(1);
  });

  test('takes a waiting call out of the queue at once', async () => {
    const first = new AbortController();
    const second = new AbortController();
    const { outcome } = await busyWith('spin', first.signal);
    const waiting = core.openModel({ path: 'never' }, { signal: second.signal });
    second.abort();
    expect(await waiting).toEqual(cancelled);
    first.abort();
    await outcome;
    expect(await core.openModel({ path: 'next' })).toEqual(opened('next'));
  });

  test('answers a call that was cancelled before it was made', async () => {
    expect(await core.openModel({ path: 'never' }, { signal: AbortSignal.abort() })).toEqual(cancelled);
    expect(started).toBe(0);
  });
});

test('runs the highest priority first, and equals in the order they came', async () => {
  const abort = new AbortController();
  const { outcome } = await busyWith('spin', abort.signal);
  const order: string[] = [];
  const calls = [['low', -1], ['a', 0], ['high', 5], ['b', 0]] as const;
  const waiting = calls.map(([path, priority]) => core.openModel({ path }, { priority }).then(() => order.push(path)));
  abort.abort();
  await Promise.all([outcome, ...waiting]);
  expect(order).toEqual(['high', 'a', 'b', 'low']);
});

test('leaves a worker to others while calls that nobody waits for take long', async () => {
  makePool(2);
  const abort = new AbortController();
  const background = ['spin', 'spin'].map((path) => core.openModel({ path }, { signal: abort.signal, priority: -1 }));
  expect(await core.openModel({ path: 'next' })).toEqual(opened('next'));
  abort.abort();
  await Promise.all(background);
  expect(await core.openModel({ path: 'later' }, { priority: -1 })).toEqual(opened('later'));
});

describe('a worker that fails', () => {
  test.each([
    ['exit', 'worker exited with code 3'],
    ['throw', 'thrown in the worker'],
  ])('by %s answers its job with a problem and is replaced', async (path, message) => {
    const [failed, next] = await Promise.all([core.openModel({ path }), core.openModel({ path: 'next' })]);
    expect(failed).toEqual(internal(message));
    expect(next).toEqual(opened('next'));
    expect(started).toBe(2);
  });

  test('in one call only keeps running', async () => {
    expect(await core.openModel({ path: 'reject' })).toEqual(internal('rejected in the worker'));
    expect(await core.openModel({ path: 'next' })).toEqual(opened('next'));
    expect(started).toBe(1);
  });

  test('to start is a problem, not a hang', async () => {
    const broken = createCoreClient(createWorkerPool(() => startWorker(join(built.folder, 'missing.js'))));
    const outcome = await broken.openModel({ path: 'any' });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'internal' } });
  });
});

test('workers that are to be ready are started at once, and take the first calls', async () => {
  makePool(2, 2);
  expect(started).toBe(2);
  expect(await Promise.all(['a', 'b', 'c'].map((path) => core.openModel({ path })))).toEqual(['a', 'b', 'c'].map(opened));
  expect(started).toBe(2);
});

test('dispose ends no worker in the middle of a long call', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const order: string[] = [];
    pool = createWorkerPool(() => {
      const worker = startWorker(join(built.folder, 'scriptedWorker.js'));
      return {
        ...worker,
        onMessage: (listener) => worker.onMessage((message) => {
          order.push('told');
          listener(message);
        }),
        terminate() {
          order.push('ended');
          return worker.terminate();
        },
      };
    }, 1);
    core = createCoreClient(pool);
    const { outcome } = await busyWith('deaf', new AbortController().signal);
    const disposed = pool.dispose();
    vi.advanceTimersByTime(30_000);
    expect(await outcome).toEqual(cancelled);
    await disposed;
    // Progress at the start and at the end, and the answer.
    expect(order).toEqual(['told', 'told', 'told', 'ended']);
  } finally {
    vi.useRealTimers();
  }
});

test('dispose cancels what waits and what runs, and takes no more', async () => {
  const { outcome } = await busyWith('spin', new AbortController().signal);
  const waiting = core.openModel({ path: 'never' });
  await pool.dispose();
  expect(await waiting).toEqual(cancelled);
  expect(await outcome).toMatchObject({ ok: false, problem: { code: 'cancelled' } });
  expect(await core.openModel({ path: 'late' })).toEqual(cancelled);
});
