import type { BirpcReturn } from 'birpc';
import type { Outcome } from '../protocol/coreService';
import type { PriorityQueue } from './priorityQueue';
import { internalProblem, type HostCalls, type WorkerCalls, type WorkerJob } from './workerProtocol';

/** What a caller may say about one call. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Called with a fraction from 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Among waiting calls the highest goes first; 0 when left out. Those below 0, however many, leave one worker to others. */
  priority?: number;
}

export type WorkerProxy = BirpcReturn<WorkerCalls, HostCalls>;
export type WorkerTask<T> = (worker: WorkerProxy, job: WorkerJob) => Promise<Outcome<T>>;

/** What a job is made of. */
export interface PooledCall<T> {
  id: number;
  task: WorkerTask<T>;
  options: CallOptions;
  /** Of a job that helps another: has it end soon, as other jobs wait. */
  callAway: (() => void) | undefined;
}

/** A call that waits for a worker or runs in one. */
export interface PooledJob {
  priority: number;
  onProgress: ((fraction: number) => void) | undefined;
  callAway: (() => void) | undefined;
  /** What its worker is told of it. */
  wire: WorkerJob;
  /** Aborted when the job is cancelled or over: whoever helps with it stops then. */
  over: AbortSignal;
  /** Runs the job in a worker and settles it. Never rejects. */
  start(worker: WorkerProxy): Promise<void>;
  cancel(): void;
}

/** The answer to a call that was cancelled before a worker could say so. */
export const CANCELLED = { ok: false, problem: { code: 'cancelled', place: {}, detail: {} } } as const;
/** A job that has not noticed a cancel by then is in the middle of a call to ONNX Runtime: its caller waits no longer. */
const NOTICE_MS = 150;

/**
 * A job that is answered once: when it ends, or soon after it is cancelled.
 * @param queue where it waits until it is started
 */
export function createPooledJob<T>(
  { id, task, options, callAway }: PooledCall<T>, queue: PriorityQueue<PooledJob>, answer: (outcome: Outcome<T>) => void,
): PooledJob {
  const { signal, onProgress, priority = 0 } = options;
  const wire = { id, cancelled: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) };
  const over = new AbortController();
  let notice: NodeJS.Timeout | undefined;

  function settle(outcome: Outcome<T>): void {
    signal?.removeEventListener('abort', cancel);
    clearTimeout(notice);
    over.abort();
    answer(outcome);
  }

  function cancel(): void {
    if (queue.remove(job)) return settle(CANCELLED);
    Atomics.store(wire.cancelled, 0, 1);
    over.abort();
    // Whom a helper helps has to know when it has really ended.
    if (!callAway) notice ??= setTimeout(settle, NOTICE_MS, CANCELLED);
  }

  const job: PooledJob = {
    priority,
    onProgress,
    callAway,
    wire,
    over: over.signal,
    start: (worker) => task(worker, wire).catch(internalProblem<T>).then(settle),
    cancel,
  };
  signal?.addEventListener('abort', cancel);
  return job;
}
