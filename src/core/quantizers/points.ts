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
  const { counts, sums } = found;
  const beyond: number[] = [];
  for (const block of slicesOfSource(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) gatherPiece(piece, found, beyond);
  }
  const outliers = Float64Array.from(beyond);
  sortFloats(outliers);
  const below = outliers.findIndex((w) => w > moments.mean);
  const above = below < 0 ? outliers.length : below;
  const means = sums.map((sum, cell) => sum / counts[cell]!).filter((mean) => !Number.isNaN(mean));
  const values = new Float64Array(means.length + outliers.length);
  values.set(outliers.subarray(0, above));
  values.set(means, above);
  values.set(outliers.subarray(above), above + means.length);
  const filled = new Float64Array(values.length).fill(1);
  filled.set(counts.filter((n) => n > 0), above);
  return { values, counts: filled };
}
