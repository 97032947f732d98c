import { throwIfCancelled, type CancelSignal } from '../job';
import { equalSteps, equalStepsCodebook, fittedSteps, type EqualSteps } from './equalSteps';
import { rankOf, type SortedWeights } from './sortedWeights';
import { cellSums, squaredError, type CellSums } from './source';
import type { UnitCodebook } from './unitQuantizer';

/** Weight of the entropy against the relative error. */
const DEFAULT_WEIGHT = 0.05;

/** Equidistant levels, and thresholds that are free: `splits[k]` values, in ascending order, have codes up to k. */
interface Split {
  steps: EqualSteps;
  splits: Int32Array;
  objective: number;
}

/**
 * Equidistant levels whose thresholds trade squared error for evenly used codes: least MSE / variance + λ(1 − H/bits)
 * with H the entropy of the codes in bits. Each threshold in turn goes to the best place between its neighbours, then
 * levels are fitted by least squares, until nothing gets better. That is a local optimum: the better of two, from the levels
 * of least squared error (`equalSteps`) and from their mirror image.
 */
export function entropySteps(
  weights: SortedWeights, bits: number, signal?: CancelSignal, lambda = DEFAULT_WEIGHT,
): UnitCodebook & { objective: number } {
  const count = 2 ** bits;
  const start = equalSteps(weights, count);
  const sums = cellSums(count);
  weights.cells(new Float64Array(0), sums.mass, sums.moment);
  const mean = sums.moment[0]! / weights.mass;
  const mirrored = { lowest: 2 * mean - start.lowest - (count - 1) * start.step, step: start.step };
  const [first, second] = [start, mirrored].map((steps) => descended(weights, bits, steps, lambda, signal)) as [Split, Split];
  const { steps, splits, objective } = first.objective <= second.objective ? first : second;
  const { levels, support } = equalStepsCodebook(steps, count);
  return { levels, support, thresholds: thresholdsAt(weights.values, splits), objective };
}

function descended(
  weights: SortedWeights, bits: number, start: EqualSteps, lambda: number, signal: CancelSignal | undefined,
): Split {
  const { values, mass } = weights;
  const count = 2 ** bits;
  const sums = cellSums(count);
  const { thresholds } = equalStepsCodebook(start, count);
  const splits = Int32Array.from(thresholds, (t) => rankOf(values, t, 0));
  // Both terms of the objective in units of the squared error.
  const spread = varianceSum(weights, sums);
  const entropyWeight = (lambda * spread) / bits / mass;
  const objectiveOf = (steps: EqualSteps): number => {
    const informationBits = sums.mass.reduce((sum, n) => sum - informationOf(n, mass), 0) / mass;
    const { levels } = equalStepsCodebook(steps, count);
    return squaredError(weights, levels, sums) / spread + lambda * (1 - informationBits / bits);
  };
  for (let [steps, last] = [start, Infinity]; ;) {
    throwIfCancelled(signal);
    const moves = moveSplits(weights, splits, steps, entropyWeight);
    sumsOf(weights, splits, sums);
    const next = fittedSteps(sums, steps);
    const objective = objectiveOf(next);
    const isSettled = !moves && Math.abs(next.step - steps.step) <= 1e-12 * next.step;
    // Where weights are far from zero for their spread, the last bits of their sums move thresholds in circles.
    if (isSettled || objective >= last) return { steps: next, splits, objective };
    [steps, last] = [next, objective];
  }
}

/** Each threshold in turn to its best place. Returns whether any moved. */
function moveSplits(weights: SortedWeights, splits: Int32Array, steps: EqualSteps, entropyWeight: number): boolean {
  let moves = false;
  for (let k = 0; k < splits.length; k++) {
    const place = bestSplit(weights, splits, k, steps, entropyWeight);
    moves ||= place !== splits[k];
    splits[k] = place;
  }
  return moves;
}

/** Where threshold k between its neighbours costs least; equal values are not parted. */
function bestSplit(
  { values, counts, sums, mass }: SortedWeights, splits: Int32Array, k: number, { lowest, step }: EqualSteps, weight: number,
): number {
  const from = k === 0 ? 0 : splits[k - 1]!;
  const to = k === splits.length - 1 ? values.length : splits[k + 1]!;
  const [below, above] = [lowest + k * step, lowest + (k + 1) * step];
  const cost = (at: number): number => {
    const n = counts[at]! - counts[from]!;
    const rest = counts[to]! - counts[at]!;
    return below * (below * n - 2 * (sums[at]! - sums[from]!)) + above * (above * rest - 2 * (sums[to]! - sums[at]!))
      + weight * (informationOf(n, mass) + informationOf(rest, mass));
  };
  let best = splits[k]!;
  let least = cost(best);
  for (let at = from; at <= to; at++) {
    if (at > 0 && at < values.length && values[at - 1] === values[at]) continue;
    const here = cost(at);
    if (here < least) [best, least] = [at, here];
  }
  return best;
}

/** n·log2(n / mass): minus the bits that n weights of one code contribute to the entropy. */
function informationOf(n: number, mass: number): number {
  return n > 0 ? n * Math.log2(n / mass) : 0;
}

function sumsOf({ values, counts, sums }: SortedWeights, splits: Int32Array, into: CellSums): void {
  for (let k = 0; k <= splits.length; k++) {
    const from = k === 0 ? 0 : splits[k - 1]!;
    const to = k === splits.length ? values.length : splits[k]!;
    into.mass[k] = counts[to]! - counts[from]!;
    into.moment[k] = sums[to]! - sums[from]!;
  }
}

function varianceSum(weights: SortedWeights, sums: CellSums): number {
  weights.cells(new Float64Array(0), sums.mass, sums.moment);
  return weights.energy - sums.moment[0]! ** 2 / weights.mass;
}

/** Midway between the values that splits part; beyond all values where one side is empty. */
function thresholdsAt(values: Float64Array, splits: Int32Array): Float64Array {
  const span = values.at(-1)! - values[0]!;
  return Float64Array.from(splits, (at) => {
    if (at === 0) return values[0]! - span;
    return at === values.length ? values.at(-1)! + span : (values[at - 1]! + values[at]!) / 2;
  });
}
