import { COUNTS, OUT } from './memoryMap';
import type { Piece } from './piece';

/**
 * The float32 weight of a rank of a piece, counted from 0 in ascending order, and the next; null where there are no kernels.
 * @param expected the range that both are likely in: few weights should be, or finding them takes longer
 */
export function neighbours(
  { weights, wasm, at }: Piece, rank: number, [low, high]: [number, number] = [NaN, NaN],
): [value: number, next: number] | null {
  if (!wasm) return null;
  wasm.neighbours(at, weights.length, rank, low, high, COUNTS, OUT);
  const [value, next] = new Float32Array(wasm.memory.buffer, OUT, 2);
  return [value!, next!];
}
