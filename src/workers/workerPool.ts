import { createBirpc } from 'birpc';
import type { RunningWorker } from '../platform/startWorker';
import type { Outcome } from '../protocol/coreService';
import { callAway } from './copyClaims';
import { CANCELLED, createPooledJob, type CallOptions, type PooledJob, type WorkerProxy, type WorkerTask } from './pooledJob';
import { PriorityQueue } from './priorityQueue';
import type { HostCalls, WorkerCalls } from './workerProtocol';

/** Runs calls in up to `size` workers, which are started when needed and replaced when they crash. */
export interface WorkerPool {
  /**
   * Never rejects: a crash is an `internal` problem, an abort the problem `cancelled`, which is answered soon even when
   * the worker takes longer to stop.
   */
  run<T>(task: WorkerTask<T>, options?: CallOptions): Promise<Outcome<T>>;
  /**
   * Cancels everything, waits for running jobs to clean up, however long a call to ONNX Runtime keeps them, and ends the workers: one that is
   * ended in such a call still waits for it, and then takes the whole process with it, files left behind.
   */
  dispose(): Promise<void>;
}

interface Slot {
  worker: RunningWorker;
  proxy: WorkerProxy;
  running: PooledJob | null;
}

/** @param ready workers that are started at once, for work that is known to come */
export function createWorkerPool(startOne: () => RunningWorker, size = 2, ready = 0): WorkerPool {
  const slots = new Set<Slot>();
  const queue = new PriorityQueue<PooledJob>();
  const running = new Set<Promise<void>>();
  let lastId = 0;
  let disposed = false;

  function run<T>(task: WorkerTask<T>, options: CallOptions = {}, callAway?: () => void): Promise<Outcome<T>> {
    if (disposed || options.signal?.aborted) return Promise.resolve(CANCELLED);
    return new Promise((answer) => {
      queue.add(createPooledJob({ id: ++lastId, task, options, callAway }, queue, answer));
      pump();
    });
  }

  function pump(): void {
    while (!disposed) {
      const [job] = queue.items;
      if (!job || !mayStart(job)) return;
      const slot = [...slots].find((candidate) => candidate.running === null) ?? (slots.size < size ? addSlot() : null);
      if (slot === null) {
        for (const { running: busy } of slots) busy?.callAway?.();
        return;
      }
      queue.remove(job);
      slot.running = job;
      const done = job.start(slot.proxy).then(() => {
        slot.running = null;
        running.delete(done);
        pump();
      });
      running.add(done);
    }
  }

  /** What nobody waits for may take minutes: one worker is left for the rest. */
  function mayStart({ priority }: PooledJob): boolean {
    const inBackground = [...slots].filter((slot) => slot.running && slot.running.priority < 0).length;
    return priority >= 0 || inBackground < Math.max(1, size - 1);
  }

  function addSlot(): Slot {
    const worker = startOne();
    const hostCalls: HostCalls = {
      progress: (id, fraction) => {
        if (slot.running?.wire.id === id && !slot.running.over.aborted) slot.running.onProgress?.(fraction);
      },
      shareWriting: async (id, request) => {
        const job = slot.running;
        if (job?.wire.id !== id) return CANCELLED;
        return run(
          (other, wire) => other.helpWriting(wire, request), { signal: job.over, priority: job.priority },
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
    for (const job of [...queue.items]) job.cancel();
    for (const slot of slots) slot.running?.cancel();
    await Promise.all(running);
    await Promise.all([...slots].map((slot) => slot.worker.terminate()));
  }

  while (slots.size < ready) addSlot();
  return { run, dispose };
}
