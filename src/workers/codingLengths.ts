import { codingLength } from '../core/allocation/codingLength';
import { gather, groupCount, largestGroup } from '../core/groups/groups';
import { layerGroups } from '../core/groups/layerGroups';
import { throwIfCancelled, type CancelSignal, type Job } from '../core/job';
import type { FloatArray } from '../core/onnx/dataType';
import type { Layer } from '../core/onnx/layer';
import { readWeights } from '../core/onnx/weights';
import type { CodingMeasure } from '../protocol/allocation';
import type { OpenModel } from './modelCache';
import { layerAt, tensorOf } from './modelWeights';

/** Bits that each layer's weights take coded up to a given error, for the layer or for a weight of it. */
export function codingLengths(model: OpenModel, layers: number[], { of, distortion }: CodingMeasure, job: Job): number[] {
  const measured = layers.map((index) => layerAt(model.index, index));
  const total = measured.reduce((sum, { elements }) => sum + elements, 0);
  let done = 0;
  return measured.map((layer) => {
    throwIfCancelled(job.signal);
    const weights = readWeights(model.files, tensorOf(model.index, layer), job.signal);
    const length = channelCodingLength(layer, weights, distortion, job.signal);
    done += layer.elements;
    job.onProgress?.(done / total);
    return of === 'weight' ? length / layer.elements : length;
  });
}

/** Rows are output channels; without a channel axis the layer is one row. */
function channelCodingLength(layer: Layer, weights: FloatArray, distortion: number, signal: CancelSignal | undefined): number {
  const channels = layerGroups(layer, 'channel');
  const rows = groupCount(channels);
  const columns = largestGroup(channels);
  const matrix = new Float64Array(weights.length);
  for (let row = 0; row < rows; row++) gather(weights, channels, row, matrix.subarray(row * columns));
  return codingLength(matrix, { rows, columns }, distortion, signal);
}
