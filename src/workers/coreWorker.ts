import { createBirpc } from 'birpc';
import { parentPort } from 'node:worker_threads';
import { CoreError } from '../core/errors';
import type { Job } from '../core/job';
import type { Outcome } from '../protocol/coreService';
import { coreJobs } from './coreJobs';
import { internalProblem, type HostCalls, type WorkerCalls, type WorkerJob } from './workerProtocol';

/** Entry of the worker thread: the core behind messages. */

if (parentPort === null) throw new Error('coreWorker runs as a worker thread only');
const port = parentPort;

/** Progress is worth a message when it has moved by this much. */
const PROGRESS_STEP = 0.01;

const jobs = coreJobs();
const calls: WorkerCalls = {
  openModel: (wire, ...args) => answer(wire, (job) => jobs.openModel(job, ...args)),
  layerStatistics: (wire, ...args) => answer(wire, (job) => jobs.layerStatistics(job, ...args)),
  previewLayer: (wire, ...args) => answer(wire, (job) => jobs.previewLayer(job, ...args)),
  tryLayer: (wire, ...args) => answer(wire, (job) => jobs.tryLayer(job, ...args)),
  supportCurve: (wire, ...args) => answer(wire, (job) => jobs.supportCurve(job, ...args)),
  layerErrors: (wire, ...args) => answer(wire, (job) => jobs.layerErrors(job, ...args)),
  layerNodes: (wire, ...args) => answer(wire, (job) => jobs.layerNodes(job, ...args)),
  channelRanges: (wire, ...args) => answer(wire, (job) => jobs.channelRanges(job, ...args)),
  bestMethod: (wire, ...args) => answer(wire, (job) => jobs.bestMethod(job, ...args)),
  layerOptions: (wire, ...args) => answer(wire, (job) => jobs.layerOptions(job, ...args)),
  codingLengths: (wire, ...args) => answer(wire, (job) => jobs.codingLengths(job, ...args)),
  chooseWidths: (wire, ...args) => answer(wire, (job) => jobs.chooseWidths(job, ...args)),
  allocationCurves: (wire, ...args) => answer(wire, (job) => jobs.allocationCurves(job, ...args)),
  calibrationFit: (wire, ...args) => answer(wire, (job) => jobs.calibrationFit(job, ...args)),
  captureInputs: (wire, ...args) => answer(wire, (job) => jobs.captureInputs(job, ...args)),
  copySize: (wire, ...args) => answer(wire, (job) => jobs.copySize(job, ...args)),
  previewModel: (wire, ...args) => answer(wire, (job) => jobs.previewModel(job, ...args)),
  saveTensor: (wire, ...args) => answer(wire, (job) => jobs.saveTensor(job, ...args)),
  quantizeModel: (wire, model, ...args) => answer(wire, (job) => jobs.quantizeModel(
    model.bytes ? job : { ...job, askForHelp: (request) => host.shareWriting(wire.id, request) }, model, ...args,
  )),
  helpWriting: (wire, request) => answer(wire, (job) => jobs.helpWriting(job, request)),
  compareModels: (wire, ...args) => answer(wire, (job) => jobs.compareModels(job, ...args)),
  compareOutputs: (wire, ...args) => answer(wire, (job) => jobs.compareOutputs(job, ...args)),
  evaluateModel: (wire, ...args) => answer(wire, (job) => jobs.evaluateModel(job, ...args)),
};

const host = createBirpc<HostCalls, WorkerCalls>(calls, {
  post: (message) => port.postMessage(message),
  on: (listener) => void port.on('message', listener),
  timeout: -1,
});

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
