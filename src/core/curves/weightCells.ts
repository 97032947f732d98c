import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import type { Points } from '../quantizers/points';
import type { WeightGroup } from '../quantizers/quantizer';
import { quantile } from '../statistics/orderStatistics';
import type { Moments } from '../statistics/moments';
import { orderedKey, sortFloats } from '../statistics/sortFloats';
import { inMemory } from '../statistics/weightSource';

/** Bits of a float32 that a fine cell keeps: sign, exponent and 10 of the mantissa, so that float16 is exact. */
const KEY_BITS = 19;
/** Cells of a group. A quantizer of 2^b levels loses about (2^b / GROUP_CELLS)² of its error more than on the weights. */
export const GROUP_CELLS = 1 << 12;

/** Weights as the means of cells. */
export type CellGroup = WeightGroup & { weights: FloatArray };

/**
 * A tensor's weights as the means of a few thousand cells, in one pass and memory that does not grow with their number.
 * Cells are as fine as the cube root of the density (Panter and Dite, Quantization distortion in pulse-count modulation,
 * 1951), whatever the distribution: what is lost within them is the error of the best quantizer of 4,096 levels. The idea
 * of using them for this is ours.
 *
 * @param chunks all weights, finite
 * @param moments of them
 * @throws CoreError `cancelled`
 */
export function weightCells(chunks: Iterable<FloatArray>, moments: Moments, signal?: CancelSignal): CellGroup {
  const fine = fineCells(chunks, signal);
  return companded(fine, moments, laplaceOf(fine, moments.count));
}

/** The same of a group's weights in memory. */
export function groupCells({ weights, moments, laplace }: WeightGroup): CellGroup {
  const values = inMemory(weights).slice();
  sortFloats(values);
  return companded({ values, counts: new Float64Array(values.length).fill(1) }, moments, laplace);
}

function companded(points: Points, moments: Moments, laplace: WeightGroup['laplace']): CellGroup {
  const { values, counts } = joined(points);
  let between = 0;
  for (let i = 0; i < values.length; i++) between += counts[i]! * (values[i]! - moments.mean) ** 2;
  return { weights: values, cells: { counts, spread: Math.max(0, moments.m2 - between) }, moments, laplace };
}

/** Means of the weights that share the upper bits of their float32, 2^-10 of their magnitude apart, ascending. */
function fineCells(chunks: Iterable<FloatArray>, signal: CancelSignal | undefined): Points {
  const counts = new Float64Array(2 ** KEY_BITS);
  const sums = new Float64Array(2 ** KEY_BITS);
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    const singles = chunk instanceof Float32Array ? chunk : Float32Array.from(chunk);
    const bits = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
    for (let i = 0; i < bits.length; i++) {
      const key = orderedKey(bits[i]!) >>> (32 - KEY_BITS);
      counts[key]!++;
      sums[key]! += chunk[i]!;
    }
  }
  const filled = counts.filter((n) => n > 0);
  const values = new Float64Array(filled.length);
  for (let key = 0, at = 0; at < filled.length; key++) {
    if (counts[key]! > 0) values[at++] = sums[key]! / counts[key]!;
  }
  return { values, counts: filled };
}

/** Neighbours joined so that the cube root of the density integrates to the same over each cell. */
function joined({ values, counts }: Points): Points {
  if (values.length <= GROUP_CELLS) return { values, counts };
  const steps = new Float64Array(values.length);
  for (let i = 1; i < values.length; i++) {
    steps[i] = Math.cbrt(((counts[i - 1]! + counts[i]!) / 2) * (values[i]! - values[i - 1]!) ** 2);
  }
  const perStep = cellsPerStep(steps);
  const means = new Float64Array(GROUP_CELLS);
  const sizes = new Float64Array(GROUP_CELLS);
  let last = -1;
  for (let i = 0, cell = -1, position = 0; i < values.length; i++) {
    position += Math.min(1, steps[i]! * perStep);
    const here = Math.min(GROUP_CELLS - 1, Math.floor(position));
    if (here !== cell) last++;
    cell = here;
    sizes[last]! += counts[i]!;
    means[last]! += ((values[i]! - means[last]!) * counts[i]!) / sizes[last]!;
  }
  return { values: means.subarray(0, last + 1), counts: sizes.subarray(0, last + 1) };
}

/**
 * The factor by which steps add up to the way from the first cell to the last, when none counts for more than one: gaps
 * need no cells of their own.
 */
function cellsPerStep(steps: Float64Array): number {
  let factor = 0;
  for (let before = -1, gaps = 0; gaps !== before;) {
    before = factor === 0 ? -1 : gaps;
    let rest = 0;
    gaps = 0;
    for (const step of steps) {
      if (factor * step >= 1) gaps++;
      else rest += step;
    }
    factor = rest > 0 ? (GROUP_CELLS - 1 - gaps) / rest : Number.MAX_VALUE;
  }
  return factor;
}

/** The median, and the mean distance to it. */
function laplaceOf({ values, counts }: Points, count: number): WeightGroup['laplace'] {
  const location = quantile(0.5, count, (rank) => {
    let cell = 0;
    for (let below = counts[0]!; below <= rank; below += counts[cell]!) cell++;
    return values[cell]!;
  });
  let distance = 0;
  for (let i = 0; i < values.length; i++) distance += counts[i]! * Math.abs(values[i]! - location);
  return { location, scale: distance / count };
}
