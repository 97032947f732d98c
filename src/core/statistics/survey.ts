import { throwIfCancelled, type CancelSignal } from '../job';
import { cellCounts, countedRange } from '../kernels/cells';
import { longPiecesOf, piecesOf, type Piece } from '../kernels/piece';
import { spreadPowers } from '../kernels/spread';
import { range, type Range } from '../kernels/sums';
import type { FloatArray } from '../onnx/dataType';
import { filledCells, type FilledCells } from './filledCells';
import { combineMoments, NO_MOMENTS, pieceMoments, type Moments } from './moments';
import { finiteWeights } from './weightOrder';

/** Up to this many weights, 1 MB of them, are kept and sorted; more are counted in cells. */
const KEPT = 1 << 18;

/** What one look at all weights of a layer gives. */
export interface Survey {
  /** Of the finite weights; where there are cells, powers are those of weights spread evenly over each. */
  moments: Moments;
  /** Weights, those that are not finite included. */
  count: number;
  nan: number;
  inf: number;
  zeros: number;
  /** The finite weights themselves where they are few, for whoever asked, until the next survey. */
  kept: FloatArray | null;
  /** Where they are many, and float32. */
  cells: FilledCells | null;
  /** The most weights in a cell of which the values are not known. */
  most: number;
}

/** Of few weights in float32: made once, as a megabyte for each layer piles up until it is collected. */
let buffer = new Float32Array(0);

/** @throws CoreError `cancelled` */
export function survey(chunks: Iterable<FloatArray>, signal?: CancelSignal): Survey {
  const all = cancellable(chunks, signal);
  const few: FloatArray[] = [];
  let length = 0;
  for (let next = all.next(); !next.done; next = all.next()) {
    length += next.value.length;
    if (length > KEPT) return surveyMany(next.value, few, all);
    few.push(copied(next.value, length - next.value.length));
  }
  const found = surveyPlainly(few);
  const { count } = found.moments;
  const kept = few[0] instanceof Float64Array ? finiteWeights(few, count) : finiteOf(buffer.subarray(0, length), count);
  return { ...found, kept, cells: null, most: 0 };
}

/** @param at where in `buffer` */
function copied(chunk: FloatArray, at: number): FloatArray {
  if (chunk instanceof Float64Array) return chunk.slice();
  if (buffer.length === 0) buffer = new Float32Array(KEPT);
  buffer.set(chunk, at);
  return buffer.subarray(at, at + chunk.length);
}

function* cancellable(chunks: Iterable<FloatArray>, signal: CancelSignal | undefined): Generator<FloatArray> {
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    yield chunk;
  }
}

/** @param chunk comes first, as it is valid only until the next. @param few those before it */
function surveyMany(chunk: FloatArray, few: readonly FloatArray[], rest: Iterable<FloatArray>): Survey {
  function* all(): Generator<FloatArray> {
    yield chunk;
    yield* few;
    yield* rest;
  }
  return chunk instanceof Float32Array ? surveyInCells(all()) : { ...surveyPlainly(all()), kept: null, cells: null, most: 0 };
}

function surveyPlainly(chunks: Iterable<FloatArray>): Omit<Survey, 'kept' | 'cells' | 'most'> {
  const found = { count: 0, nan: 0, inf: 0, zeros: 0 };
  let moments = NO_MOMENTS;
  for (const chunk of chunks) {
    for (const piece of piecesOf(chunk)) {
      const seen = range(piece);
      moments = combineMoments(moments, pieceMoments(piece, seen));
      add(found, piece, seen);
    }
  }
  return { ...found, moments };
}

function surveyInCells(chunks: Iterable<FloatArray>): Survey {
  const counts = cellCounts();
  const found = { count: 0, nan: 0, inf: 0, zeros: 0 };
  let [min, max, sum, lower] = [Infinity, -Infinity, 0, 0];
  for (const chunk of chunks) {
    for (const piece of longPiecesOf(chunk)) {
      const seen = countedRange(piece, counts);
      min = Math.min(min, seen.min);
      max = Math.max(max, seen.max);
      sum += seen.sum;
      lower |= seen.lower;
      add(found, piece, seen);
    }
  }
  const count = found.count - found.nan - found.inf;
  if (count === 0) return { ...found, moments: NO_MOMENTS, kept: null, cells: null, most: 0 };
  const cells = filledCells(counts, count, { min, max, lower, zeros: found.zeros });
  // A sum of equal weights may round, and a constant's mean has to be the constant.
  const mean = min === max ? min : sum / count;
  const { most, ...powers } = spreadPowers(cells, mean);
  return { ...found, moments: { count, min, max, mean, ...powers }, kept: null, cells, most };
}

function add(found: Pick<Survey, 'count' | 'nan' | 'inf' | 'zeros'>, { weights }: Piece, { nan, inf, zeros }: Range): void {
  found.count += weights.length;
  found.nan += nan;
  found.inf += inf;
  found.zeros += zeros;
}

/** The finite ones of weights, moved to their front. */
function finiteOf(weights: FloatArray, count: number): FloatArray {
  if (count === weights.length) return weights;
  let length = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i]! - weights[i]! === 0) weights[length++] = weights[i]!;
  return weights.subarray(0, length);
}
