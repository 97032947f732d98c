import { cellOf, cellsFilled } from '../kernels/cells';
import { VALUES_WITHIN } from '../kernels/memoryMap';

/** Cells of float32 (`kernels/cells.ts`) with weights in them, in ascending order of the weights: `place` 0, 1, … */
export interface FilledCells {
  /** Finite weights. */
  count: number;
  /** Index of each. */
  cells: Uint32Array;
  /** Weights below each, and after the last all. */
  below: Float64Array;
  /** The least and the greatest float32 that may be in each: where they are the same, all its weights are that. */
  lowest: Float32Array;
  highest: Float32Array;
}

/** What is known of finite weights beside their counts. */
export interface KnownRange {
  min: number;
  max: number;
  zeros: number;
  /** The bits below its cell that any weight has. */
  lower: number;
}

/** The first cell of negative weights, and the first past all finite magnitudes. */
const NEGATIVE = cellOf(0x80000000);
const INFINITE = cellOf(0x7f800000);

/**
 * @param counts by cell, those of weights that are not finite included: they are left out
 * @param count of finite weights
 * @param known narrows what may be in cells
 */
export function filledCells(counts: Uint32Array, count: number, known?: KnownRange): FilledCells {
  const negative = cellsFilled(counts, NEGATIVE, NEGATIVE + INFINITE).reverse();
  const positive = cellsFilled(counts, 0, INFINITE);
  const cells = new Uint32Array(negative.length + positive.length);
  cells.set(negative);
  cells.set(positive, negative.length);
  const lower = known?.lower ?? VALUES_WITHIN - 1;
  const filled = {
    count, cells, below: runningSum(cells, counts),
    lowest: floats(cells, negative.length, lower, 0), highest: floats(cells, negative.length, 0, lower),
  };
  if (known && cells.length > 0) [filled.lowest[0], filled.highest[cells.length - 1]] = [known.min, known.max];
  // As where weights were pruned: nothing but zeros around 0.
  if (counts[0]! + counts[NEGATIVE]! === known?.zeros) {
    for (const place of [negative.length - 1, negative.length]) {
      if (cells[place]! % NEGATIVE === 0) filled.lowest[place] = filled.highest[place] = 0;
    }
  }
  return filled;
}

export function isNegative(cell: number): boolean {
  return cell >= NEGATIVE;
}

/** The float32 of a cell whose lower bits are given. */
export function bitsIn(cell: number, lower: number): number {
  return cell * VALUES_WITHIN + lower;
}

/** The numbers with these lower bits: of the negative cells, which come first, and of the others. */
function floats(cells: Uint32Array, negatives: number, ofNegative: number, ofPositive: number): Float32Array {
  const bits = new Uint32Array(cells.length);
  for (let i = 0; i < negatives; i++) bits[i] = bitsIn(cells[i]!, ofNegative);
  for (let i = negatives; i < cells.length; i++) bits[i] = bitsIn(cells[i]!, ofPositive);
  return new Float32Array(bits.buffer);
}

function runningSum(cells: Uint32Array, counts: Uint32Array): Float64Array {
  const below = new Float64Array(cells.length + 1);
  for (let place = 0; place < cells.length; place++) below[place + 1] = below[place]! + counts[cells[place]!]!;
  return below;
}

/** Weights at a place. */
export function countAt({ below }: FilledCells, place: number): number {
  return below[place + 1]! - below[place]!;
}

/** Whether all weights at a place are the same, and which is known. */
export function isOneValue({ lowest, highest }: FilledCells, place: number): boolean {
  return lowest[place] === highest[place];
}

/** Where the weight of a rank, counted from 0, is. */
export function placeOfRank({ below, cells }: FilledCells, rank: number): number {
  let low = 0;
  let high = cells.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (below[middle]! <= rank) low = middle;
    else high = middle - 1;
  }
  return low;
}
