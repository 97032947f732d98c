import { createBirpc, type BirpcReturn } from 'birpc';
import type { RunningWorker } from '../platform/startWorker';
import type { Outcome } from '../protocol/coreService';
import { callAway } from './copyClaims';
import { internalProblem, type HostCalls, type WorkerCalls, type WorkerJob } from './workerProtocol';

/** What a caller may say about one call. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Called with a fraction from 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Among waiting calls the highest goes first; 0 when left out. */
  priority?: number;
}

export type WorkerProxy = BirpcReturn<WorkerCalls, HostCalls>;
export type WorkerTask<T> = (worker: WorkerProxy, job: WorkerJob) => Promise<Outcome<T>>;

/** Runs calls in up to `size` workers, which are started when needed and replaced when they crash. */
export interface WorkerPool {
  /**
   * Never rejects: a crash is an `internal` problem, an abort the problem `cancelled`, which is answered soon even when
   * the worker takes longer to stop.
   */
  run<T>(task: WorkerTask<T>, options?: CallOptions): Promise<Outcome<T>>;
  /** Cancels everything, waits shortly for running jobs to clean up, and ends the workers. */
  dispose(): Promise<void>;
}

interface PooledJob {
  priority: number;
  onProgress: ((fraction: number) => void) | undefined;
  wire: WorkerJob;
  /** Aborted when the job is cancelled or over: whoever helps with it stops then. */
  over: AbortController;
  /** Of a job that helps another: has it end soon, as other jobs wait. */
  callAway?: () => void;
  /** Runs the job in a worker and settles it. Never rejects. */
  start(worker: WorkerProxy): Promise<void>;
  cancel(): void;
}

interface Slot {
  worker: RunningWorker;
  proxy: WorkerProxy;
  running: PooledJob | null;
}

const CANCELLED = { ok: false, problem: { code: 'cancelled', place: {}, detail: {} } } as const;
/** A job that has not noticed a cancel by then is in the middle of a call to ONNX Runtime: its caller waits no longer. */
const NOTICE_MS = 150;
/** Longer than any job needs after a cancel to remove its temporary files, such a call included. */
const CLEAN_UP_MS = 5000;

/** @param ready workers that are started at once, for work that is known to come */
export function createWorkerPool(startOne: () => RunningWorker, size = 2, ready = 0): WorkerPool {
  const slots = new Set<Slot>();
  const queue: PooledJob[] = [];
  const running = new Set<Promise<void>>();
  let lastId = 0;
  let disposed = false;

  function run<T>(task: WorkerTask<T>, options: CallOptions = {}, callAway?: () => void): Promise<Outcome<T>> {
    const { signal, onProgress, priority = 0 } = options;
    if (disposed || signal?.aborted) return Promise.resolve(CANCELLED);
    return new Promise((resolve) => {
      let notice: NodeJS.Timeout | undefined;
      const settle = (outcome: Outcome<T>): void => {
        signal?.removeEventListener('abort', cancel);
        clearTimeout(notice);
        over.abort();
        resolve(outcome);
      };
      const over = new AbortController();
      const wire = { id: ++lastId, cancelled: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) };
      const cancel = (): void => {
        const waiting = queue.indexOf(job);
        if (waiting < 0) {
          Atomics.store(wire.cancelled, 0, 1);
          over.abort();
          // Whom a helper helps has to know when it has really ended.
          if (!callAway) notice ??= setTimeout(settle, NOTICE_MS, CANCELLED);
        } else {
          queue.splice(waiting, 1);
          settle(CANCELLED);
        }
      };
      const start = (worker: WorkerProxy): Promise<void> => task(worker, wire).catch(internalProblem<T>).then(settle);
      const job: PooledJob = { priority, onProgress, wire, over, start, cancel, ...(callAway && { callAway }) };
      signal?.addEventListener('abort', cancel);
      const before = queue.findLastIndex((other) => other.priority >= priority);
      queue.splice(before + 1, 0, job);
      pump();
    });
  }

  function pump(): void {
    while (!disposed && queue.length > 0) {
      const slot = [...slots].find((candidate) => candidate.running === null) ?? (slots.size < size ? addSlot() : null);
      if (slot === null) {
        for (const { running: busy } of slots) busy?.callAway?.();
        return;
      }
      const job = queue.shift()!;
      slot.running = job;
      const done = job.start(slot.proxy).then(() => {
        slot.running = null;
        running.delete(done);
        pump();
      });
      running.add(done);
    }
  }

  function addSlot(): Slot {
    const worker = startOne();
    const hostCalls: HostCalls = {
      progress: (id, fraction) => {
        if (slot.running?.wire.id === id) slot.running.onProgress?.(fraction);
      },
      shareWriting: async (id, request) => {
        const job = slot.running;
        if (job?.wire.id !== id) return CANCELLED;
        return run(
          (other, wire) => other.helpWriting(wire, request), { signal: job.over.signal, priority: job.priority },
          () => callAway(request.claims),
        );
      },
    };
    const proxy = createBirpc<WorkerCalls, HostCalls>(hostCalls, {
      post: (message) => worker.post(message),
      on: (listener) => worker.onMessage(listener),
      timeout: -1,
    });
    const slot: Slot = { worker, proxy, running: null };
    worker.onExit((error) => {
      slots.delete(slot);
      proxy.$close(error);
    });
    slots.add(slot);
    return slot;
  }

  async function dispose(): Promise<void> {
    disposed = true;
    for (const job of [...queue]) job.cancel();
    for (const slot of slots) slot.running?.cancel();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLEAN_UP_MS);
    });
    await Promise.race([Promise.all(running), patience]);
    clearTimeout(timer);
    await Promise.all([...slots].map((slot) => slot.worker.terminate()));
  }

  while (slots.size < ready) addSlot();
  return { run, dispose };
}
