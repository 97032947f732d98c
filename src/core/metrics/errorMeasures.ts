import type { ErrorSums } from './errorSums';

/** Error of quantized against original weights, over finite weights, on the levels as they are stored. */
export interface ErrorMeasures {
  /** Mean of (w − w_q)². */
  mse: number;
  /** 10·log10(Σw² / Σ(w − w_q)²), raw second moment in the numerator; Infinity when nothing is lost, -Infinity without a signal. */
  sqnrDb: number;
  /** The same from the fitted Laplacian's density instead of the weights. */
  predictedSqnrDb: number;
  maxAbsError: number;
  /** Cosine of the angle between w and w_q. */
  cosine: number;
}

/** A second moment and the error expected against it, summed over weights. */
export interface Prediction {
  signal: number;
  noise: number;
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

/** More than there is in billions of zeros that a grid without zero makes its least numbers, 2^-126 or half of it. */
const NEXT_TO_NOTHING = 2 ** -200;

/** Signal-to-quantization-noise ratio in dB, from sums or means of squares alike; Infinity when nothing is lost. */
export function sqnrDb(signal: number, noise: number): number {
  return isLossless(signal, noise) ? Infinity : 10 * Math.log10(signal / noise);
}

/** What the ratio is the reciprocal of: 0 when nothing is lost, Infinity without a signal. */
export function relativeNoise({ signal, noise }: Prediction): number {
  return isLossless(signal, noise) ? 0 : noise / signal;
}

/** Zeros on a grid that has none are as good as kept: its scale is the least that may be stored. */
function isLossless(signal: number, noise: number): boolean {
  return noise === 0 || (signal === 0 && noise < NEXT_TO_NOTHING);
}

/** 1 when nothing is lost, where both vectors may be zero; 0 where just one of them is. */
export function cosine({ signal, noise, product, quantizedSignal }: ErrorSums): number {
  if (isLossless(signal, noise)) return 1;
  if (signal === 0 || quantizedSignal === 0) return 0;
  return Math.min(1, product / Math.sqrt(signal) / Math.sqrt(quantizedSignal));
}
