import { LANES, total } from './lanes';
import { CODES, FOUND } from './memoryMap';
import type { Piece } from './piece';

/** Adds weights by their codes: how many there are of each, and Σw. */
export function sumByCode({ weights, wasm, at, whole }: Piece, codes: Uint8Array, mass: Float64Array, moment: Float64Array): void {
  const size = 2 * LANES * mass.length;
  const sums = wasm ? new Float64Array(wasm.memory.buffer, FOUND, size).fill(0) : new Float64Array(size);
  if (wasm) {
    wasm.codes.set(codes);
    wasm.sumByCode(at, CODES, whole, FOUND);
  }
  for (let i = whole; i < weights.length; i++) {
    const entry = 2 * (LANES * codes[i]! + (i % LANES));
    sums[entry]!++;
    sums[entry + 1]! += weights[i]!;
  }
  const lanes = new Float64Array(LANES);
  const totalFrom = (first: number): number => total(lanes.map((_, lane) => sums[first + 2 * lane]!));
  for (let code = 0; code < mass.length; code++) {
    mass[code]! += totalFrom(2 * LANES * code);
    moment[code]! += totalFrom(2 * LANES * code + 1);
  }
}
