import { throwIfCancelled, type CancelSignal } from '../job';
import { piecesOf, type Piece } from '../kernels/piece';
import { centralPowers, range, type Range } from '../kernels/sums';
import type { FloatArray } from '../onnx/dataType';

/** Range and central moments of finite weights: `mN` is the sum of (w − mean)^N. Range and mean are NaN when there are none. */
export interface Moments {
  count: number;
  min: number;
  max: number;
  mean: number;
  m2: number;
  m3: number;
  m4: number;
}

export const NO_MOMENTS: Moments = { count: 0, min: NaN, max: NaN, mean: NaN, m2: 0, m3: 0, m4: 0 };

/** Moments of the finite weights of all chunks: two passes within a piece, then combined, so that nothing cancels out. */
export function momentsOf(chunks: Iterable<FloatArray>, signal?: CancelSignal): Moments {
  let total = NO_MOMENTS;
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(chunk)) total = combineMoments(total, pieceMoments(piece, range(piece)));
  }
  return total;
}

/** The moments of two disjoint sets together (Pébay, Formulas for robust one-pass computation of moments, 2008). */
export function combineMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  const product = a.count * b.count;
  const step = delta / count;
  return {
    count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + step * b.count,
    m2: a.m2 + b.m2 + delta * step * product,
    m3: a.m3 + b.m3 + delta * step ** 2 * product * (a.count - b.count) + 3 * step * (a.count * b.m2 - b.count * a.m2),
    m4:
      a.m4 + b.m4 +
      delta * step ** 3 * product * (a.count ** 2 - product + b.count ** 2) +
      6 * step ** 2 * (a.count ** 2 * b.m2 + b.count ** 2 * a.m2) +
      4 * step * (a.count * b.m3 - b.count * a.m3),
  };
}

/** Population standard deviation. */
export function standardDeviation(moments: Moments): number {
  return Math.sqrt(moments.m2 / moments.count);
}

/** The moments of a piece of weights, given its range. */
export function pieceMoments(piece: Piece, { min, max, sum, nan, inf }: Range): Moments {
  const count = piece.weights.length - nan - inf;
  if (count === 0) return NO_MOMENTS;
  // A sum of equal weights may round, and a constant's mean has to be the constant.
  const mean = min === max ? min : sum / count;
  const [m2, m3, m4] = centralPowers(piece, mean, nan + inf === 0);
  return { count, min, max, mean, m2, m3, m4 };
}
