import { LANES, total } from './lanes';
import { CODES, LEVELS, OUT } from './memoryMap';
import type { Piece } from './piece';
import { roundHalfEven } from '../assignment/roundHalfEven';

/** Of weights w and the levels q of their codes. */
export interface CodeErrors {
  /** Σw² */
  signal: number;
  /** Σ(w − q)² */
  noise: number;
  /** Σwq */
  product: number;
  /** Σq² */
  quantizedSignal: number;
  maxAbsError: number;
}

/** @param levels float32, at most 256; no code is beyond them */
export function codeErrors({ weights, wasm, at, whole }: Piece, codes: Uint8Array, levels: Float32Array): CodeErrors {
  let sums = new Float64Array(5 * LANES);
  if (wasm) {
    new Uint8Array(wasm.memory.buffer, CODES, codes.length).set(codes);
    new Float32Array(wasm.memory.buffer, LEVELS, levels.length).set(levels);
    wasm.codeErrors(at, CODES, whole, LEVELS, OUT);
    sums = new Float64Array(wasm.memory.buffer, OUT, sums.length).slice();
  }
  const [signal, noise, product, quantized, most] = [0, 1, 2, 3, 4].map((i) => sums.subarray(i * LANES, (i + 1) * LANES)) as Sums;
  for (let i = whole; i < weights.length; i++) {
    const lane = i % LANES;
    const w = weights[i]!;
    const q = levels[codes[i]!]!;
    const error = Math.abs(w - q);
    signal[lane]! += w * w;
    noise[lane]! += error * error;
    product[lane]! += w * q;
    quantized[lane]! += q * q;
    if (error > most[lane]!) most[lane] = error;
  }
  return {
    signal: total(signal), noise: total(noise), product: total(product), quantizedSignal: total(quantized), maxAbsError: Math.max(...most),
  };
}

type Sums = [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

/** Whole numbers from `lowest` to `highest` on the line w · inverse − origin. */
export interface WholeSteps {
  inverse: number;
  origin: number;
  lowest: number;
  highest: number;
}

/** Squared distances of weights to the nearest of these, in steps; halves fall to the even one. */
export function gridErrors({ weights, wasm, at }: Piece, { inverse, origin, lowest, highest }: WholeSteps): number {
  if (wasm) return wasm.gridErrors(at, weights.length, inverse, origin, lowest, highest);
  const sums = new Float64Array(LANES);
  for (let i = 0; i < weights.length; i++) sums[i % LANES]! += squaredDistance(weights[i]! * inverse - origin, lowest, highest);
  return total(sums);
}

/** From `steps` to the nearest whole number from `lowest` to `highest`. */
export function squaredDistance(steps: number, lowest: number, highest: number): number {
  const distance = steps - Math.max(Math.min(roundHalfEven(steps), highest), lowest);
  return distance * distance;
}
