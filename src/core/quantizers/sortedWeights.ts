import type { CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { standardDeviation, type Moments } from '../statistics/moments';
import { sortFloats } from '../statistics/sortFloats';
import { inMemory, type WeightSource } from '../statistics/weightSource';
import { cellPoints, gathered } from './points';
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
export interface SampleLimits {
  most: number;
  cells: number;
}

/** The group's weights as (w − mean) / std. */
export function sortedWeights(group: WeightGroup, normalizer: Normalizer, detail: SampleLimits, signal?: CancelSignal): SortedWeights {
  const { weights, moments } = group;
  const { mean, std } = normalizer;
  const points = cellPoints(group) ?? (weights.length <= detail.most ? null : gathered(group, signal, detail.cells));
  // A loop over numbers of one type takes a third of the time.
  const values = new Float64Array(points?.values ?? inOrder(weights));
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / std;
  const counts = points ? cumulated(points.counts) : ranks(values.length + 1);
  return withSums(values, counts, normalizedEnergy(moments, normalizer));
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
  return withSums(folded, cumulated(foldedCounts), energy);
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
export function normalizedEnergy(moments: Moments, { mean, std }: Normalizer): number {
  return moments.count * ((standardDeviation(moments) / std) ** 2 + ((moments.mean - mean) / std) ** 2);
}

function inOrder(weights: WeightSource): FloatArray {
  const values = inMemory(weights).slice();
  sortFloats(values);
  return values;
}

let rank = new Float64Array(0);

/** 0, 1, 2…, the cumulated counts of weights that stand for themselves. One for all to read: what each group leaves behind is collected late. */
function ranks(length: number): Float64Array {
  if (rank.length < length) rank = Float64Array.from({ length }, (_, i) => i);
  return rank.subarray(0, length);
}

function cumulated(counts: Float64Array): Float64Array {
  const sums = new Float64Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) sums[i + 1] = sums[i]! + counts[i]!;
  return sums;
}

function withSums(values: Float64Array, counts: Float64Array, energy: number): SortedWeights {
  const sums = new Float64Array(values.length + 1);
  let magnitude = 0;
  for (let i = 0; i < values.length; i++) {
    const moment = (counts[i + 1]! - counts[i]!) * values[i]!;
    sums[i + 1] = sums[i]! + moment;
    magnitude += Math.abs(moment);
  }
  const mass = counts[values.length]!;
  const lengths: number[] = [];
  return {
    values,
    counts,
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
        cellMass[k] = counts[end]! - counts[start]!;
        moment[k] = sums[end]! - sums[start]!;
        start = end;
      }
    },
  };
}
