import type { ModelFiles } from '../core/bytes/byteSource';
import { CoreError } from '../core/errors';
import { throwIfCancelled, type CancelSignal, type Job } from '../core/job';
import type { EncodedLayer } from '../core/onnx/copyEdits';
import { indexModel } from '../core/onnx/indexModel';
import type { Layer } from '../core/onnx/layer';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { sliceRanges } from '../core/statistics/cancelSlices';
import { openModelFiles } from '../platform/nodeFiles';
import type { Verification } from '../protocol/coreService';
import { dequantizationModels, weightPlaces } from './dequantizationModel';
import type { Runtime } from './runtime';

/** Whole models above this are not loaded: folding a copy takes several times its float size in memory. */
const MAX_LOADED_BYTES = 512 * 1024 * 1024;

export interface CopyToVerify {
  path: string;
  /** The path it will have: what problems name. */
  name: string;
  source: ModelIndex;
  /** The layers the copy holds quantized. */
  layers: Pick<EncodedLayer, 'layer' | 'consumers'>[];
  /** The weights a layer must have in the copy, in stored order. */
  expected: (layer: Layer) => Float32Array;
}

/**
 * Lets ONNX Runtime compute each quantized weight from the nodes and initializers in the file and compares it with the
 * expected one; one layer is in memory at a time. Then loads the copy as a session.
 * @throws CoreError `verification-failed` naming the first layer that differs, or the file when it does not load though
 * its source does; `cancelled`, and what reading the copy throws
 */
export async function verifyCopy(runtime: Runtime, copy: CopyToVerify, job: Job = {}): Promise<Verification> {
  const files = openModelFiles(copy.path);
  try {
    const index = indexModel(files, copy.name, job.signal);
    await verifyWeights(runtime, files, index, copy, job);
    throwIfCancelled(job.signal);
    return {
      maxAbsDifference: 0,
      layers: copy.layers.length,
      runtime: runtime.name,
      wholeModel: await loadWhole(runtime, copy, index),
    };
  } finally {
    files.close();
  }
}

/** Scopes are numbered alike in a copy and its source. */
async function verifyWeights(
  runtime: Runtime, files: ModelFiles, index: ModelIndex, copy: CopyToVerify, job: Job,
): Promise<void> {
  const modelOf = dequantizationModels(files, index);
  for (const [i, encoded] of copy.layers.entries()) {
    const { layer } = encoded;
    const place = { file: copy.name, tensor: layer.name };
    const expected = copy.expected(layer);
    for (const at of weightPlaces(copy.source, encoded)) {
      throwIfCancelled(job.signal);
      const outputs = await runtime.evaluate(modelOf(at)).catch((problem: unknown) => {
        throw new CoreError('verification-failed', place, { message: messageOf(problem) });
      });
      const difference = largestDifference(Object.values(outputs)[0]?.data, expected, job.signal);
      if (difference !== 0) throw new CoreError('verification-failed', place, { maxAbsDifference: difference });
    }
    job.onProgress?.((i + 1) / copy.layers.length);
  }
}

/** Infinity where the two cannot be compared. */
function largestDifference(actual: unknown, expected: Float32Array, signal: CancelSignal | undefined): number {
  if (!(actual instanceof Float32Array) || actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (const [start, end] of sliceRanges(expected.length)) {
    throwIfCancelled(signal);
    for (let i = start; i < end; i++) {
      const difference = Math.abs(actual[i]! - expected[i]!);
      if (Number.isNaN(difference)) return Infinity;
      if (difference > largest) largest = difference;
    }
  }
  return largest;
}

async function loadWhole(
  runtime: Runtime, { path, name, source }: CopyToVerify, index: ModelIndex,
): Promise<Verification['wholeModel']> {
  if (source.bytes > MAX_LOADED_BYTES) return 'skipped-too-large';
  try {
    await runtime.load(path, locationsOf(index));
    return 'loaded';
  } catch (problem) {
    const sourceLoads = await runtime.load(source.path, locationsOf(source)).then(() => true, () => false);
    if (!sourceLoads) return 'source-does-not-load';
    throw new CoreError('verification-failed', { file: name }, { message: messageOf(problem) });
  }
}

function messageOf(problem: unknown): string {
  if (problem instanceof CoreError) return String(problem.problem.detail.message ?? problem.message);
  return problem instanceof Error ? problem.message : String(problem);
}

function locationsOf(index: ModelIndex): string[] {
  return index.externalFiles.map(({ location }) => location);
}
