import { createBirpc } from 'birpc';
import { parentPort } from 'node:worker_threads';
import type { ModelSummary } from '../../../src/protocol/coreService';
import type { HostCalls, WorkerCalls } from '../../../src/workers/workerProtocol';

/** A worker that does what the model's path says, for tests of the pool. */
const calls: Pick<WorkerCalls, 'openModel'> = {
  openModel: (job, { path }) => {
    if (path === 'exit') process.exit(3);
    if (path === 'throw') setImmediate(() => { throw new Error('thrown in the worker'); });
    if (path === 'throw' || path === 'never') return new Promise(() => undefined);
    if (path === 'progress') for (const fraction of [0.25, 0.5, 1]) void host.progress.asEvent(job.id, fraction);
    if (path === 'spin') {
      void host.progress.asEvent(job.id, 0);
      while (Atomics.load(job.cancelled, 0) === 0);
      return Promise.resolve({ ok: false, problem: { code: 'cancelled', place: { file: 'spin' }, detail: {} } });
    }
    if (path === 'deaf') {
      void host.progress.asEvent(job.id, 0);
      while (Atomics.load(job.cancelled, 0) === 0);
      return new Promise((resolve) => setTimeout(() => {
        void host.progress.asEvent(job.id, 0.9);
        resolve({ ok: true, value: summaryOf(path) });
      }, 1000));
    }
    if (path === 'reject') return Promise.reject(new Error('rejected in the worker'));
    return Promise.resolve({ ok: true, value: summaryOf(path) });
  },
};

function summaryOf(path: string): ModelSummary {
  return {
    path, version: null, bytes: 0, producer: '', irVersion: 0, opsets: {}, parameters: 0, layers: [], externalFiles: [],
  };
}

const port = parentPort!;
const host = createBirpc<HostCalls, typeof calls>(calls, {
  post: (message) => port.postMessage(message),
  on: (listener) => void port.on('message', listener),
  timeout: -1,
});
