import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { absDeviationSum } from '../statistics/absDeviationSum';
import { inMemory } from '../statistics/weightSource';
import type { UniformGrid } from './codebook';
import { geometricSteps } from './geometricSteps';
import { goldenSection } from './goldenSection';
import { errorOnPoints, errorOnWeights } from './gridError';
import { cellPoints, gathered, type Points } from './points';
import type { WeightGroup } from './quantizer';
import { spareLimits } from './spareLimits';
import { withoutCentre } from './sparseGroup';

/** More weights than this are gathered into cells before the search. */
const GATHER_FROM = 1 << 17;

/** Limits tried before the golden section: more where weights are few, since their error has many local minima. */
const SCAN_MIN = 20;
const SCAN_MAX = 128;
const SCAN_WORK = 1 << 11;

/** Width of the last bracket of the golden section against that of the first. */
const PRECISION = 0.01;

/**
 * The support limit with the least squared error on the weights themselves: the best of `candidates`, of those beyond all
 * weights that suit weights on a grid, and of a geometric scan, then a golden section around it. Deterministic; large groups
 * are searched on the means of fine cells. A scan is no proof: it may pass over a narrow minimum, of few weights above all.
 *
 * @param top the limit at which no weight is clipped
 * @param candidates limits that the found one must not be worse than
 * @param gridAt the grid of a limit
 */
export function mseSupport(
  group: WeightGroup, centre: number, top: number, candidates: readonly number[],
  gridAt: (limit: number) => UniformGrid, signal?: CancelSignal,
): number {
  throwIfCancelled(signal);
  const points = cellPoints(group) ?? (group.weights.length <= GATHER_FROM ? null : gathered(group, signal));
  const widest = gridAt(top);
  const searched = points || widest.kind === 'mid-rise' ? group : withoutCentre(group, widest.offset);
  const values = points?.values ?? inMemory(searched.weights);
  const mean = meanDistance(points ?? values, centre);
  const errorOf = points ? errorOnPoints(points, signal) : errorOnWeights(searched, widest);
  const error = (limit: number): number => errorOf(gridAt(limit));

  let best = top;
  let least = errorOf(widest);
  const consider = (limit: number) => {
    const here = error(limit);
    if (here < least) [best, least] = [limit, here];
  };
  candidates.forEach(consider);
  spareLimits(values, top, widest).forEach(consider);

  const { first, last } = scanned(top, mean, unclipped(widest, top, least), values.length);
  const scans = Math.min(SCAN_MAX, Math.max(SCAN_MIN, Math.round(SCAN_WORK / values.length)));
  const { ratio, steps } = geometricSteps(first, last, scans);
  for (let i = 1; i < steps.length; i++) consider(steps[i]!);

  const low = best * ratio;
  const high = best / ratio;
  consider(goldenSection(error, low, high, PRECISION * (high - low)));
  return best;
}

/**
 * Between which limits to look. No optimal grid ends below the mean distance: with the codes k given, the best step is
 * Σk|w| / Σk², which puts the last level at or above the mean of |w| weighted by k². Where the outermost weight leaves little to
 * clip, chance decides how weights lie between levels, which makes the errors of n of them differ by about 1/√n: as much wider
 * steps are worth trying.
 */
function scanned(top: number, mean: number, unclipped: number, weights: number): { first: number; last: number } {
  return unclipped > mean ? { first: top * (1 + 1 / Math.sqrt(weights)), last: unclipped } : { first: top, last: mean };
}

/**
 * The limit below which the outermost weight alone loses more than `least`. The outermost level is at the limit, on a mid-rise
 * grid half a step within, and on an affine one, whose zero point is rounded, up to half a step beyond.
 */
function unclipped({ kind, count, scale }: UniformGrid, top: number, least: number): number {
  const loss = Math.sqrt(Math.max(0, least));
  switch (kind) {
    case 'symmetric': return top - loss;
    case 'mid-rise': return top - (loss * count) / (count - 1);
    case 'affine': return top - loss - scale / 2;
  }
}

function meanDistance(of: Points | FloatArray, centre: number): number {
  if (!('counts' in of)) return absDeviationSum(of, centre) / of.length;
  const { values, counts } = of;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    total += counts[i]!;
    sum += counts[i]! * Math.abs(values[i]! - centre);
  }
  return sum / total;
}
