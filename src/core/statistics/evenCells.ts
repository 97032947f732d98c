import { countAt, isOneValue, placeOfRank, type FilledCells } from './filledCells';
import { binOf, type Histogram } from './histogram';
import { edgeDistance } from './ksOfCells';
import type { LayerOrder } from './layerOrder';
import type { Moments } from './moments';
import { quantile } from './orderStatistics';
import { sketchOf } from './quantileSketch';

/** A cell with a larger share of the weights than that is looked into. */
const LARGEST_SHARE = 1 / 2048;

/** Whether a cell has so many weights, of values unknown, that it matters where in it they lie. */
export function isHeavy(cells: FilledCells, place: number): boolean {
  return countAt(cells, place) > cells.count * LARGEST_SHARE && !isOneValue(cells, place);
}

/**
 * What follows from counts alone, with the weights of a cell taken for spread evenly over it; null where a cell is heavy.
 * Exact where each cell has one value, as of float16, bfloat16, and float32 made of them. Elsewhere quantiles are within 2^-11
 * of themselves (2^-137 for the smallest), the mean deviation likewise; a distance is short by no more than the largest share
 * of a cell, a bin wrong by no more than those of the cells at its edges. Of smooth weights all are seen to be much closer:
 * see `layerStatistics`. Ours.
 *
 * @param moments of the finite weights, which stay as they are
 */
export function evenOrder(cells: FilledCells, moments: Moments, bins: number): LayerOrder | null {
  let exact = true;
  for (let place = 0; place < cells.cells.length; place++) {
    if (isHeavy(cells, place)) return null;
    exact &&= isOneValue(cells, place);
  }
  const at = (rank: number): number => {
    const place = placeOfRank(cells, rank);
    return evenWeight(cells, place, rank - cells.below[place]!);
  };
  return {
    exact,
    moments,
    at,
    ks: (distribution) => edgeDistance(cells, distribution),
    sketch: () => sketchOf(cells.count, at),
    meanAbsDeviation: evenDeviation(cells, quantile(0.5, cells.count, at)),
    histogram: evenHistogram(cells, moments, bins),
  };
}

/** The weight of a rank among those at a place, counted from 0. */
export function evenWeight(cells: FilledCells, place: number, rank: number): number {
  const lowest = cells.lowest[place]!;
  return Math.fround(lowest + ((rank + 0.5) / countAt(cells, place)) * (cells.highest[place]! - lowest));
}

/** Sums of the 2nd, 3rd and 4th powers of w − mean. */
export function evenPowers(cells: FilledCells, mean: number): [m2: number, m3: number, m4: number] {
  const { lowest, highest, below } = cells;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let place = 0; place < cells.cells.length; place++) {
    const n = below[place + 1]! - below[place]!;
    const low = lowest[place]!;
    const high = highest[place]!;
    const d = (low + high) / 2 - mean;
    const square = d * d;
    const variance = (high - low) ** 2 / 12;
    m2 += n * (square + variance);
    m3 += n * d * (square + 3 * variance);
    m4 += n * (square * (square + 6 * variance) + 1.8 * variance * variance);
  }
  return [m2, m3, m4];
}

/** Mean of |w − centre|. */
export function evenDeviation({ count, cells, lowest, highest, below }: FilledCells, centre: number): number {
  let sum = 0;
  for (let place = 0; place < cells.length; place++) {
    const low = lowest[place]!;
    const high = highest[place]!;
    const isAround = low < centre && centre < high;
    const mean = isAround ? ((centre - low) ** 2 + (high - centre) ** 2) / (2 * (high - low)) : Math.abs((low + high) / 2 - centre);
    sum += (below[place + 1]! - below[place]!) * mean;
  }
  return sum / count;
}

/** Of a cell that lies in several bins, each has its part, rounded so that all are whole numbers and add up. */
function evenHistogram(cells: FilledCells, { count, min, max }: Moments, bins: number): Histogram {
  const bin = binOf(min, max, bins);
  const belowEdge = Array.from({ length: bins }, (_, i) => weightsBelow(cells, (w) => bin(w) < i, min + (i * (max - min)) / bins));
  return { min, max, counts: belowEdge.map((below, i) => (belowEdge[i + 1] ?? count) - below) };
}

/** How many weights lie below an edge. @param isBelow whether one does, which says what of one that is the edge */
function weightsBelow({ cells, lowest, highest, below }: FilledCells, isBelow: (w: number) => boolean, edge: number): number {
  let [place, end] = [0, cells.length];
  while (place < end) {
    const middle = (place + end) >>> 1;
    if (isBelow(highest[middle]!)) place = middle + 1;
    else end = middle;
  }
  if (place === cells.length || !isBelow(lowest[place]!)) return below[place]!;
  const share = (edge - lowest[place]!) / (highest[place]! - lowest[place]!);
  return below[place]! + Math.round((below[place + 1]! - below[place]!) * share);
}
