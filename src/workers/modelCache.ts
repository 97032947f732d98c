import { dirname, join } from 'node:path';
import { memoryFiles } from '../core/bytes/memorySource';
import type { ModelFiles } from '../core/bytes/byteSource';
import type { CancelSignal, Job } from '../core/job';
import { indexModel } from '../core/onnx/indexModel';
import type { Layer } from '../core/onnx/layer';
import { storedParts, type ModelIndex } from '../core/onnx/modelIndex';
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

/**
 * Opens a model, hands it to `use`, and closes it when that is done.
 * @param only the layer whose weights alone are read: changes of files that others are in do not matter
 */
export type WithModel = <T>(
  location: ModelLocation, job: Job, use: (model: OpenModel) => T | Promise<T>, only?: number,
) => Promise<T>;

type KnownModel = Omit<OpenModel, 'files' | 'calibrations' | 'buffers'> & { stamps: Map<string, string> };

/** Opens models for one job at a time, and remembers the structure of recent ones until one of their files changes. */
export function createModelCache(): WithModel {
  const recent = new Map<string, KnownModel>();
  const calibrations = createCalibrationCache();

  function known(path: string, files: ModelFiles, signal: CancelSignal | undefined, only: number | undefined): KnownModel {
    const found = recent.get(path);
    recent.delete(path);
    const model = found !== undefined && isCurrent(found, only) ? found : read(path, files, signal);
    recent.set(path, model);
    for (const oldest of recent.keys()) {
      if (recent.size <= CAPACITY) break;
      recent.delete(oldest);
    }
    return model;
  }

  return async ({ path, bytes }, { signal }, use, only) => {
    const files = bytes === undefined ? openModelFiles(path) : memoryFiles(path, bytes);
    try {
      if (bytes !== undefined) return await use(modelInMemory(files, indexModel(files, path, signal)));
      return await use({ files, ...known(path, files, signal, only), calibrations, buffers: {} });
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
  const stamps = new Map([[path, fileStamp(path)]]);
  const index = indexModel(files, path, signal);
  for (const { location } of index.externalFiles) {
    const file = join(dirname(path), location);
    stamps.set(file, fileStamp(file));
  }
  return { index, version: [...stamps.values()].join(), moments: new Map(), samples: createSampleCache(), stamps };
}

/** There may be as many files as layers, so that a job for each layer is not to look at all of them. */
function isCurrent({ index, stamps }: KnownModel, only: number | undefined): boolean {
  const layer = only === undefined ? undefined : index.layers[only];
  const files = layer ? filesOf(index, layer) : stamps.keys();
  for (const file of files) if (fileStamp(file) !== stamps.get(file)) return false;
  return true;
}

/** The model's own, and those that the layer's weights are in. */
function filesOf({ path, tensors }: ModelIndex, layer: Layer): Set<string> {
  const tensor = tensors[layer.tensor]!;
  const parts = [...storedParts(tensor), ...(tensor.computed ?? []).flatMap(({ constant }) => constant ?? [])];
  const external = parts.filter(({ storage }) => storage.form === 'external');
  return new Set([path, ...external.map(({ storage }) => join(dirname(path), storage.file))]);
}
