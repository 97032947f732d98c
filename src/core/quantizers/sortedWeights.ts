import type { CancelSignal } from '../job';
import { standardDeviation, type Moments } from '../statistics/moments';
import { sortFloats } from '../statistics/sortFloats';
import { inMemory } from '../statistics/weightRun';
import { cellPoints, gathered, type Points } from './points';
import type { Normalizer, WeightGroup } from './quantizer';
import type { Source } from './source';

/** Weights in ascending order, so that any cell's mass and moment are two subtractions. */
export interface SortedWeights extends Source {
  /** Ascending, normalised. */
  values: Float64Array;
  /** Weights among the first i values; `sums` is Σz over them. One entry more than values. */
  counts: Float64Array;
  sums: Float64Array;
}

/** Which weights a design sees: up to `most` one by one, more as means of `cells` equal cells. */
export interface Detail {
  most: number;
  cells: number;
}

/** The group's weights as (w − mean) / deviation. */
export function sortedWeights(group: WeightGroup, normalizer: Normalizer, detail: Detail, signal?: CancelSignal): SortedWeights {
  const { weights, moments } = group;
  const { mean, deviation } = normalizer;
  const points = cellPoints(group) ?? (weights.length <= detail.most ? inOrder(group) : gathered(group, signal, detail.cells));
  // A loop over numbers of one type takes a third of the time.
  const values = new Float64Array(points.values);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation;
  return withSums(values, points.counts, energyOf(moments, normalizer));
}

/** The magnitudes |z| of sorted weights, as a source of their own. */
export function magnitudes({ values, counts, energy }: SortedWeights): SortedWeights {
  const folded = new Float64Array(values.length);
  const foldedCounts = new Float64Array(values.length);
  let right = rankOf(values, 0, 0);
  let left = right - 1;
  for (let i = 0; i < values.length; i++) {
    const takeRight = left < 0 || (right < values.length && values[right]! <= -values[left]!);
    const from = takeRight ? right++ : left--;
    folded[i] = Math.abs(values[from]!);
    foldedCounts[i] = counts[from + 1]! - counts[from]!;
  }
  return withSums(folded, foldedCounts, energy);
}

/** How many of the ascending values lie below `threshold`, given that it is no fewer than `start` and no more than `end`. */
export function rankOf(values: Float64Array, threshold: number, start: number, end = values.length): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Steps that cost less than the mistaken guesses of a processor that a search by halves makes. */
const STEPS = 8;

/** `rankOf`, found step by step from `guess` and, where it is far from there, in steps that double. */
function rankNear(values: Float64Array, threshold: number, start: number, guess: number): number {
  let at = Math.min(guess, values.length);
  const nearest = Math.max(start, at - STEPS);
  const farthest = Math.min(values.length, at + STEPS);
  if (at < values.length && values[at]! < threshold) {
    while (at < farthest && values[at]! < threshold) at++;
    return at < farthest || at === values.length ? at : rankAbove(values, threshold, at);
  }
  while (at > nearest && values[at - 1]! >= threshold) at--;
  return at > nearest || at === start ? at : rankOf(values, threshold, start, at);
}

/** `rankOf`, known to be no fewer than `start`. */
function rankAbove(values: Float64Array, threshold: number, start: number): number {
  let [low, high] = [start, values.length];
  for (let step = STEPS; low + step < high; step *= 2) {
    if (values[low + step]! >= threshold) high = low + step;
    else low += step;
  }
  return rankOf(values, threshold, low, high);
}

/** Σz² from the moments: exact where cells stand for their weights too. */
export function energyOf(moments: Moments, { mean, deviation }: Normalizer): number {
  return moments.count * ((standardDeviation(moments) / deviation) ** 2 + ((moments.mean - mean) / deviation) ** 2);
}

function inOrder({ weights }: WeightGroup): Points {
  const values = inMemory(weights).slice();
  sortFloats(values);
  return { values, counts: ones(values.length) };
}

let one = new Float64Array(0);

/** For all to read: what each group leaves behind piles up until it is swept. */
function ones(length: number): Float64Array {
  if (one.length < length) one = new Float64Array(length).fill(1);
  return one.subarray(0, length);
}

function withSums(values: Float64Array, counts: Float64Array, energy: number): SortedWeights {
  const cumulated = new Float64Array(values.length + 1);
  const sums = new Float64Array(values.length + 1);
  let magnitude = 0;
  for (let i = 0; i < values.length; i++) {
    const z = values[i]!;
    const n = counts[i]!;
    cumulated[i + 1] = cumulated[i]! + n;
    sums[i + 1] = sums[i]! + n * z;
    magnitude += n * Math.abs(z);
  }
  const mass = cumulated[values.length]!;
  const lengths: number[] = [];
  return {
    values,
    counts: cumulated,
    sums,
    mass,
    energy,
    meanMagnitude: magnitude / mass,
    reach: Math.max(Math.abs(values[0]!), Math.abs(values[values.length - 1]!)),
    cells(thresholds, cellMass, moment) {
      let start = 0;
      for (let k = 0; k <= thresholds.length; k++) {
        // Designs move thresholds little from one call to the next, or all of them by one factor.
        const end = k < thresholds.length ? rankNear(values, thresholds[k]!, start, start + (lengths[k] ?? 0)) : values.length;
        lengths[k] = end - start;
        cellMass[k] = cumulated[end]! - cumulated[start]!;
        moment[k] = sums[end]! - sums[start]!;
        start = end;
      }
    },
  };
}
