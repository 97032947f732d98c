import { codeErrors } from '../kernels/errors';
import { piecesOf } from '../kernels/piece';
import type { FloatArray } from '../onnx/dataType';
import type { UniformGrid } from '../quantizers/codebook';
import type { CellSpread } from '../quantizers/quantizer';

/** Sums over weights, from which the measures of any set of them together follow. */
export interface ErrorSums {
  count: number;
  /** Σw² */
  signal: number;
  /** Σ(w − w_q)² */
  noise: number;
  /** Σ w·w_q */
  product: number;
  /** Σ w_q² */
  quantizedSignal: number;
  maxAbsError: number;
}

export function noErrors(): ErrorSums {
  return { count: 0, signal: 0, noise: 0, product: 0, quantizedSignal: 0, maxAbsError: 0 };
}

/** Adds weights and their codes into `sums`. @param levels of the codes, or a grid whose products they are, rounded to float32 */
export function addErrors(sums: ErrorSums, weights: FloatArray, codes: Uint8Array, levels: Float32Array | UniformGrid): void {
  let at = 0;
  for (const piece of piecesOf(weights)) {
    const errors = codeErrors(piece, codes.subarray(at, (at += piece.weights.length)), levels);
    sums.signal += errors.signal;
    sums.noise += errors.noise;
    // Σ(w − q)² = Σw² − 2Σwq + Σq², the other way about.
    sums.product += (errors.signal + errors.quantizedSignal - errors.noise) / 2;
    sums.quantizedSignal += errors.quantizedSignal;
    sums.maxAbsError = Math.max(sums.maxAbsError, errors.maxAbsError);
  }
  sums.count += weights.length;
}

/** The same for means of cells: the spread within a cell, all of whose weights get one code, is signal and noise alike. */
export function addCellErrors(
  sums: ErrorSums, means: FloatArray, { counts, spread }: CellSpread, codes: Uint8Array, levels: Float32Array,
): void {
  sums.signal += spread;
  sums.noise += spread;
  for (let i = 0; i < means.length; i++) {
    const n = counts[i]!;
    const w = means[i]!;
    const q = levels[codes[i]!]!;
    sums.count += n;
    sums.signal += n * w * w;
    sums.noise += n * (w - q) ** 2;
    sums.product += n * w * q;
    sums.quantizedSignal += n * q * q;
    sums.maxAbsError = Math.max(sums.maxAbsError, Math.abs(w - q));
  }
}
