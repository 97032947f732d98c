import * as l10n from '@vscode/l10n';
import type { PageCodebook, PageStatistics } from '../src/protocol/page';
import { gaussDensity, laplaceDensity } from './density';
import { histogramBins, type Bin } from './histogramBins';
import { formatCount, formatNumber } from './numbers';
import { FAMILY_NAMES } from './rowText';
import { bestFit } from './tableRow';

/** What the distribution chart shows of a layer. */
export interface Distribution {
  name: string;
  statistics: PageStatistics;
  /** Null in float. */
  codebook: PageCodebook | null;
  /** Whether the clip limits can be dragged. */
  canDrag: boolean;
  /** What shares a codebook: `tensor`, `channel` or `block:32`; null in float. */
  granularity: string | null;
  logCounts: boolean;
  showGauss: boolean;
  /** The weights before the file last changed, until that has been seen; null where they are the same or not known. */
  previous: PageStatistics['previous'];
}

/** A distribution with its bins and the range of both axes. */
export interface Plot extends Distribution {
  bins: Bin[];
  /** From least to greatest x, a little beyond all bins, levels and clip limits. */
  domain: [number, number];
  /** Of the weights before the last change; as many would be in them, were they as wide as `bins`. */
  ghost: Bin[];
  highestCount: number;
  /** Drawn densities whose peak is out of the chart. */
  leaving: readonly LeavingDensity[];
  /** Expected counts per bin of the fitted densities at x, null where there is no fit. */
  laplace: ((x: number) => number) | null;
  gauss: ((x: number) => number) | null;
}

/** A density whose peak is `times` as high as the highest bar. */
export interface LeavingDensity {
  family: 'laplace' | 'gauss';
  times: number;
}

/**
 * Density peaks are taken in up to this many times the height of the bars. The mean deviation of weights whose density is at
 * most h is 1/(4h) or more, so a fitted Laplacian's peak is at most 2h: it is higher only where weights are closer together
 * than bins are wide, and bars that it is compared with would be too small to be read. Some more is for the width of bins.
 */
const HEADROOM = 2.5;
/** Room left and right of the data, as a share of its extent, so that no mark is cut at the edge. */
const MARGIN = 0.02;

export function plotOf(distribution: Distribution): Plot {
  const { statistics, codebook } = distribution;
  const bins = histogramBins(statistics);
  const ghost = ghostOf(distribution, bins);
  const edges = [...bins, ...ghost].flatMap(({ from, to }) => [from, to]);
  const marks = codebook ? [...codebook.levels, ...codebook.support] : [];
  const xs = [...edges, ...marks].filter((x) => Number.isFinite(x));
  const least = xs.reduce((a, b) => Math.min(a, b), Infinity);
  const greatest = xs.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = (greatest - least) * MARGIN;
  const first = bins[0];
  const perBin = first ? (first.to - first.from) * (statistics.count - statistics.nan - statistics.inf) : 0;
  const { laplace, gauss } = statistics;
  const laplaceCount = laplace && laplace.scale > 0 ? (x: number) => perBin * laplaceDensity(laplace, x) : null;
  const gaussCount = gauss && gauss.scale > 0 ? (x: number) => perBin * gaussDensity(gauss, x) : null;
  const highestBar = [...bins, ...ghost].reduce((highest, { count }) => Math.max(highest, count), 0);
  const peaks = [
    ...(laplaceCount && laplace ? [{ family: 'laplace' as const, times: laplaceCount(laplace.location) / highestBar }] : []),
    ...(distribution.showGauss && gaussCount && gauss ? [{ family: 'gauss' as const, times: gaussCount(gauss.location) / highestBar }] : []),
  ];
  const within = peaks.filter(({ times }) => times <= HEADROOM);
  return {
    ...distribution,
    bins,
    ghost,
    domain: [least - margin, greatest + margin],
    highestCount: highestBar * Math.max(1, ...within.map(({ times }) => times)),
    leaving: peaks.filter((peak) => !within.includes(peak)),
    laplace: laplaceCount,
    gauss: gaussCount,
  };
}

/** Said where the table names the Gaussian and the chart draws the Laplacian alone; null where they agree. */
export function undrawnFit({ statistics, showGauss }: Distribution): string | null {
  const { laplace } = statistics;
  const fit = bestFit(statistics);
  if (showGauss || !laplace || fit?.family !== 'gauss') return null;
  return l10n.t('{0} is closer to the weights (KS {1} against {2}). Its box below draws it.',
    FAMILY_NAMES.gauss, formatNumber(fit.ks, 2), formatNumber(laplace.ks, 2));
}

/** Bins of another width hold as many weights at the same height. */
function ghostOf({ previous }: Distribution, [first]: readonly Bin[]): Bin[] {
  const before = previous ? histogramBins(previous) : [];
  const [other] = before;
  if (!first || !other) return [];
  const scale = (first.to - first.from) / (other.to - other.from);
  return before.map(({ from, to, count }) => ({ from, to, count: count * scale }));
}

/** The chart in words, for those who do not see it. */
export function describe({ statistics, codebook, previous }: Distribution): string {
  const { count, min, max, median, std, laplace } = statistics;
  const sentences = [
    l10n.t('{0} weights from {1} to {2}, median {3}, standard deviation {4}.',
      formatCount(count), formatNumber(min), formatNumber(max), formatNumber(median), formatNumber(std)),
  ];
  if (laplace) {
    sentences.push(l10n.t('Laplace density at {0} with b = {1}, Kolmogorov–Smirnov distance {2}.',
      formatNumber(laplace.location), formatNumber(laplace.scale), formatNumber(laplace.ks, 2)));
  }
  if (codebook) {
    const [low, high] = codebook.support;
    const limits = [formatNumber(low), formatNumber(high)] as const;
    sentences.push(codebook.levels.length > 0
      ? l10n.t('{0} quantizer levels, clipping below {1} and above {2}.', codebook.levels.length, ...limits)
      : l10n.t('Tried: clipping below {0} and above {1}.', ...limits));
  }
  if (previous) {
    sentences.push(l10n.t('Before the last change of the file the weights were distributed otherwise: Kolmogorov–Smirnov distance {0}.',
      formatNumber(previous.ks, 2)));
  }
  return sentences.join(' ');
}
