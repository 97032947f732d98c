import { createBirpc } from 'birpc';
import { parentPort } from 'node:worker_threads';
import { CoreError } from '../core/errors';
import type { Job } from '../core/job';
import type { Outcome } from '../protocol/coreService';
import { coreJobs, type CoreJobs } from './coreJobs';
import { internalProblem, type HostCalls, type WorkerCalls, type WorkerJob } from './workerProtocol';

/** Entry of the worker thread: the core behind messages. */

if (parentPort === null) throw new Error('coreWorker runs as a worker thread only');
const port = parentPort;

/** Progress is worth a message when it has moved by this much. */
const PROGRESS_STEP = 0.01;

type AnyJob = (job: Job, ...args: never[]) => Promise<unknown>;
type CallOf<Run> = Run extends (job: Job, ...args: infer Args) => Promise<infer Value>
  ? (wire: WorkerJob, ...args: Args) => Promise<Outcome<Value>>
  : never;
type Calls = { [Method in keyof CoreJobs]: CallOf<CoreJobs[Method]> };

const jobs = coreJobs();
const calls: WorkerCalls = {
  ...callsOf(jobs),
  quantizeModel: (wire, model, ...args) => answer(wire, (job) => jobs.quantizeModel(
    model.bytes ? job : { ...job, askForHelp: (request) => host.shareWriting(wire.id, request) }, model, ...args,
  )),
};

const host = createBirpc<HostCalls, WorkerCalls>(calls, {
  post: (message) => port.postMessage(message),
  on: (listener) => void port.on('message', listener),
  timeout: -1,
});

/** Each job as a call that is answered with what the job returns, or with the problem that it throws. */
function callsOf(jobs: CoreJobs): Calls {
  return Object.fromEntries(Object.entries<AnyJob>(jobs).map(([method, run]) => [
    method, (wire: WorkerJob, ...args: never[]) => answer(wire, (job) => run(job, ...args)),
  ])) as Calls;
}

async function answer<T>(wire: WorkerJob, work: (job: Job) => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work(jobOf(wire)) };
  } catch (error) {
    return error instanceof CoreError ? { ok: false, problem: error.problem } : internalProblem(error);
  }
}

function jobOf(wire: WorkerJob): Job {
  let reported = 0;
  return {
    signal: {
      get aborted() {
        return Atomics.load(wire.cancelled, 0) === 1;
      },
    },
    onProgress: (fraction) => {
      if (fraction - reported < PROGRESS_STEP && fraction < 1) return;
      reported = fraction;
      void host.progress.asEvent(wire.id, fraction);
    },
  };
}
