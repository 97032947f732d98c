import type { FloatArray } from '../onnx/dataType';
import type { FineDistribution } from './kolmogorovSmirnov';

/** Quantiles in a sketch of more weights than that. */
export const SKETCH_SIZE = 1024;

/**
 * Weights in ascending order, at ranks that divide them evenly: enough to tell two versions of a layer apart when only one
 * of them still exists, in 4 KB. Its empirical distribution is nowhere further from the weights' own than 1/2048, and as much
 * again where weights were only counted, though seen is 1e-5. Ours.
 *
 * @param sorted finite weights, ascending
 */
export function sketchOfSorted(sorted: FloatArray): Float32Array {
  return sorted.length <= SKETCH_SIZE ? Float32Array.from(sorted) : sketchOf(sorted.length, (rank) => sorted[rank]!);
}

/** The sketch of more weights than it holds. @param at the weight of a rank */
export function sketchOf(count: number, at: (rank: number) => number): Float32Array {
  return Float32Array.from({ length: SKETCH_SIZE }, (_, i) => at(rankOf(i, count)));
}

/** The sketch of weights that were only counted: each quantile is the upper edge of its cell. */
export function sketchOfFine({ count, start, width, below, cells }: FineDistribution): Float32Array {
  const sketch = new Float32Array(SKETCH_SIZE);
  let cell = -1;
  let seen = below;
  for (let i = 0; i < SKETCH_SIZE; i++) {
    while (seen <= rankOf(i, count) && cell < cells.length - 1) seen += cells[++cell]!;
    sketch[i] = start + (cell + 1) * width;
  }
  return sketch;
}

/**
 * The two-sample Kolmogorov–Smirnov distance, the largest between the empirical distributions of two sketches. It is within
 * 1/1024 of the distance between the weights, where these were not only counted.
 *
 * @param a ascending, not empty, as is `b`
 */
export function ksOfSketches(a: Float32Array, b: Float32Array): number {
  let distance = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  return distance;
}

function rankOf(i: number, count: number): number {
  return Math.floor(((i + 0.5) * count) / SKETCH_SIZE);
}
