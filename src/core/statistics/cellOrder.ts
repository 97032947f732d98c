import type { CancelSignal } from '../job';
import { MOST_SLOTS } from '../kernels/memoryMap';
import type { FloatArray } from '../onnx/dataType';
import { lookInside, weightOfRank, type Insides } from './cellInsides';
import { spreadAbsDeviation } from '../kernels/spread';
import { centralPowers, absDeviations } from '../kernels/sums';
import { gaussDistribution, laplaceDistribution, type Distribution } from './distributions';
import { isHeavy } from './evenCells';
import { countAt, placeOfRank, type FilledCells } from './filledCells';
import { binOf } from './histogram';
import { edgeDistance, ksOfCells, placesBeyond } from './ksOfCells';
import type { LayerOrder, OrderRequest } from './layerOrder';
import { standardDeviation, type Moments } from './moments';
import { quantile, ranksOf } from './orderStatistics';
import { sketchOf } from './quantileSketch';

/** By how much a distribution may change, as far as we look, when its scale is no longer that of weights spread evenly. */
const SCALE_MARGIN = 2e-6;

/**
 * Orders weights that are counted in cells by looking once more at them: into the cells where a rank, an edge of a bin or
 * the largest distance to a fit may lie, or many weights. All of it is exact, but for the sketch: weights of other cells,
 * at most 1/2048 of all in each, are taken for spread evenly. Null where such cells are too many, as when fit and weights
 * agree so well that the largest distance may be anywhere.
 *
 * @param chunks all weights, float32
 * @param rough moments of the finite ones, as far as cells tell
 * @param request `finite`: whether all weights are
 * @throws CoreError `cancelled`
 */
export function cellOrder(
  chunks: () => Iterable<FloatArray>, cells: FilledCells, rough: Moments, request: OrderRequest & { finite: boolean }, signal?: CancelSignal,
): LayerOrder | null {
  const { count, min, max, mean } = rough;
  const { probabilities, bins, finite } = request;
  const bin = binOf(min, max, bins);
  const middle = roughMiddle(cells);
  const wanted = new Set([
    ...ranksOf(probabilities, count).map((rank) => placeOfRank(cells, rank)),
    ...places(cells).filter((place) => bin(cells.lowest[place]!) !== bin(cells.highest[place]!)),
    ...places(cells).filter((place) => isHeavy(cells, place)),
    ...(min === max ? [] : placesOfLargestDistance(cells, rough, middle)),
  ]);
  if (wanted.size > MOST_SLOTS) return null;

  let around = 0;
  const moments = { ...rough, m2: 0, m3: 0, m4: 0 };
  const insides = lookInside(chunks(), cells, [...wanted], signal, (piece) => {
    around += absDeviations(piece, middle.location, finite);
    const [m2, m3, m4] = centralPowers(piece, mean, finite);
    moments.m2 += m2;
    moments.m3 += m3;
    moments.m4 += m4;
  });
  const at = (rank: number): number => weightOfRank(cells, insides, rank);
  const median = quantile(0.5, count, at);
  const meanAbsDeviation = absDeviationAroundMedian(cells, insides, around, middle.location, median) / count;
  if (min < max && !areDistancesKnown(cells, insides, moments, median, meanAbsDeviation)) return null;
  return {
    exact: true,
    moments,
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
  const { lowest, highest } = cells;
  const [from, to] = middlePlaces(cells);
  const location = (lowest[from]! + highest[to]!) / 2;
  return { location, locationError: (highest[to]! - lowest[from]!) / 2, scale: spreadAbsDeviation(cells, location) / cells.count };
}

/** Where the two weights in the middle are, which may be one. */
function middlePlaces(cells: FilledCells): [number, number] {
  const rank = (cells.count - 1) / 2;
  return [placeOfRank(cells, Math.floor(rank)), placeOfRank(cells, Math.ceil(rank))];
}

/** Where the distance to either fit may be largest: to fits as far as their parameters are known by now. */
function placesOfLargestDistance(cells: FilledCells, rough: Moments, { location, locationError, scale }: RoughMiddle): number[] {
  const [laplace, gauss] = fits(rough, location, Math.max(scale, Number.MIN_VALUE));
  // A density of 1 / 2b is nowhere exceeded. Errors of the scale nearly cancel out, but for those of heavy cells.
  const margin = SCALE_MARGIN + (locationError + heavyError(cells, () => 1)) / scale;
  const gaussMargin = SCALE_MARGIN + (heavyError(cells, (w) => Math.abs(w - rough.mean)) * rough.count) / rough.m2;
  return [
    ...placesBeyond(cells, laplace, edgeDistance(cells, laplace) - margin),
    ...placesBeyond(cells, gauss, edgeDistance(cells, gauss) - gaussMargin),
  ];
}

/** By how much the mean of a function of weights, which changes by `slope`, may be off where many are taken for spread evenly. */
function heavyError(cells: FilledCells, slope: (w: number) => number): number {
  const { lowest, highest, count } = cells;
  return places(cells).filter((place) => isHeavy(cells, place)).reduce((sum, place) => {
    const [low, high] = [lowest[place]!, highest[place]!];
    return sum + (countAt(cells, place) / count) * (high - low) * Math.max(slope(low), slope(high));
  }, 0);
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

/** Σ|w − median| from that `around` a location, which lies, as the median does, in or between the places in the middle. */
function absDeviationAroundMedian(cells: FilledCells, insides: Insides, around: number, location: number, median: number): number {
  const { below, count } = cells;
  const [from, to] = middlePlaces(cells);
  let sum = around + (median - location) * (below[from]! - (count - below[to + 1]!));
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
