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
import { messageOf } from './messageOf';
import type { Runtime } from './runtime';
import { verifyWhole, type WholeCopy } from './wholeModel';

export interface CopyToVerify extends WholeCopy {
  /** The layers the copy holds quantized. */
  layers: Pick<EncodedLayer, 'layer' | 'consumers'>[];
  /** The weights a layer must have in the copy, in stored order. */
  expected: (layer: Layer) => Float32Array;
}

/**
 * Lets ONNX Runtime compute each quantized weight from the nodes and initializers in the file and compares it with the
 * expected one; one layer is in memory at a time. Then loads the copy and runs it once, as far as its source does.
 * @throws CoreError `verification-failed` naming the first layer that differs, or the file when it does not load or run though
 * its source does; `cancelled`, and what reading the copy throws
 */
export async function verifyCopy(runtime: Runtime, copy: CopyToVerify, job: Job = {}): Promise<Verification> {
  const files = openModelFiles(copy.path);
  try {
    const index = indexModel(files, copy.name, job.signal);
    await verifyWeights(runtime, files, index, copy, job);
    return {
      maxAbsDifference: 0,
      layers: copy.layers.length,
      runtime: runtime.name,
      wholeModel: await verifyWhole(runtime, copy, index, job.signal),
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
