import type { ErrorSums } from './errorSums';

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
