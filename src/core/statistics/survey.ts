import { throwIfCancelled, type CancelSignal } from '../job';
import { cellCounts, countCells } from '../kernels/cells';
import { piecesOf } from '../kernels/piece';
import { range } from '../kernels/sums';
import type { FloatArray } from '../onnx/dataType';
import { filledCells, type FilledCells } from './filledCells';
import { combineMoments, NO_MOMENTS, pieceMoments, type Moments } from './moments';

/** Up to this many weights, 1 MB of them, are kept and sorted; more are counted in cells. */
const KEPT = 1 << 18;

/** What one look at all weights of a layer gives. */
export interface Survey {
  /** Of the finite weights. */
  moments: Moments;
  /** Weights, those that are not finite included. */
  count: number;
  nan: number;
  inf: number;
  zeros: number;
  /** The finite weights themselves where they are few. */
  kept: FloatArray | null;
  /** Where they are many, and float32. */
  cells: FilledCells | null;
}

/** @throws CoreError `cancelled` */
export function survey(chunks: Iterable<FloatArray>, signal?: CancelSignal): Survey {
  const found = { count: 0, nan: 0, inf: 0, zeros: 0 };
  const kept: FloatArray[] = [];
  let moments = NO_MOMENTS;
  let counts: Uint32Array | null = null;
  const countIn = (weights: FloatArray, into: Uint32Array): void => {
    for (const piece of piecesOf(weights)) countCells(piece, into);
  };
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    const fits = found.count + chunk.length <= KEPT;
    if (fits) kept.push(chunk.slice());
    else if (!counts && chunk instanceof Float32Array) {
      counts = cellCounts();
      for (const weights of kept.splice(0)) countIn(weights, counts);
    }
    for (const piece of piecesOf(chunk)) {
      const seen = range(piece);
      moments = combineMoments(moments, pieceMoments(piece, seen));
      if (!fits && counts) countCells(piece, counts);
      found.nan += seen.nan;
      found.inf += seen.inf;
      found.zeros += seen.zeros;
    }
    found.count += chunk.length;
  }
  return {
    ...found,
    moments,
    kept: found.count <= KEPT ? finiteOf(kept, moments.count) : null,
    cells: counts && filledCells(counts, moments.count),
  };
}

function finiteOf(chunks: FloatArray[], count: number): FloatArray {
  const finite = chunks[0] instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  let length = 0;
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) if (chunk[i]! - chunk[i]! === 0) finite[length++] = chunk[i]!;
  }
  return finite;
}
