import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { cellOrder } from './cellOrder';
import { gaussDistribution, gaussLogLikelihood, laplaceDistribution, laplaceLogLikelihood } from './distributions';
import { binOf, type Histogram } from './histogram';
import { standardDeviation, type Moments } from './moments';
import { quantile } from './orderStatistics';
import { survey } from './survey';
import { weightOrder, type WeightOrder } from './weightOrder';

/** One layer's weights in numbers: NaN and infinities are counted and then left out of everything else. */
export interface LayerStatistics {
  /** Always true here: every weight was read. */
  exact: boolean;
  /** Weights looked at, those that are not finite included. */
  count: number;
  nan: number;
  inf: number;
  zeros: number;
  min: number;
  max: number;
  mean: number;
  /** Population standard deviation. */
  std: number;
  /** Mean of the two middle values when the count is even. */
  median: number;
  /** Mean of |w − median|. */
  meanAbsDeviation: number;
  /** Excess kurtosis: 0 for a Gaussian, 3 for a Laplacian. */
  kurtosis: number;
  /** By probability, keys as in the command line's JSON: "0.01" … "0.99". */
  quantiles: Record<string, number>;
  /** Null for constant weights, where no density can be fitted. */
  laplace: LaplaceFit | null;
  gauss: GaussFit | null;
  histogram: Histogram;
  /** `quantileSketch`, to be compared with another version's of the layer; empty without weights. */
  sketch: Float32Array;
}

export interface LaplaceFit {
  location: number;
  /** b: mean absolute deviation from the median. */
  scale: number;
  /** Kolmogorov–Smirnov distance between the fitted and the empirical distribution. */
  ks: number;
  logLikelihood: number;
}

export interface GaussFit {
  mean: number;
  std: number;
  ks: number;
  logLikelihood: number;
}

const PROBABILITIES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99] as const;

/**
 * Everything known of one layer's weights. All exact, but for what `weightOrder` says of very large layers that `cellOrder` cannot order.
 *
 * @param chunks all weights of the layer; iterated several times
 * @param bins number of histogram bins
 * @throws CoreError `cancelled`
 */
export function layerStatistics(chunks: () => Iterable<FloatArray>, bins: number, signal?: CancelSignal): LayerStatistics {
  const { moments, kept, cells, ...tally } = survey(chunks(), signal);
  const { count, min, max, mean } = moments;
  const tallied = { exact: true, ...tally };
  if (count === 0) return { ...tallied, ...NO_WEIGHTS };

  const finite = count === tally.count;
  const counted = cells && cellOrder(chunks, cells, moments, { probabilities: PROBABILITIES, bins, finite }, signal);
  const order = counted ?? weightOrder(kept ? () => [kept] : chunks, moments, PROBABILITIES, signal);
  const quantiles = PROBABILITIES.map((p) => [String(p), quantile(p, count, order.at)] as const);
  const median = quantile(0.5, count, order.at);
  const { meanAbsDeviation, histogram } = counted ?? spread(kept ? [kept] : chunks(), moments, median, bins, signal);
  const std = standardDeviation(moments);
  return {
    ...tallied,
    min,
    max,
    mean,
    std,
    median,
    meanAbsDeviation,
    kurtosis: (count * moments.m4) / moments.m2 ** 2 - 3,
    quantiles: Object.fromEntries(quantiles),
    laplace: min === max ? null : fitLaplace(median, meanAbsDeviation, count, order.ks),
    gauss: min === max ? null : fitGauss(mean, std, count, order.ks),
    histogram,
    sketch: order.sketch(),
  };
}

const NO_WEIGHTS = {
  min: NaN,
  max: NaN,
  mean: NaN,
  std: NaN,
  median: NaN,
  meanAbsDeviation: NaN,
  kurtosis: NaN,
  quantiles: Object.fromEntries(PROBABILITIES.map((p) => [String(p), NaN])),
  laplace: null,
  gauss: null,
  histogram: { min: NaN, max: NaN, counts: [] },
  sketch: new Float32Array(0),
} satisfies Partial<LayerStatistics>;

function spread(
  chunks: Iterable<FloatArray>, { count, min, max }: Moments, median: number, bins: number, signal: CancelSignal | undefined,
): { meanAbsDeviation: number; histogram: Histogram } {
  const counts = new Float64Array(bins);
  const bin = binOf(min, max, bins);
  let deviation = 0;
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    for (let i = 0; i < chunk.length; i++) {
      const w = chunk[i] as number;
      if (w - w !== 0) continue;
      deviation += Math.abs(w - median);
      (counts[bin(w)] as number)++;
    }
  }
  return { meanAbsDeviation: deviation / count, histogram: { min, max, counts: Array.from(counts) } };
}

function fitLaplace(location: number, scale: number, count: number, ks: WeightOrder['ks']): LaplaceFit {
  return { location, scale, ks: ks(laplaceDistribution({ location, scale })), logLikelihood: laplaceLogLikelihood(count, scale) };
}

function fitGauss(mean: number, std: number, count: number, ks: WeightOrder['ks']): GaussFit {
  return { mean, std, ks: ks(gaussDistribution({ mean, std })), logLikelihood: gaussLogLikelihood(count, std) };
}
