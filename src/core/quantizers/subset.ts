import { throwIfCancelled, type CancelSignal } from '../job';
import type { Quantizer } from './quantizer';
import { magnitudes } from './sortedWeights';
import { cellSums, midpoints, squaredError, type Source } from './source';
import { candidates } from './universalSet';
import { unitQuantizer, type UnitCodebook } from './unitQuantizer';

/** Factors of the largest weight that the scale search starts from; the first is the paper's. */
const STARTS = { 'single-start': [1], 'multi-start': [1, 0.7, 0.5, 0.35] };
const MAX_SWEEPS = 1000;

/**
 * SubsetQ (Oh, Sim, Kim and Lee, ECCV 2022, as in the authors' code): a sign, and the nearest of 2^(bits−1) magnitudes
 * that are chosen from a universal set, all choices being tried, times one scale. 2 to 4 bits, one subset a tensor.
 *
 * Ours: the scale search stops at a relative change (the authors' absolute one depends on the layer's size), may start
 * more than once (`mode: multi-start`), and runs on sorted weights, above a million on fine cells; the winner's scale is
 * then found on the weights themselves. The authors keep an exact zero at 0 even where 0 is not in the subset, which
 * would be one value too many for the bits: here it takes the smallest positive magnitude.
 */
export const subset: Quantizer = unitQuantizer((group, { bits, mode }) => {
  const sorted = magnitudes(group.weights());
  const starts = STARTS[mode === 'multi-start' ? mode : 'single-start'];
  const found = searchSubset(sorted, bits, { starts, signal: group.signal });
  const scale = sorted.values.length === sorted.mass
    ? found.scale
    : searchScale(group.magnitudes(), found.subset, found.scale, isRelativelySmall).scale;
  return signMagnitude(found.subset, scale);
});

export interface SubsetChoice {
  /** Ascending, the largest is 1. */
  subset: Float64Array;
  /** Of the largest magnitude, in the units of the source. */
  scale: number;
  /** Σ(|z| − scale · nearest)² */
  error: number;
}

export interface SubsetSearch {
  starts?: readonly number[];
  /** Whether a change of the error's root is the last, given the root. */
  isSmall?: typeof isRelativelySmall;
  signal?: CancelSignal | undefined;
}

/** The candidate of least squared error, the first of equals. `source` is one of magnitudes. */
export function searchSubset(source: Source, bits: number, search: SubsetSearch = {}): SubsetChoice {
  const { starts = STARTS['single-start'], isSmall = isRelativelySmall, signal } = search;
  let best: SubsetChoice | null = null;
  for (const candidate of candidates(bits)) {
    throwIfCancelled(signal);
    for (const start of starts) {
      const found = searchScale(source, candidate, start * source.reach, isSmall);
      if (best === null || found.error < best.error) best = { subset: candidate, ...found };
    }
  }
  return best!;
}

/** Nearest magnitudes and the least-squares scale in turns, as the authors' code does. A local optimum. */
export function searchScale(
  source: Source, subset: Float64Array, start: number, isSmall: (change: number, root: number) => boolean,
): { scale: number; error: number } {
  const between = midpoints(subset);
  const thresholds = new Float64Array(between.length);
  const levels = new Float64Array(subset.length);
  const sums = cellSums(subset.length);
  let scale = start;
  const assign = (): number => {
    for (let k = 0; k < between.length; k++) thresholds[k] = scale * between[k]!;
    for (let k = 0; k < subset.length; k++) levels[k] = scale * subset[k]!;
    source.cells(thresholds, sums.mass, sums.moment);
    return Math.max(0, squaredError(source, levels, sums));
  };
  for (let sweep = 0, before = 0; sweep < MAX_SWEEPS; sweep++) {
    const root = Math.sqrt(assign());
    let product = 0;
    let square = 0;
    for (let k = 0; k < subset.length; k++) {
      product += subset[k]! * sums.moment[k]!;
      square += subset[k]! ** 2 * sums.mass[k]!;
    }
    scale = square === 0 ? source.meanMagnitude : product / square;
    if (isSmall(Math.abs(before - root), root)) break;
    before = root;
  }
  return { scale, error: assign() };
}

function isRelativelySmall(change: number, root: number): boolean {
  return change <= 1e-9 * root;
}

/** Levels of both signs; a magnitude of 0 has one. */
function signMagnitude(subset: Float64Array, scale: number): UnitCodebook {
  const positive = Array.from(subset.filter((magnitude) => magnitude > 0), (magnitude) => scale * magnitude);
  const zero = subset[0] === 0 ? [0] : [];
  const levels = [...positive.map((y) => -y).reverse(), ...zero, ...positive];
  return { levels, thresholds: midpoints(levels), support: [-scale, scale] };
}
