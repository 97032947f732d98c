import { NEGATIVE } from '../kernels/cells';
import { VALUES_WITHIN } from '../kernels/memoryMap';
import { filledPlaces, type Places } from '../kernels/places';

/**
 * Cells of float32 (`kernels/cells.ts`) with weights in them. Where the least and the greatest weight that may be at a place are
 * the same, all its weights are that.
 */
export interface FilledCells extends Omit<Places, 'negatives'> {
  /** Finite weights. */
  count: number;
}

/** What is known of finite weights beside their counts. */
export interface KnownRange {
  min: number;
  max: number;
  zeros: number;
  /** The bits below its cell that any weight has. */
  lower: number;
}

/**
 * @param counts by cell, those of weights that are not finite included: they are left out. What is returned is of one use at a
 *   time, as they are
 * @param count of finite weights
 * @param known narrows what may be in cells
 */
export function filledCells(counts: Uint32Array, count: number, known?: KnownRange): FilledCells {
  const { negatives, ...places } = filledPlaces(counts, known?.lower ?? VALUES_WITHIN - 1);
  const { cells, lowest, highest } = places;
  if (known && cells.length > 0) [lowest[0], highest[cells.length - 1]] = [known.min, known.max];
  // As where weights were pruned: nothing but zeros around 0.
  if (counts[0]! + counts[NEGATIVE]! === known?.zeros) {
    for (const place of [negatives - 1, negatives]) {
      if (cells[place]! % NEGATIVE === 0) lowest[place] = highest[place] = 0;
    }
  }
  return { count, ...places };
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
