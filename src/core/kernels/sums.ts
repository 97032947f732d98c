import { LANES, total } from './lanes';
import { OUT } from './memoryMap';
import type { Piece } from './piece';

/** What a first look at weights gives; range and sum are of the finite ones. */
export interface Range {
  min: number;
  max: number;
  sum: number;
  zeros: number;
  nan: number;
  inf: number;
}

export function range(piece: Piece): Range {
  const { wasm, at, whole } = piece;
  return foundRange(piece, wasm?.range(at, whole, OUT) === 1);
}

/** Where sums follow minimum, maximum and zeros. */
const SUMS = 3;

/** @param done whether the kernels have left what they found of all they see, which is finite, at `OUT` */
export function foundRange({ weights, wasm, whole }: Piece, done: boolean): Range {
  const found = { min: Infinity, max: -Infinity, sum: 0, zeros: 0, nan: 0, inf: 0 };
  const out = wasm && done ? wasm.out : new Float64Array(SUMS + LANES);
  if (done) {
    found.min = out[0]!;
    found.max = out[1]!;
    found.zeros = out[2]!;
  }
  for (let i = done ? whole : 0; i < weights.length; i++) {
    const w = weights[i]!;
    if (w - w !== 0) {
      found[w === w ? 'inf' : 'nan']++;
      continue;
    }
    if (w === 0) found.zeros++;
    if (w < found.min) found.min = w;
    if (w > found.max) found.max = w;
    out[SUMS + (i % LANES)]! += w;
  }
  found.sum = total(out, SUMS);
  return found;
}

/** Sums of the 2nd, 3rd and 4th powers of w − mean over finite weights. @param finite whether all are */
export function centralPowers({ weights, wasm, at, whole }: Piece, mean: number, finite: boolean): [m2: number, m3: number, m4: number] {
  const isDone = wasm !== null && finite;
  if (isDone) wasm.centralPowers(at, whole, mean, OUT);
  const sums = isDone ? wasm.out : new Float64Array(3 * LANES);
  for (let i = isDone ? whole : 0; i < weights.length; i++) {
    const d = weights[i]! - mean;
    if (d - d !== 0) continue;
    const lane = i % LANES;
    const square = d * d;
    sums[lane]! += square;
    sums[LANES + lane]! += square * d;
    sums[2 * LANES + lane]! += square * square;
  }
  return [total(sums), total(sums, LANES), total(sums, 2 * LANES)];
}

/** Σ|w − centre| over finite weights. @param finite whether all are */
export function absDeviations({ weights, wasm, at, whole }: Piece, centre: number, finite: boolean): number {
  const isDone = wasm !== null && finite;
  if (isDone) wasm.absDeviations(at, whole, centre, OUT);
  const sums = isDone ? wasm.out : new Float64Array(LANES);
  for (let i = isDone ? whole : 0; i < weights.length; i++) {
    const d = Math.abs(weights[i]! - centre);
    if (d - d === 0) sums[i % LANES]! += d;
  }
  return total(sums);
}
