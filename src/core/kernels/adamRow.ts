import { BETA1, BETA2 } from '../assignment/adam';
import type { Kernels } from './instance';
import type { RowNumbers } from './rowNumbers';

/** Parameters that Adam learns, with their gradient, which is filled before each step, and its moments. */
export interface AdamRow {
  wasm: Kernels | null;
  parameters: Float64Array;
  gradient: Float64Array;
  mean: Float64Array;
  square: Float64Array;
  /** A parameter that a step takes outside [low, high) is listed in `left`. */
  low: Float64Array;
  high: Float64Array;
  /** Indices of parameters that the last step took there. */
  left: Int32Array;
}

export function adamRow(numbers: RowNumbers, start: ArrayLike<number>): AdamRow {
  const zeros = (): Float64Array => numbers.zeros(start.length);
  const { buffer, byteOffset, length } = zeros();
  return {
    wasm: numbers.wasm, parameters: numbers.from(start), gradient: zeros(), mean: zeros(), square: zeros(),
    low: zeros().fill(-Infinity), high: zeros().fill(Infinity), left: new Int32Array(buffer, byteOffset, 2 * length),
  };
}

/**
 * A step of −rate · m / √v for each parameter, none where the gradient has always been 0.
 * @returns how many `left` has
 */
export function adamStep(row: AdamRow, rate: number): number {
  const { wasm, parameters, gradient, mean, square, low, high, left } = row;
  if (!wasm) return plainAdamStep(row, rate);
  return wasm.adamStep(
    parameters.byteOffset, gradient.byteOffset, mean.byteOffset, square.byteOffset, low.byteOffset, high.byteOffset,
    left.byteOffset, parameters.length, rate,
  );
}

function plainAdamStep({ parameters, gradient, mean, square, low, high, left }: AdamRow, rate: number): number {
  let count = 0;
  for (let j = 0; j < parameters.length; j++) {
    const g = gradient[j]!;
    const m = BETA1 * mean[j]! + (1 - BETA1) * g;
    const v = BETA2 * square[j]! + (1 - BETA2) * g * g;
    mean[j] = m;
    square[j] = v;
    const next = v > 0 ? parameters[j]! - (rate * m) / Math.sqrt(v) : parameters[j]!;
    parameters[j] = next;
    if (next < low[j]! || next >= high[j]!) left[count++] = j;
  }
  return count;
}
