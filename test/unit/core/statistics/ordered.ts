import { binOf } from '../../../../src/core/statistics/histogram';
import { momentsOf, standardDeviation } from '../../../../src/core/statistics/moments';
import { quantile } from '../../../../src/core/statistics/orderStatistics';

/** Weights in parts that end anywhere. */
export function* chunksOf(weights: Float32Array): Generator<Float32Array> {
  for (let at = 0; at < weights.length; at += 100_001) yield weights.subarray(at, at + 100_001);
}

/** Everything by definition, from sorted weights. */
export function byDefinition(weights: Float32Array, bins: number) {
  const sorted = weights.filter((w) => Number.isFinite(w)).sort();
  const quantileOf = (p: number): number => quantile(p, sorted.length, (rank) => sorted[rank]!);
  const median = quantileOf(0.5);
  const moments = momentsOf([sorted]);
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const bin = binOf(min, max, bins);
  const counts = new Array<number>(bins).fill(0);
  for (const w of sorted) counts[bin(w)]!++;
  return {
    sorted, quantileOf, median, counts, moments,
    std: standardDeviation(moments),
    kurtosis: (moments.count * moments.m4) / moments.m2 ** 2 - 3,
    meanAbsDeviation: sorted.reduce((sum, w) => sum + Math.abs(w - median), 0) / sorted.length,
  };
}
