import { dirname, join } from 'node:path';
import { memoryFiles } from '../core/bytes/memorySource';
import type { ModelFiles } from '../core/bytes/byteSource';
import type { CancelSignal, Job } from '../core/job';
import { indexModel } from '../core/onnx/indexModel';
import type { ModelIndex } from '../core/onnx/modelIndex';
import type { WeightBuffer } from '../core/onnx/weightStripes';
import type { Moments } from '../core/statistics/moments';
import type { CodeBuffer } from '../core/quantizeGroup';
import { fileStamp } from '../platform/fileStamp';
import { openModelFiles } from '../platform/nodeFiles';
import type { ModelLocation } from '../protocol/coreService';
import { createCalibrationCache, type CalibrationCache } from './calibrationCache';
import { createSampleCache, type SampleCache } from './sampleCache';

/** A model while a job works on it. */
export interface OpenModel {
  files: ModelFiles;
  index: ModelIndex;
  /** Another one when the model's file or a file of its weights has changed; null for a model in memory. */
  version: string | null;
  /** What is known of layers' weights, by layer; filled as needed. */
  moments: Map<number, Moments>;
  samples: SampleCache;
  /** One for all models. */
  calibrations: CalibrationCache;
  /** For one layer at a time. */
  buffers: WeightBuffer & CodeBuffer;
}

/** Models whose structure stays known; an index takes about a kilobyte a tensor. */
const CAPACITY = 8;

/** Whether files have changed is looked at once in so many milliseconds by jobs of single layers, which take no longer than that look. */
const LOOK_INTERVAL = 100;

type Look = 'now' | 'lately';

/**
 * Opens a model, hands it to `use`, and closes it when that is done.
 * @param look when files of weights are looked at, whether they have changed: `lately` is for jobs that come by the thousand
 */
export type WithModel = <T>(
  location: ModelLocation, job: Job, use: (model: OpenModel) => T | Promise<T>, look?: Look,
) => Promise<T>;

type KnownModel = Omit<OpenModel, 'files' | 'calibrations' | 'buffers'> & {
  /** Of the model's file, the first, and of all that hold its weights. */
  stamps: Map<string, string>;
  /** When all of them were looked at. */
  lookedAt: number;
};

/** Opens models for one job at a time, and remembers the structure of recent ones until one of their files changes. */
export function createModelCache(): WithModel {
  const recent = new Map<string, KnownModel>();
  const calibrations = createCalibrationCache();

  function known(path: string, files: ModelFiles, signal: CancelSignal | undefined, look: Look): KnownModel {
    const found = recent.get(path);
    recent.delete(path);
    const model = found !== undefined && isCurrent(found, look) ? found : read(path, files, signal);
    recent.set(path, model);
    for (const oldest of recent.keys()) {
      if (recent.size <= CAPACITY) break;
      recent.delete(oldest);
    }
    return model;
  }

  return async ({ path, bytes }, { signal }, use, look = 'now') => {
    const files = bytes === undefined ? openModelFiles(path) : memoryFiles(path, bytes);
    try {
      if (bytes !== undefined) return await use(modelInMemory(files, indexModel(files, path, signal)));
      return await use({ files, ...known(path, files, signal, look), calibrations, buffers: {} });
    } finally {
      files.close();
    }
  };
}

/** A model of which nothing is known yet, and nothing kept. */
export function modelInMemory(files: ModelFiles, index: ModelIndex): OpenModel {
  return { files, index, version: null, moments: new Map(), samples: createSampleCache(), calibrations: createCalibrationCache(), buffers: {} };
}

/** The model's stamp is taken first: a file that changes while it is read is read again by the next job. */
function read(path: string, files: ModelFiles, signal: CancelSignal | undefined): KnownModel {
  const lookedAt = performance.now();
  const stamps = new Map([[path, fileStamp(path)]]);
  const index = indexModel(files, path, signal);
  for (const { location } of index.externalFiles) {
    const file = join(dirname(path), location);
    stamps.set(file, fileStamp(file));
  }
  return { index, moments: new Map(), samples: createSampleCache(), version: [...stamps.values()].join(), stamps, lookedAt };
}

function isCurrent(model: KnownModel, look: Look): boolean {
  const now = performance.now();
  const isSame = ([file, stamp]: [string, string]): boolean => fileStamp(file) === stamp;
  const [main] = model.stamps;
  if (look === 'lately' && now - model.lookedAt < LOOK_INTERVAL) return isSame(main!);
  model.lookedAt = now;
  return [...model.stamps].every(isSame);
}
