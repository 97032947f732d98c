import { VALUES_WITHIN } from '../kernels/memoryMap';

/** Cells of float32 (`kernels/cells.ts`) with weights in them, in ascending order of the weights: `place` 0, 1, … */
export interface FilledCells {
  /** Finite weights. */
  count: number;
  /** Index of each. */
  cells: Uint32Array;
  /** Weights below each, and after the last all. */
  below: Float64Array;
  /** The least and the greatest float32 of each. */
  lowest: Float32Array;
  highest: Float32Array;
}

const EXPONENT_ALL_ONES = 0xff << 11;

/** @param counts by cell. @param count of finite weights: cells of others come last and are left out */
export function filledCells(counts: Uint32Array, count: number): FilledCells {
  const filled: number[] = [];
  for (let cell = 2 * EXPONENT_ALL_ONES - 1; cell > 0; cell -= 2) if (counts[cell]! > 0) filled.push(cell);
  for (let cell = 0; cell < 2 * EXPONENT_ALL_ONES; cell += 2) if (counts[cell]! > 0) filled.push(cell);
  const below = new Float64Array(filled.length + 1);
  filled.forEach((cell, place) => (below[place + 1] = below[place]! + counts[cell]!));
  const cells = Uint32Array.from(filled);
  return { count, cells, below, lowest: floats(cells, 0), highest: floats(cells, VALUES_WITHIN - 1) };
}

/** The float32 of a cell whose lower bits are given. */
export function bitsIn(cell: number, lower: number): number {
  return ((cell >>> 1) * VALUES_WITHIN + lower + (cell & 1) * 2 ** 31) >>> 0;
}

/** @param rise how far each is above the lowest of its cell, in float32 numbers */
function floats(cells: Uint32Array, rise: number): Float32Array {
  const bits = cells.map((cell) => bitsIn(cell, cell & 1 ? VALUES_WITHIN - 1 - rise : rise));
  return new Float32Array(bits.buffer);
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
