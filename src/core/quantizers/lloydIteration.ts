import { throwIfCancelled, type CancelSignal } from '../job';
import type { SortedWeights } from './sortedWeights';
import { cellSums, fillMidpoints, midpoints, squaredError } from './source';

/** In deviations. */
const TOLERANCE = 1e-10;
/** Far beyond what any weights have needed. */
const MAX_SWEEPS = 20_000;

/**
 * Lloyd's iteration on weights: thresholds midway between levels, levels to the means of their cells, until nothing moves
 * by more than 1e-10 deviations. It ends in a local optimum, so it runs from `start` and, which is ours, from equal steps
 * over the range of the weights, where these are far from the density `start` is made for. No more distinct weights than
 * levels are levels themselves.
 */
export function lloydIteration(weights: SortedWeights, start: ArrayLike<number>, signal?: CancelSignal): Float64Array {
  const few = distinct(weights.values, start.length);
  if (few) return few;
  const low = weights.values[0]!;
  const step = (weights.values.at(-1)! - low) / start.length;
  const equalSteps = Float64Array.from(start, (_, k) => low + (k + 0.5) * step);
  const [first, second] = [refined(weights, Float64Array.from(start), signal), refined(weights, equalSteps, signal)];
  return first.error <= second.error ? first.levels : second.levels;
}

function refined(
  weights: SortedWeights, levels: Float64Array, signal: CancelSignal | undefined,
): { levels: Float64Array; error: number } {
  const sums = cellSums(levels.length);
  const thresholds = midpoints(levels);
  for (let sweep = 0, moved = Infinity; sweep < MAX_SWEEPS && moved > TOLERANCE; sweep++) {
    throwIfCancelled(signal);
    weights.cells(thresholds, sums.mass, sums.moment);
    moved = 0;
    for (let k = 0; k < levels.length; k++) {
      const mass = sums.mass[k]!;
      // A level without weights stays: its neighbours may bring it some.
      const mean = mass > 0 ? sums.moment[k]! / mass : levels[k]!;
      moved = Math.max(moved, Math.abs(mean - levels[k]!));
      levels[k] = mean;
    }
    fillMidpoints(levels, thresholds);
  }
  weights.cells(thresholds, sums.mass, sums.moment);
  return { levels, error: squaredError(weights, levels, sums) };
}

/** The distinct ones of ascending values, or null when there are more than `most`. */
function distinct(values: Float64Array, most: number): Float64Array | null {
  const found: number[] = [];
  for (const value of values) {
    if (value === found.at(-1)) continue;
    if (found.length === most) return null;
    found.push(value);
  }
  return Float64Array.from(found);
}
