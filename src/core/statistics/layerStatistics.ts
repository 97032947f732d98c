import type { CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { gaussDistribution, gaussLogLikelihood, laplaceDistribution, laplaceLogLikelihood } from './distributions';
import type { Histogram } from './histogram';
import { layerOrder } from './layerOrder';
import { standardDeviation } from './moments';
import { quantile } from './orderStatistics';
import { survey } from './survey';
import type { WeightOrder } from './weightOrder';

/** One layer's weights in numbers: NaN and infinities are counted and then left out of everything else. */
export interface LayerStatistics {
  /** Whether all but the sketch is exact; see `layerStatistics`. Counts, zeros, range and mean always are. */
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
 * Everything known of one layer's weights, from one look at them where that tells enough (`evenOrder`), else from a second
 * (`cellOrder`). Counts, range and mean are exact. All else is where there are no more than 2^18 weights, where they are float16,
 * bfloat16 or float32 made of these, and where they were looked at twice. Otherwise, and where `weightOrder` says so, it is close:
 *
 * - quantiles within 2^-11 of the larger of the two weights that they lie between; 1e-4 of millions drawn at random,
 * - Kolmogorov–Smirnov distances short by less than 1/2048; 3e-6,
 * - shares of weights below the edge of a bin off by less than 1/2048; 4e-6,
 * - deviations of millions drawn at random to 1e-7.
 *
 * @param chunks all weights of the layer; iterated once or several times
 * @param bins number of histogram bins
 * @throws CoreError `cancelled`
 */
export function layerStatistics(chunks: () => Iterable<FloatArray>, bins: number, signal?: CancelSignal): LayerStatistics {
  const found = survey(chunks(), signal);
  const { count: total, nan, inf, zeros } = found;
  const tally = { count: total, nan, inf, zeros };
  const { count } = found.moments;
  if (count === 0) return { exact: true, ...tally, ...NO_WEIGHTS };

  const { moments, meanAbsDeviation, histogram, ...order } = layerOrder(chunks, found, { probabilities: PROBABILITIES, bins }, signal);
  const { min, max, mean } = moments;
  const quantiles = PROBABILITIES.map((p) => [String(p), quantile(p, count, order.at)] as const);
  const median = quantile(0.5, count, order.at);
  const std = standardDeviation(moments);
  return {
    exact: order.exact,
    ...tally,
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

function fitLaplace(location: number, scale: number, count: number, ks: WeightOrder['ks']): LaplaceFit {
  return { location, scale, ks: ks(laplaceDistribution({ location, scale })), logLikelihood: laplaceLogLikelihood(count, scale) };
}

function fitGauss(mean: number, std: number, count: number, ks: WeightOrder['ks']): GaussFit {
  return { mean, std, ks: ks(gaussDistribution({ mean, std })), logLikelihood: gaussLogLikelihood(count, std) };
}
