import { parentPort, workerData } from 'node:worker_threads';
import { campaign, fuzzSeed } from './campaign';
import { generatedSeeds, realSeeds } from './seedModels';

/** Which cases a worker judges, and of which models. */
export interface FuzzTask {
  seed: number;
  range: [first: number, count: number];
  /** Folder of real models and the most bytes of one; null for generated models. */
  real: { folder: string; mostBytes: number } | null;
  /** One 32-bit number: the case that is being judged. */
  current: SharedArrayBuffer;
}

const { seed, range, real, current } = workerData as FuzzTask;
const seeds = (real ? realSeeds(real.folder, real.mostBytes) : generatedSeeds()).map(fuzzSeed);
const position = new Int32Array(current);
parentPort!.postMessage(campaign(seeds, seed, range, (number) => Atomics.store(position, 0, number)));
