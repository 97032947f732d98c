import { kernels } from './instance';
import { CELLS, FOUND, WITHIN } from './memoryMap';
import type { Piece } from './piece';

/** Equal cells from `start` on, at most 2^20: how many weights are in each, and what they add up to. */
export interface EqualCells {
  start: number;
  cellsPerUnit: number;
  counts: Float64Array;
  sums: Float64Array;
}

/** Empty cells, in the kernels' memory where they are there: of one use at a time. */
export function equalCells(start: number, cellsPerUnit: number, cells: number): EqualCells {
  const wasm = cells <= CELLS ? kernels() : null;
  const numbers = (address: number): Float64Array => (
    wasm ? new Float64Array(wasm.memory.buffer, address, cells).fill(0) : new Float64Array(cells)
  );
  return { start, cellsPerUnit, counts: numbers(WITHIN), sums: numbers(WITHIN + 8 * cells) };
}

/** Adds a piece; weights that lie in no cell are added to `beyond`. */
export function gatherPiece({ weights, wasm, at }: Piece, { start, cellsPerUnit, counts, sums }: EqualCells, beyond: number[]): void {
  if (wasm && counts.buffer === wasm.memory.buffer) {
    const end = wasm.gatherCells(at, weights.length, start, cellsPerUnit, counts.length, counts.byteOffset, sums.byteOffset, FOUND);
    for (const w of new Float32Array(wasm.memory.buffer, FOUND, (end - FOUND) / 4)) beyond.push(w);
    return;
  }
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    const cell = Math.floor((w - start) * cellsPerUnit);
    if (cell >= 0 && cell < counts.length) {
      counts[cell]!++;
      sums[cell]! += w;
    } else {
      beyond.push(w);
    }
  }
}
