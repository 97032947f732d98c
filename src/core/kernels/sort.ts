import { kernels } from './instance';
import { PIECE, SORTED_DIGITS, SORTED_OTHER, WORK } from './memoryMap';

/** Sorts finite weights in ascending order in place; false, and nothing done, where there are no kernels, or more weights than a piece. */
export function sortPiece(weights: Float32Array): boolean {
  const wasm = weights.length <= PIECE ? kernels() : null;
  if (!wasm) return false;
  wasm.work.set(weights);
  wasm.sortSingles(WORK, weights.length, SORTED_OTHER, SORTED_DIGITS);
  weights.set(wasm.work.subarray(0, weights.length));
  return true;
}
