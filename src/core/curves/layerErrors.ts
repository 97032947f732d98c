import { forEachRun } from '../groups/groups';
import { channelCount, type GroupedLayer } from '../groups/layerGroups';
import { throwIfCancelled, type CancelSignal } from '../job';
import { sqnrDb } from '../metrics/errorMeasures';
import type { FloatArray } from '../onnx/dataType';
import { levelsOf, type QuantizedLayer } from '../quantizeLayer';
import { SLICE, slicesOf } from '../statistics/cancelSlices';
import type { Histogram } from '../statistics/histogram';
import { channelRanges } from './channelRanges';
import { forEachChannelRun } from './channelRuns';

export interface ChannelErrors {
  channel: number;
  min: number;
  max: number;
  mse: number;
  sqnrDb: number;
}

/** Where in a layer, and how large, the errors of its quantization are. */
export interface LayerErrors {
  /** Of w − w_q over all weights, equal bins over ± the largest. */
  histogram: Histogram;
  /** Per output channel, in order; empty where the layer has no channel axis. */
  channels: ChannelErrors[];
}

/**
 * The errors that a quantized layer has.
 * @param weights that `quantized` was made of; they are replaced by their errors, so that memory for both is not needed
 * @throws CoreError `cancelled`
 */
export function layerErrors(
  weights: FloatArray, layer: GroupedLayer, quantized: QuantizedLayer, bins: number, signal?: CancelSignal,
): LayerErrors {
  const ranges = channelRanges(weights, layer, signal);
  subtractQuantized(weights, quantized, signal);
  const histogram = errorHistogram(weights, quantized.error.maxAbsError, bins, signal);

  const noise = new Float64Array(channelCount(layer));
  forEachChannelRun(layer, signal, (channel, start, end) => {
    for (let i = start; i < end; i++) noise[channel]! += weights[i]! ** 2;
  });
  const size = weights.length / noise.length;
  const channels = ranges.map(({ channel, min, max, mean, std }) => {
    const mse = noise[channel]! / size;
    return { channel, min, max, mse, sqnrDb: sqnrDb(std ** 2 + mean ** 2, mse) };
  });
  return { histogram, channels };
}

function subtractQuantized(weights: FloatArray, quantized: QuantizedLayer, signal: CancelSignal | undefined): void {
  const { codes, groups, codebooks } = quantized;
  for (let group = 0; group < codebooks.length; group++) {
    throwIfCancelled(signal);
    const levels = levelsOf(quantized, group);
    forEachRun(groups, group, (first, last) => {
      for (let start = first; start < last; start += SLICE) {
        if (start > first) throwIfCancelled(signal);
        for (let i = start; i < Math.min(last, start + SLICE); i++) weights[i]! -= levels[codes[i]!]!;
      }
    });
  }
}

/** Without any error all weights are in the middle bin. */
function errorHistogram(errors: FloatArray, largest: number, bins: number, signal: CancelSignal | undefined): Histogram {
  const counts = new Float64Array(bins);
  const binsPerUnit = largest === 0 ? 0 : bins / (2 * largest);
  const middle = largest === 0 ? Math.floor(bins / 2) : bins / 2;
  for (const block of slicesOf(errors)) {
    throwIfCancelled(signal);
    for (let i = 0; i < block.length; i++) {
      const bin = Math.floor(block[i]! * binsPerUnit + middle);
      counts[Math.max(0, Math.min(bins - 1, bin))]!++;
    }
  }
  return { min: -largest, max: largest, counts: Array.from(counts) };
}
