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
import { createSampleCache, type SampleCache } from './sampleCache';

/** A model while a job works on it. */
export interface OpenModel {
  files: ModelFiles;
  index: ModelIndex;
  /** What is known of layers' weights, by layer; filled as needed. */
  moments: Map<number, Moments>;
  samples: SampleCache;
  /** For one layer at a time. */
  buffers: WeightBuffer & CodeBuffer;
}

/** Models whose structure stays known; an index takes about a kilobyte a tensor. */
const CAPACITY = 8;

/** Opens a model, hands it to `use`, and closes it when that is done. */
export type WithModel = <T>(location: ModelLocation, job: Job, use: (model: OpenModel) => T | Promise<T>) => Promise<T>;

type KnownModel = Omit<OpenModel, 'files' | 'buffers'> & { stamps: Map<string, string> };

/** Opens models for one job at a time, and remembers the structure of recent ones until one of their files changes. */
export function createModelCache(): WithModel {
  const recent = new Map<string, KnownModel>();

  function known(path: string, files: ModelFiles, signal: CancelSignal | undefined): KnownModel {
    const found = recent.get(path);
    recent.delete(path);
    const model = found !== undefined && isCurrent(found) ? found : read(path, files, signal);
    recent.set(path, model);
    for (const oldest of recent.keys()) {
      if (recent.size <= CAPACITY) break;
      recent.delete(oldest);
    }
    return model;
  }

  return async ({ path, bytes }, { signal }, use) => {
    const files = bytes === undefined ? openModelFiles(path) : memoryFiles(path, bytes);
    try {
      const model = bytes === undefined
        ? known(path, files, signal)
        : { index: indexModel(files, path, signal), moments: new Map<number, Moments>(), samples: createSampleCache() };
      return await use({ files, index: model.index, moments: model.moments, samples: model.samples, buffers: {} });
    } finally {
      files.close();
    }
  };
}

/** The model's stamp is taken first: a file that changes while it is read is read again by the next job. */
function read(path: string, files: ModelFiles, signal: CancelSignal | undefined): KnownModel {
  const stamps = new Map([[path, fileStamp(path)]]);
  const index = indexModel(files, path, signal);
  for (const { location } of index.externalFiles) {
    const file = join(dirname(path), location);
    stamps.set(file, fileStamp(file));
  }
  return { index, moments: new Map(), samples: createSampleCache(), stamps };
}

function isCurrent({ stamps }: KnownModel): boolean {
  return [...stamps].every(([file, stamp]) => fileStamp(file) === stamp);
}
