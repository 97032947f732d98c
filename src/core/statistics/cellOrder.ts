import type { CancelSignal } from '../job';
import { MOST_SLOTS } from '../kernels/memoryMap';
import type { FloatArray } from '../onnx/dataType';
import { lookInside, weightOfRank, type Insides } from './cellInsides';
import { gaussDistribution, laplaceDistribution, type Distribution } from './distributions';
import { placeOfRank, type FilledCells } from './filledCells';
import { binOf, type Histogram } from './histogram';
import { edgeDistance, ksOfCells, placesBeyond } from './ksOfCells';
import { standardDeviation, type Moments } from './moments';
import { quantile, ranksOf } from './orderStatistics';
import { SKETCH_SIZE, sketchOf } from './quantileSketch';
import type { WeightOrder } from './weightOrder';

/** By how much a distribution may change, as far as we look, when its scale is no longer that of cells' middles. */
const SCALE_MARGIN = 2e-6;

/** The order of many weights, and what follows from it without another look at them. */
export interface CellOrder extends WeightOrder {
  meanAbsDeviation: number;
  histogram: Histogram;
}

/**
 * Orders weights that are counted in cells by looking once more at them: into the cells where a rank, an edge of a bin or
 * the largest distance to a fit may lie, or many weights. All of it is exact, but for the sketch: weights of other cells,
 * at most 1/1024 of all in each, are taken for spread evenly. Null where such cells are too many, as when fit and weights
 * agree so well that the largest distance may be anywhere.
 *
 * @param chunks all weights, float32
 * @throws CoreError `cancelled`
 */
export function cellOrder(
  chunks: () => Iterable<FloatArray>, cells: FilledCells, moments: Moments, options: {
    probabilities: readonly number[]; bins: number; finite: boolean;
  }, signal?: CancelSignal,
): CellOrder | null {
  const { count, min, max } = moments;
  const { probabilities, bins, finite } = options;
  const bin = binOf(min, max, bins);
  const middle = roughMiddle(cells);
  const wanted = new Set([
    ...ranksOf(probabilities, count).map((rank) => placeOfRank(cells, rank)),
    ...places(cells).filter((place) => bin(cells.lowest[place]!) !== bin(cells.highest[place]!)),
    ...places(cells).filter((place) => cells.below[place + 1]! - cells.below[place]! > count / SKETCH_SIZE),
    ...(min === max ? [] : placesOfLargestDistance(cells, moments, middle)),
  ]);
  if (wanted.size > MOST_SLOTS) return null;

  const insides = lookInside(chunks(), cells, [...wanted], middle.location, finite, signal);
  const at = (rank: number): number => weightOfRank(cells, insides, rank);
  const median = quantile(0.5, count, at);
  const meanAbsDeviation = deviationSum(cells, insides, middle.location, median) / count;
  if (min < max && !areDistancesKnown(cells, insides, moments, median, meanAbsDeviation)) return null;
  return {
    at,
    ks: (distribution) => ksOfCells(cells, insides, distribution),
    sketch: () => sketchOf(count, at),
    meanAbsDeviation,
    histogram: { min, max, counts: histogramCounts(cells, insides, bin, bins) },
  };
}

function places({ cells }: FilledCells): number[] {
  return [...cells.keys()];
}

/** Median and mean deviation from it as far as cells tell, and by how much the median may be off. */
interface RoughMiddle {
  location: number;
  locationError: number;
  scale: number;
}

function roughMiddle(cells: FilledCells): RoughMiddle {
  const { count, below, lowest, highest } = cells;
  const [from, to] = middlePlaces(cells);
  const location = (lowest[from]! + highest[to]!) / 2;
  let sum = 0;
  for (const place of places(cells)) {
    sum += (below[place + 1]! - below[place]!) * Math.abs((lowest[place]! + highest[place]!) / 2 - location);
  }
  return { location, locationError: (highest[to]! - lowest[from]!) / 2, scale: sum / count };
}

/** Where the two weights in the middle are, which may be one. */
function middlePlaces(cells: FilledCells): [number, number] {
  const rank = (cells.count - 1) / 2;
  return [placeOfRank(cells, Math.floor(rank)), placeOfRank(cells, Math.ceil(rank))];
}

/** Where the distance to either fit may be largest: to the Laplacian as far as its parameters are known by now. */
function placesOfLargestDistance(cells: FilledCells, moments: Moments, { location, locationError, scale }: RoughMiddle): number[] {
  const [laplace, gauss] = fits(moments, location, Math.max(scale, Number.MIN_VALUE));
  // A density of 1 / 2b is nowhere exceeded. Errors of the scale nearly cancel out.
  const margin = SCALE_MARGIN + locationError / scale;
  return [
    ...placesBeyond(cells, laplace, edgeDistance(cells, laplace) - margin),
    ...placesBeyond(cells, gauss, edgeDistance(cells, gauss)),
  ];
}

/** Whether the places looked into were those where the distance may be largest, now that the fits are known. */
function areDistancesKnown(cells: FilledCells, insides: Insides, moments: Moments, location: number, scale: number): boolean {
  return fits(moments, location, scale).every((fit) => (
    placesBeyond(cells, fit, edgeDistance(cells, fit)).every((place) => insides.has(place))
  ));
}

function fits(moments: Moments, location: number, scale: number): [laplace: Distribution, gauss: Distribution] {
  return [
    laplaceDistribution({ location, scale }), gaussDistribution({ mean: moments.mean, std: standardDeviation(moments) }),
  ];
}

/** Σ|w − median| from that around a number that lies, as the median does, in or between the places in the middle. */
function deviationSum(cells: FilledCells, insides: Insides, location: number, median: number): number {
  const { below, count } = cells;
  const [from, to] = middlePlaces(cells);
  let sum = insides.deviation + (median - location) * (below[from]! - (count - below[to + 1]!));
  for (const place of new Set([from, to])) {
    insides.forEach(place, (value, n) => (sum += n * (Math.abs(value - median) - Math.abs(value - location))));
  }
  return sum;
}

function histogramCounts(cells: FilledCells, insides: Insides, bin: (w: number) => number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const place of places(cells)) {
    const lowest = bin(cells.lowest[place]!);
    if (lowest === bin(cells.highest[place]!)) counts[lowest]! += cells.below[place + 1]! - cells.below[place]!;
    else insides.forEach(place, (value, n) => (counts[bin(value)]! += n));
  }
  return counts;
}
