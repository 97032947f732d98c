import { VALUES_WITHIN } from '../kernels/memoryMap';
import type { Insides } from './cellInsides';
import type { Distribution } from './distributions';
import type { FilledCells } from './filledCells';
import { largestDistance } from './largestDistance';

/** Neighbours that are passed over together where the distance cannot be larger. */
const STRETCH = 64;

/** The largest distance between a distribution and the empirical one where it is known from counts alone: at cells' edges. */
export function edgeDistance({ cells, count, below, lowest, highest }: FilledCells, distribution: Distribution): number {
  return largestDistance(cells.length, (start, end) => {
    const [low, high] = [distribution(lowest[start]!), distribution(highest[end - 1]!)];
    const [before, after] = [below[start]! / count, below[end]! / count];
    return { seen: Math.max(Math.abs(before - low), Math.abs(after - high)), most: Math.max(after - low, high - before) };
  });
}

/** Places where the distance may be larger than `distance`. */
export function placesBeyond(cells: FilledCells, distribution: Distribution, distance: number): number[] {
  const places: number[] = [];
  forEachBeyond(cells, distribution, () => distance, (place) => places.push(place));
  return places;
}

/** The Kolmogorov–Smirnov distance, exact where all `placesBeyond` the `edgeDistance` were looked into. */
export function ksOfCells(cells: FilledCells, insides: Insides, distribution: Distribution): number {
  let distance = edgeDistance(cells, distribution);
  forEachBeyond(cells, distribution, () => distance, (place) => {
    if (insides.has(place)) distance = Math.max(distance, distanceWithin(cells, insides, place, distribution, distance));
  });
  return distance;
}

function distanceWithin(
  { count, below }: FilledCells, { valueAt, countAt, countBetween }: Insides, place: number, distribution: Distribution, atLeast: number,
): number {
  let distance = atLeast;
  let before = below[place]!;
  for (let start = 0; start < VALUES_WITHIN; start += STRETCH) {
    const end = before + countBetween(place, start, start + STRETCH);
    const most = Math.max(
      end / count - distribution(valueAt(place, start)), distribution(valueAt(place, start + STRETCH - 1)) - before / count,
    );
    for (let i = start; i < start + STRETCH && most > distance; i++) {
      const n = countAt(place, i);
      if (n === 0) continue;
      const expected = distribution(valueAt(place, i));
      distance = Math.max(distance, (before + n) / count - expected, expected - before / count);
      before += n;
    }
    before = end;
  }
  return distance;
}

/** The places in these where it may be larger. */
function forEachBeyond(
  cells: FilledCells, distribution: Distribution, distance: () => number, visit: (place: number) => void,
): void {
  forEachStretchBeyond(cells, distribution, distance, (start, end) => {
    for (let place = start; place < end; place++) if (mostWithin(cells, distribution, place, place + 1) > distance()) visit(place);
  });
}

/** Stretches where the distance may be larger than `distance`. */
function forEachStretchBeyond(
  cells: FilledCells, distribution: Distribution, distance: () => number, visit: (start: number, end: number) => void,
): void {
  for (let start = 0; start < cells.cells.length; start += STRETCH) {
    const end = Math.min(cells.cells.length, start + STRETCH);
    if (mostWithin(cells, distribution, start, end) > distance()) visit(start, end);
  }
}

/** Both distributions only rise, so within a stretch they are no further apart than its opposite corners. */
function mostWithin({ count, below, lowest, highest }: FilledCells, distribution: Distribution, start: number, end: number): number {
  return Math.max(below[end]! / count - distribution(lowest[start]!), distribution(highest[end - 1]!) - below[start]! / count);
}
