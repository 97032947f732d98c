import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import type { Distribution } from './distributions';
import { fineDistribution, ksOfFine, ksOfSorted } from './kolmogorovSmirnov';
import type { Moments } from './moments';
import { ranksOf, valuesAtRanks } from './orderStatistics';
import { sketchOfFine, sketchOfSorted } from './quantileSketch';
import { sortFloats } from './sortFloats';

/** Up to this many weights are sorted, in a copy and a scratch array of 16 MB each; more are counted in fixed memory. */
const SORT_LIMIT = 1 << 22;

/** The finite weights in ascending order, as far as it is asked for. */
export interface WeightOrder {
  /** Whether all of it, but for the sketch, is that of the weights to the last bit or nearly so. */
  exact: boolean;
  /** The weight of a rank, counted from 0. */
  at: (rank: number) => number;
  /** Kolmogorov–Smirnov distance to a distribution. */
  ks: (distribution: Distribution) => number;
  /** Not more than 1,024 of them, evenly by rank. */
  sketch: () => Float32Array;
}

/**
 * Orders the finite weights where there are no cells, or `cellOrder` could not. Above 4 Mi of them memory stays fixed: KS
 * distances are then lower bounds, about 1e-5 short (`ksOfFine`), and weights in float64 are ranked and returned as their
 * nearest float32.
 *
 * @param chunks all weights of the layer; iterated several times
 * @param moments of the finite ones
 * @param probabilities the quantiles whose ranks will be asked for
 */
export function weightOrder(
  chunks: () => Iterable<FloatArray>, moments: Moments, probabilities: readonly number[], signal?: CancelSignal,
): WeightOrder {
  return moments.count <= SORT_LIMIT
    ? sortedOrder(finiteWeights(chunks(), moments.count, signal), signal)
    : countedOrder(chunks, moments, probabilities, signal);
}

/** The order of finite weights that may be sorted in place. @throws CoreError `cancelled` */
export function sortedOrder(weights: FloatArray, signal?: CancelSignal): WeightOrder {
  throwIfCancelled(signal);
  sortFloats(weights);
  return {
    exact: true,
    at: (rank) => weights[rank]!,
    ks: (distribution) => ksOfSorted(weights, distribution),
    sketch: () => sketchOfSorted(weights),
  };
}

function countedOrder(
  chunks: () => Iterable<FloatArray>, moments: Moments, probabilities: readonly number[], signal: CancelSignal | undefined,
): WeightOrder {
  const values = valuesAtRanks(chunks, ranksOf(probabilities, moments.count), signal);
  const fine = fineDistribution(chunks(), moments, signal);
  return {
    exact: false,
    at: (rank) => values.get(rank) as number,
    ks: (distribution) => ksOfFine(fine, distribution),
    sketch: () => sketchOfFine(fine),
  };
}

/** The finite ones of weights in an array of their own. @throws CoreError `cancelled` */
export function finiteWeights(chunks: Iterable<FloatArray>, count: number, signal?: CancelSignal): FloatArray {
  let weights: FloatArray | undefined;
  let length = 0;
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    weights ??= chunk instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < chunk.length; i++) {
      const w = chunk[i]!;
      if (w - w === 0) weights[length++] = w;
    }
  }
  return weights ?? new Float32Array(0);
}
