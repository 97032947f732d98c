import { throwIfCancelled, type CancelSignal } from '../job';
import { gridErrors, squaredDistance, type WholeSteps } from '../kernels/errors';
import { FEWEST, piecesOf, type Piece } from '../kernels/piece';
import { deviations } from '../kernels/sums';
import type { FloatArray } from '../onnx/dataType';
import type { UniformGrid } from './codebook';
import { geometricSteps } from './geometricSteps';
import { goldenSection } from './goldenSection';
import { cellPoints, gathered, type Points } from './points';
import type { WeightGroup } from './quantizer';

/** More weights than this are gathered into cells before the search. */
const GATHER_FROM = 1 << 17;

/** Limits tried before the golden section: more where weights are few, since their error has many local minima. */
const SCAN_MIN = 20;
const SCAN_MAX = 512;
const SCAN_WORK = 1 << 11;

/** Width of the last bracket of the golden section against that of the first. */
const PRECISION = 0.01;

/** Values that stand for weights, or these themselves: no counts. */
type PointsOrWeights = Points | { values: FloatArray; counts: null };

/**
 * The support limit with the least squared error on the weights themselves: the best of `candidates` and of a geometric
 * scan from the mean distance to `top`, then a golden section around it. Deterministic; large groups are searched on the
 * means of fine cells. No optimal grid ends below the mean distance: with the codes k given, the best step is
 * Σk|w| / Σk², which puts the last level at or above the mean of |w| weighted by k².
 *
 * @param top the limit at which no weight is clipped
 * @param candidates limits that the found one must not be worse than
 * @param count levels of the grid
 * @param gridAt the grid of a limit
 */
export function mseSupport(
  group: WeightGroup, centre: number, top: number, candidates: readonly number[], count: number,
  gridAt: (limit: number) => UniformGrid, signal?: CancelSignal,
): number {
  const points = cellPoints(group) ?? (group.weights.length <= GATHER_FROM ? each(group.weights) : gathered(group, signal));
  const error = (limit: number) => {
    throwIfCancelled(signal);
    return squaredError(points, gridAt(limit), count);
  };

  const scans = Math.min(SCAN_MAX, Math.max(SCAN_MIN, Math.round(SCAN_WORK / points.values.length)));
  const { ratio, steps } = geometricSteps(top, meanDistance(points, centre), scans);
  let best = top;
  let least = error(top);
  const consider = (limit: number) => {
    const here = error(limit);
    if (here < least) [best, least] = [limit, here];
  };
  candidates.forEach(consider);
  steps.slice(1).forEach(consider);

  const low = best * ratio;
  const high = best / ratio;
  consider(goldenSection(error, low, high, PRECISION * (high - low)));
  return best;
}

/** Few weights, which are looked at most often, by one plain loop. */
function each(values: FloatArray): PointsOrWeights {
  return { values, counts: values.length < FEWEST ? ONES : null };
}

const ONES = new Float64Array(FEWEST).fill(1);

function squaredError({ values, counts }: PointsOrWeights, { scale, zeroPoint, offset }: UniformGrid, count: number): number {
  const inverse = 1 / scale;
  // In steps from the level that is next to the centre, or at it: levels are whole numbers, mid-rise too.
  const lowest = -Math.floor(zeroPoint);
  const steps = { inverse, lowest, highest: count - 1 + lowest, origin: offset * inverse + (Math.floor(zeroPoint) - zeroPoint) };
  return scale * scale * (counts ? weightedErrors(values, counts, steps) : sumOf(values, (piece) => gridErrors(piece, steps)));
}

function weightedErrors(values: FloatArray, counts: Float64Array, { inverse, origin, lowest, highest }: WholeSteps): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += counts[i]! * squaredDistance(values[i]! * inverse - origin, lowest, highest);
  return sum;
}

function meanDistance({ values, counts }: PointsOrWeights, centre: number): number {
  if (!counts) return sumOf(values, (piece) => deviations(piece, centre, true)) / values.length;
  let total = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    total += counts[i]!;
    sum += counts[i]! * Math.abs(values[i]! - centre);
  }
  return sum / total;
}

function sumOf(weights: FloatArray, ofPiece: (piece: Piece) => number): number {
  let sum = 0;
  for (const piece of piecesOf(weights)) sum += ofPiece(piece);
  return sum;
}
