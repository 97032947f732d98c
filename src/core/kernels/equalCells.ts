import { kernels } from './instance';
import { CELLS, FOUND, WITHIN } from './memoryMap';
import type { Piece } from './piece';

/** Equal cells from `start` on, at most 2^20. */
export interface EqualCells {
  start: number;
  cellsPerUnit: number;
  /** Of each cell how many weights are in it, and what they add up to. */
  pairs: Float64Array;
}

/** Empty cells, in the kernels' memory where they are there: of one use at a time. */
export function equalCells(start: number, cellsPerUnit: number, cells: number): EqualCells {
  const wasm = cells <= CELLS ? kernels() : null;
  const pairs = wasm ? new Float64Array(wasm.memory.buffer, WITHIN, 2 * cells).fill(0) : new Float64Array(2 * cells);
  return { start, cellsPerUnit, pairs };
}

/** Adds a piece; weights that lie in no cell are added to `beyond`. */
export function gatherPiece({ weights, wasm, at }: Piece, { start, cellsPerUnit, pairs }: EqualCells, beyond: number[]): void {
  const cells = pairs.length / 2;
  if (wasm && pairs.buffer === wasm.memory.buffer) {
    const end = wasm.gatherCells(at, weights.length, start, cellsPerUnit, cells, pairs.byteOffset, FOUND);
    for (const w of new Float32Array(wasm.memory.buffer, FOUND, (end - FOUND) / 4)) beyond.push(w);
    return;
  }
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    const cell = Math.floor((w - start) * cellsPerUnit);
    if (cell >= 0 && cell < cells) {
      pairs[2 * cell]!++;
      pairs[2 * cell + 1]! += w;
    } else {
      beyond.push(w);
    }
  }
}
