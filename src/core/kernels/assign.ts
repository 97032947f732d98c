import type { Codebook } from '../quantizers/codebook';
import { CODES, LEVELS } from './memoryMap';
import type { Piece } from './piece';

/** Weights that a kernel takes at a time: it may look past the end of a piece, at whatever is there. */
const STEP = 16;

/** Fills in the codes of a piece, as `assignNearest` has them; false where there are no kernels to do it. */
export function assignPiece({ weights, wasm, at }: Piece, codebook: Codebook, codes: Uint8Array): boolean {
  if (!wasm) return false;
  const count = Math.ceil(weights.length / STEP) * STEP;
  const isThere = codes.buffer === wasm.memory.buffer && codes.length === count;
  const into = isThere ? codes.byteOffset : CODES;
  const { uniform } = codebook;
  if (!uniform) {
    const { thresholds, centre = 0 } = codebook;
    for (let i = 0; i < thresholds.length; i++) wasm.levels[i] = leastAbove(thresholds[i]!, centre);
    wasm.assignByThreshold(at, count, into, LEVELS, thresholds.length);
  } else if (uniform.kind === 'mid-rise') {
    wasm.assignMidRise(at, count, into, uniform.scale, uniform.offset, uniform.count - 1);
  } else {
    wasm.assignWhole(at, count, into, uniform.scale, uniform.zeroPoint, uniform.offset, uniform.count - 1);
  }
  if (!isThere) codes.set(wasm.codes.subarray(0, weights.length));
  return true;
}

/** The least float32 in the cell above a threshold: the threshold itself, when it is one, from `centre` on upwards. */
function leastAbove(threshold: number, centre: number): number {
  const nearest = Math.fround(threshold);
  if (nearest > threshold || (nearest === threshold && threshold >= centre)) return nearest;
  return nextAbove(nearest);
}

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

/** The next float32 in ascending order. */
function nextAbove(value: number): number {
  single[0] = value === 0 ? 0 : value;
  bits[0]! += value < 0 ? -1 : 1;
  return single[0]!;
}
