import { throwIfCancelled, type CancelSignal } from '../job';
import { gridErrors, squaredDistance, type WholeSteps } from '../kernels/errors';
import { PIECE } from '../kernels/memoryMap';
import { pieceOf, piecesOf, type Piece } from '../kernels/piece';
import { deviations } from '../kernels/sums';
import type { FloatArray } from '../onnx/dataType';
import type { UniformGrid } from './codebook';
import { inMemory } from '../statistics/weightRun';
import { geometricSteps } from './geometricSteps';
import { goldenSection } from './goldenSection';
import { cellPoints, gathered, type Points } from './points';
import type { WeightGroup } from './quantizer';

/** More weights than this are gathered into cells before the search. */
const GATHER_FROM = 1 << 17;

/** Fewer weights cost less in a plain loop than a kernel's call does. */
const FEW = 32;
const ONES = new Float64Array(FEW).fill(1);

/** Limits tried before the golden section: more where weights are few, since their error has many local minima. */
const SCAN_MIN = 20;
const SCAN_MAX = 512;
const SCAN_WORK = 1 << 11;

/** Width of the last bracket of the golden section against that of the first. */
const PRECISION = 0.01;

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
  const points = cellPoints(group) ?? (group.weights.length <= GATHER_FROM ? null : gathered(group, signal));
  const errorOf = points ? weightedErrors(points) : errorsOf(inMemory(group.weights));
  const error = (limit: number): number => {
    throwIfCancelled(signal);
    const grid = gridAt(limit);
    return grid.scale * grid.scale * errorOf(stepsOf(grid, count));
  };

  const scans = Math.min(SCAN_MAX, Math.max(SCAN_MIN, Math.round(SCAN_WORK / (points?.values ?? group.weights).length)));
  const { ratio, steps } = geometricSteps(top, meanDistance(points ?? inMemory(group.weights), centre), scans);
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

/** In steps from the level that is next to the centre, or at it: levels are whole numbers, mid-rise too. */
function stepsOf({ scale, zeroPoint, offset }: UniformGrid, count: number): WholeSteps {
  const inverse = 1 / scale;
  const lowest = -Math.floor(zeroPoint);
  return { inverse, lowest, highest: count - 1 + lowest, origin: offset * inverse + (Math.floor(zeroPoint) - zeroPoint) };
}

/** Squared error in steps. The kernels see one piece, as long as the search goes on: nothing else asks for another. */
function errorsOf(weights: FloatArray): (steps: WholeSteps) => number {
  if (weights.length < FEW) return weightedErrors({ values: weights, counts: ONES });
  if (weights.length > PIECE) return (steps) => sumOf(weights, (piece) => gridErrors(piece, steps));
  const piece = pieceOf(weights, FEW);
  return (steps) => gridErrors(piece, steps);
}

function weightedErrors({ values, counts }: Points): (steps: WholeSteps) => number {
  return ({ inverse, origin, lowest, highest }) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += counts[i]! * squaredDistance(values[i]! * inverse - origin, lowest, highest);
    return sum;
  };
}

function meanDistance(of: Points | FloatArray, centre: number): number {
  if (!('counts' in of)) return sumOf(of, (piece) => deviations(piece, centre, true)) / of.length;
  const { values, counts } = of;
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
