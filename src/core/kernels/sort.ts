import { kernels } from './instance';
import { COUNTS, PIECE, WORK } from './memoryMap';

/** Sorts finite weights, at most a piece, in ascending order in place; false where there are no kernels to do it. */
export function sortPiece(weights: Float32Array): boolean {
  const wasm = weights.length <= PIECE ? kernels() : null;
  if (!wasm) return false;
  wasm.work.set(weights);
  wasm.sortSingles(WORK, weights.length, COUNTS, COUNTS + 4 * PIECE);
  weights.set(wasm.work.subarray(0, weights.length));
  return true;
}
