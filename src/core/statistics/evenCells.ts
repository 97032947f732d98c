import { spreadAbsDeviation } from '../kernels/spread';
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
 * Exact where each cell has one value, as of float16, bfloat16, and float32 made of them. Elsewhere
 *
 * - a quantile is within 2^-11 of the larger of the two weights that it lies between (2^-137 for the smallest),
 * - the mean absolute deviation within as much of itself,
 * - a distance is short by no more than the largest share of a cell,
 * - a bin is wrong by no more than the cells at its edges have.
 *
 * Of smooth weights all are seen to be much closer: see `layerStatistics`. Ours.
 *
 * @param moments of the finite weights, which stay as they are
 * @param most weights in a cell of which the values are not known
 */
export function evenOrder(cells: FilledCells, moments: Moments, most: number, bins: number): LayerOrder | null {
  if (most > cells.count * LARGEST_SHARE) return null;
  const at = (rank: number): number => {
    const place = placeOfRank(cells, rank);
    return evenWeight(cells, place, rank - cells.below[place]!);
  };
  return {
    exact: most === 0,
    moments,
    at,
    ks: (distribution) => edgeDistance(cells, distribution),
    sketch: () => sketchOf(cells.count, at),
    meanAbsDeviation: spreadAbsDeviation(cells, quantile(0.5, cells.count, at)) / cells.count,
    histogram: evenHistogram(cells, moments, bins),
  };
}

/** The weight of a rank among those at a place, counted from 0. */
export function evenWeight(cells: FilledCells, place: number, rank: number): number {
  const lowest = cells.lowest[place]!;
  return Math.fround(lowest + ((rank + 0.5) / countAt(cells, place)) * (cells.highest[place]! - lowest));
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
