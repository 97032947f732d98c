import { unexpectedProblem } from '../core/errors';
import type { Outcome, CoreService } from '../protocol/coreService';
import type { QuantizedLayers } from './copyJob';
import type { ShareRequest } from './copyShare';

/** What travels with a call: which job it is, and the shared memory a cancel is seen through. */
export interface WorkerJob {
  id: number;
  /** One element over a SharedArrayBuffer: 0, and 1 once the job is cancelled. */
  cancelled: Int32Array;
}

/**
 * What the host may call in a worker: the core's service, with the job first, and help with another worker's job. A worker runs
 * one call at a time.
 */
export type WorkerCalls = {
  [Method in keyof CoreService]: (job: WorkerJob, ...args: Parameters<CoreService[Method]>) => ReturnType<CoreService[Method]>;
} & {
  helpWriting(job: WorkerJob, request: ShareRequest): Promise<Outcome<QuantizedLayers>>;
};

/** What a worker tells the host while it runs a job. */
export interface HostCalls {
  progress(job: number, fraction: number): void;
  /** Has another worker help with the job as soon as one is free. */
  shareWriting(job: number, request: ShareRequest): Promise<Outcome<QuantizedLayers>>;
}

/** An unexpected error as an outcome. */
export function internalProblem<T>(error: unknown): Outcome<T> {
  return { ok: false, problem: unexpectedProblem(error) };
}
