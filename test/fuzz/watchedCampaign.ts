import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Campaign } from './campaign';
import type { FuzzTask } from './fuzzWorker';

/** Looked at this often; a case that is still the same after as many looks as `MOST_LOOKS` hangs. */
const LOOK_MS = 1000;
/** A case takes two milliseconds; a loaded machine stretches that. */
const MOST_LOOKS = 30;
/** Of JavaScript's heap; typed arrays are counted by `Campaign.peakBytes`. */
const HEAP_MB = 1024;

/** Shares a run between two threads; what they came to together. */
export async function sharedCampaign(folder: string, task: Omit<FuzzTask, 'current'>): Promise<Campaign> {
  const [first, count] = task.range;
  const half = Math.ceil(count / 2);
  const ranges: FuzzTask['range'][] = [[first, half], [first + half, count - half]];
  const parts = await Promise.all(ranges.map((range) => watchedCampaign(folder, { ...task, range })));
  const outcomes: Campaign['outcomes'] = {};
  for (const part of parts) {
    for (const [outcome, times] of Object.entries(part.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
  }
  return { outcomes, defects: parts.flatMap(({ defects }) => defects), peakBytes: Math.max(...parts.map(({ peakBytes }) => peakBytes)) };
}

/**
 * Runs cases in a worker thread built into `folder`. A case that hangs, takes all memory or ends the thread is a defect as
 * well, and ends the run.
 */
function watchedCampaign(folder: string, task: Omit<FuzzTask, 'current'>): Promise<Campaign> {
  const current = new SharedArrayBuffer(4);
  const position = new Int32Array(current);
  const workerData: FuzzTask = { ...task, current };
  const worker = new Worker(join(folder, 'fuzzWorker.js'), { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  return new Promise((resolve) => {
    let [last, looks] = [-1, 0];
    const end = (result: Campaign): void => {
      clearInterval(watchdog);
      void worker.terminate();
      resolve(result);
    };
    const failed = (error: string): void => {
      end({ outcomes: {}, defects: [{ number: Atomics.load(position, 0), error }], peakBytes: process.memoryUsage.rss() });
    };
    const watchdog = setInterval(() => {
      const now = Atomics.load(position, 0);
      looks = now === last ? looks + 1 : 0;
      last = now;
      if (looks === MOST_LOOKS) failed('hangs');
    }, LOOK_MS);
    worker.on('message', (result: Campaign) => end(result));
    worker.on('error', (error) => failed(String(error)));
    worker.on('exit', () => failed('ends the thread'));
  });
}
