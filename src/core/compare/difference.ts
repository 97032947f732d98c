import { throwIfCancelled, type CancelSignal } from '../job';
import { cosine, sqnrDb } from '../metrics/errorMeasures';
import { noErrors, type ErrorSums } from '../metrics/errorSums';
import type { FloatArray } from '../onnx/dataType';

/** How far one set of numbers is from another of the same length: weights, or a network's outputs. */
export interface Difference {
  /** Pairs of finite numbers: all measures below are over them. */
  count: number;
  /** 10·log10(Σa² / Σ(a − b)²), Infinity when nothing differs; null without finite pairs, and where their squares are below all numbers. */
  sqnrDb: number | null;
  /** Null without finite pairs. */
  maxAbsDifference: number | null;
  /** Cosine of the angle between the two; null as the SQNR. */
  cosine: number | null;
  /** Pairs of which one number is not finite and the other is not the same: NaN against 1, or ∞ against −∞. */
  unlike: number;
  /** Pairs that differ by more than the tolerance, unlike ones included. */
  beyond: number;
  /** Whether all pairs are the same number; NaN is like NaN, and 0 like −0. */
  identical: boolean;
}

/** Sums from which a difference follows; `quantized…` is what belongs to the second set. */
export interface DifferenceSums extends ErrorSums {
  unlike: number;
  beyond: number;
}

export function noDifferences(): DifferenceSums {
  return { ...noErrors(), unlike: 0, beyond: 0 };
}

/**
 * Adds up the differences of two sequences that come in pieces of any lengths.
 * @param tolerance absolute difference up to which two numbers count as equal
 * @throws CoreError `cancelled`, and what reading the pieces throws
 */
export function sumDifferences(
  a: Iterable<FloatArray>, b: Iterable<FloatArray>, tolerance: number, signal?: CancelSignal,
): DifferenceSums {
  const sums = noDifferences();
  for (const [left, right] of alignedChunks(a, b)) {
    throwIfCancelled(signal);
    addDifferences(sums, left, right, tolerance);
  }
  return sums;
}

export function differenceOf(sums: DifferenceSums): Difference {
  const { count, signal, noise, maxAbsError, unlike, beyond } = sums;
  const isMeasured = count > 0 && (noise > 0 || maxAbsError === 0);
  return {
    count,
    sqnrDb: isMeasured ? sqnrDb(signal, noise) : null,
    maxAbsDifference: count === 0 ? null : maxAbsError,
    cosine: isMeasured ? cosine(sums) : null,
    unlike,
    beyond,
    identical: maxAbsError === 0 && unlike === 0,
  };
}

/** Adds two pieces of equal length into `sums`. */
export function addDifferences(sums: DifferenceSums, a: FloatArray, b: FloatArray, tolerance: number): void {
  let { count, signal, noise, product, quantizedSignal, maxAbsError, unlike, beyond } = sums;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const error = Math.abs(x - y);
    if (error - error === 0) {
      count++;
      signal += x * x;
      noise += error * error;
      product += x * y;
      quantizedSignal += y * y;
      if (error > maxAbsError) maxAbsError = error;
      if (error > tolerance) beyond++;
    } else if (!Object.is(x, y)) {
      unlike++;
      beyond++;
    }
  }
  Object.assign(sums, { count, signal, noise, product, quantizedSignal, maxAbsError, unlike, beyond });
}

/** Adds the sums of several sets: those of all of them together. */
export function addSums(total: DifferenceSums, { maxAbsError, ...sums }: DifferenceSums): void {
  total.maxAbsError = Math.max(total.maxAbsError, maxAbsError);
  for (const key of Object.keys(sums) as (keyof typeof sums)[]) total[key] += sums[key];
}

/** Runs of both sequences that stand at the same place, as long as the shorter of the pieces there. */
function* alignedChunks(a: Iterable<FloatArray>, b: Iterable<FloatArray>): Generator<[FloatArray, FloatArray]> {
  const rest = b[Symbol.iterator]();
  let right: FloatArray = new Float32Array(0);
  for (let left of a) {
    while (left.length > 0) {
      if (right.length === 0) {
        const next = rest.next();
        if (next.done) return;
        right = next.value;
      }
      const length = Math.min(left.length, right.length);
      yield [left.subarray(0, length), right.subarray(0, length)];
      left = left.subarray(length);
      right = right.subarray(length);
    }
  }
}
