import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { absDeviationSum } from './absDeviationSum';
import { cellOrder } from './cellOrder';
import { evenOrder } from './evenCells';
import { binOf, countsOfSorted, type Histogram } from './histogram';
import { momentsOf, type Moments } from './moments';
import { quantile } from './orderStatistics';
import type { Survey } from './survey';
import { sortedOrder, weightOrder, type WeightOrder } from './weightOrder';

/** The order of a layer's finite weights, and all that follows from it. */
export interface LayerOrder extends WeightOrder {
  moments: Moments;
  meanAbsDeviation: number;
  histogram: Histogram;
}

/** What is asked of it. */
export interface OrderRequest {
  probabilities: readonly number[];
  /** Of the histogram. */
  bins: number;
}

/**
 * From the weights themselves where they are few, from counts where these tell enough, else from another look at the weights.
 *
 * @param chunks all weights of the layer; iterated several times, or not at all
 * @throws CoreError `cancelled`
 */
export function layerOrder(
  chunks: () => Iterable<FloatArray>, { count, moments, kept, cells, most }: Survey, request: OrderRequest, signal?: CancelSignal,
): LayerOrder {
  if (kept) return orderOfFew(kept, moments, request.bins, signal);
  if (!cells) return orderOfMany(chunks, moments, request, signal);
  return evenOrder(cells, moments, most, request.bins)
    ?? cellOrder(chunks, cells, moments, { ...request, finite: count === moments.count }, signal)
    ?? orderOfMany(chunks, momentsOf(chunks(), signal), request, signal);
}

function orderOfFew(weights: FloatArray, moments: Moments, bins: number, signal: CancelSignal | undefined): LayerOrder {
  const order = sortedOrder(weights, signal);
  const { count, min, max } = moments;
  const median = quantile(0.5, count, order.at);
  return {
    ...order, moments, meanAbsDeviation: absDeviationSum(weights, median, signal) / count,
    histogram: { min, max, counts: countsOfSorted(weights, binOf(min, max, bins), bins) },
  };
}

function orderOfMany(
  chunks: () => Iterable<FloatArray>, moments: Moments, { probabilities, bins }: OrderRequest, signal: CancelSignal | undefined,
): LayerOrder {
  const order = weightOrder(chunks, moments, probabilities, signal);
  const median = quantile(0.5, moments.count, order.at);
  return { ...order, moments, ...spread(chunks(), moments, median, bins, signal) };
}

/** Mean deviation and histogram of the weights themselves. */
function spread(
  chunks: Iterable<FloatArray>, { count, min, max }: Moments, median: number, bins: number, signal: CancelSignal | undefined,
): { meanAbsDeviation: number; histogram: Histogram } {
  const counts = new Float64Array(bins);
  const bin = binOf(min, max, bins);
  let deviation = 0;
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    for (let i = 0; i < chunk.length; i++) {
      const w = chunk[i]!;
      if (w - w !== 0) continue;
      deviation += Math.abs(w - median);
      counts[bin(w)]!++;
    }
  }
  return { meanAbsDeviation: deviation / count, histogram: { min, max, counts: Array.from(counts) } };
}
