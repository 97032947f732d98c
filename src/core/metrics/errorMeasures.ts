import { codeErrors } from '../kernels/errors';
import { piecesOf } from '../kernels/piece';
import type { FloatArray } from '../onnx/dataType';
import type { CellSpread } from '../quantizers/quantizer';

/** Error of quantized against original weights, over finite weights, on the levels as they are stored. */
export interface ErrorMeasures {
  /** Mean of (w − w_q)². */
  mse: number;
  /** 10·log10(Σw² / Σ(w − w_q)²), raw second moment in the numerator; Infinity when nothing is lost. */
  sqnrDb: number;
  /** The same from the fitted Laplacian's density instead of the weights. */
  predictedSqnrDb: number;
  maxAbsError: number;
  /** Cosine of the angle between w and w_q. */
  cosine: number;
}

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

/** A second moment and the error expected against it, summed over weights. */
export interface Prediction {
  signal: number;
  noise: number;
}

export function noErrors(): ErrorSums {
  return { count: 0, signal: 0, noise: 0, product: 0, quantizedSignal: 0, maxAbsError: 0 };
}

/** Adds weights and their codes into `sums`. */
export function addErrors(sums: ErrorSums, weights: FloatArray, codes: Uint8Array, levels: Float32Array): void {
  let at = 0;
  for (const piece of piecesOf(weights)) {
    const errors = codeErrors(piece, codes.subarray(at, (at += piece.weights.length)), levels);
    sums.signal += errors.signal;
    sums.noise += errors.noise;
    sums.product += errors.product;
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

export function errorMeasures(sums: ErrorSums, predicted: Prediction): ErrorMeasures {
  return {
    mse: sums.noise / sums.count,
    sqnrDb: sqnrDb(sums.signal, sums.noise),
    predictedSqnrDb: sqnrDb(predicted.signal, predicted.noise),
    maxAbsError: sums.maxAbsError,
    cosine: cosine(sums),
  };
}

/** Signal-to-quantization-noise ratio in dB, from sums or means of squares alike; Infinity without noise. */
export function sqnrDb(signal: number, noise: number): number {
  return noise === 0 ? Infinity : 10 * Math.log10(signal / noise);
}

/** 1 without noise, where both vectors may be zero; 0 where just one of them is. */
export function cosine({ signal, noise, product, quantizedSignal }: ErrorSums): number {
  if (noise === 0) return 1;
  if (signal === 0 || quantizedSignal === 0) return 0;
  return Math.min(1, product / Math.sqrt(signal) / Math.sqrt(quantizedSignal));
}
