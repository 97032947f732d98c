import type { UniformGrid } from '../quantizers/codebook';
import { LANES, total } from './lanes';
import { CODES, LEVELS, OUT } from './memoryMap';
import type { Piece } from './piece';
import { roundHalfEven } from './roundHalfEven';

/** Of weights w and the levels q of their codes. */
export interface CodeErrors {
  /** Σw² */
  signal: number;
  /** Σ(w − q)² */
  noise: number;
  /** Σq² */
  quantizedSignal: number;
  maxAbsError: number;
}

/**
 * @param levels float32, at most 256, no code is beyond them; or a grid: level k is the product of scale and k − zeroPoint,
 *   plus the offset, rounded to float32 after each
 */
export function codeErrors({ weights, wasm, at, whole }: Piece, codes: Uint8Array, levels: Float32Array | UniformGrid): CodeErrors {
  const isTable = levels instanceof Float32Array;
  if (wasm) {
    const isThere = codes.buffer === wasm.memory.buffer;
    if (!isThere) wasm.codes.set(codes);
    const from = isThere ? codes.byteOffset : CODES;
    if (isTable) wasm.levels.set(levels);
    else wasm.gridLevels(levels.count, levels.scale, levels.zeroPoint, levels.offset, LEVELS);
    wasm.codeErrors(at, from, whole, LEVELS, OUT);
  }
  const sums = wasm ? wasm.out : new Float64Array(4 * LANES);
  for (let i = whole; i < weights.length; i++) {
    const lane = i % LANES;
    const w = weights[i]!;
    const q = isTable ? levels[codes[i]!]! : gridLevel(codes[i]!, levels);
    const square = (w - q) * (w - q);
    sums[SIGNAL + lane]! += w * w;
    sums[NOISE + lane]! += square;
    sums[QUANTIZED + lane]! += q * q;
    if (square > sums[MOST + lane]!) sums[MOST + lane] = square;
  }
  return {
    signal: total(sums, SIGNAL), noise: total(sums, NOISE), quantizedSignal: total(sums, QUANTIZED),
    // The root of a square is the number itself, to the bit, where the square is not too small or large.
    maxAbsError: Math.sqrt(Math.max(sums[MOST]!, sums[MOST + 1]!, sums[MOST + 2]!, sums[MOST + 3]!)),
  };
}

function gridLevel(code: number, { scale, zeroPoint, offset }: UniformGrid): number {
  return Math.fround(Math.fround(scale * (code - zeroPoint)) + offset);
}

/** Where the kernel leaves them. */
const [SIGNAL, NOISE, QUANTIZED, MOST] = [0, LANES, 2 * LANES, 3 * LANES] as const;

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
