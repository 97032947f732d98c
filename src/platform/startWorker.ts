import { SHARE_ENV, Worker } from 'node:worker_threads';

/** A running worker as the pool sees it, whatever the platform runs it with. */
export interface RunningWorker {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the worker ends, also when it never came up; `error` says why. */
  onExit(listener: (error: Error) => void): void;
  terminate(): Promise<void>;
}

/**
 * Room for new objects. What workers leave behind are views of large buffers, small by themselves: in the usual room so many
 * gather before they are collected that the buffers take a hundred megabytes.
 */
const YOUNG_GENERATION_MB = 4;

/** Starts a worker thread on a built script, `dist/coreWorker.js` in the product. What it sets in the environment is set for all. */
export function startWorker(script: string): RunningWorker {
  const worker = new Worker(script, { env: SHARE_ENV, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onExit: (listener) => void worker.on('exit', (code) => listener(failure ?? new Error(`worker exited with code ${code}`))),
    terminate: async () => void (await worker.terminate()),
  };
}
