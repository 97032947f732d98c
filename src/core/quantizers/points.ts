import { throwIfCancelled, type CancelSignal } from '../job';
import { equalCells, gatherPiece } from '../kernels/equalCells';
import { piecesOf } from '../kernels/piece';
import type { FloatArray } from '../onnx/dataType';
import { sortFloats } from '../statistics/sortFloats';
import { standardDeviation } from '../statistics/moments';
import { inMemory, slicesOfSource } from '../statistics/weightSource';
import type { WeightGroup } from './quantizer';

/** 2,048 cells a deviation, against 18 steps at 8 bits. */
const FINE = 1 << 16;
/** Deviations to each side of the mean that cells span. */
const SPAN = 16;

/** Values, and how many weights each stands for. */
export interface Points {
  values: FloatArray;
  counts: Float64Array;
}

/** A group of cell means as it is; null where weights stand for themselves. */
export function cellPoints({ weights, cells }: WeightGroup): Points | null {
  return cells ? { values: inMemory(weights), counts: cells.counts } : null;
}

/**
 * Means of the weights in equal cells around the mean, and every weight beyond them (at most n / 256, by Chebyshev), in
 * ascending order.
 */
export function gathered({ weights, moments }: WeightGroup, signal?: CancelSignal, cells = FINE): Points {
  const reach = SPAN * standardDeviation(moments);
  const start = moments.mean - reach;
  const found = equalCells(start, cells / (2 * reach), cells);
  const beyond: number[] = [];
  for (const block of slicesOfSource(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) gatherPiece(piece, found, beyond);
  }
  const outliers = Float64Array.from(beyond);
  sortFloats(outliers);
  const below = outliers.findIndex((w) => w > moments.mean);
  const above = below < 0 ? outliers.length : below;
  const { pairs } = found;
  let filled = 0;
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i]! > 0) filled++;
  const values = new Float64Array(filled + outliers.length);
  const counts = new Float64Array(values.length).fill(1);
  values.set(outliers.subarray(0, above));
  values.set(outliers.subarray(above), above + filled);
  for (let i = 0, next = above; i < pairs.length; i += 2) {
    const [count, sum] = [pairs[i]!, pairs[i + 1]!];
    if (count === 0) continue;
    values[next] = sum / count;
    counts[next++] = count;
  }
  return { values, counts };
}
