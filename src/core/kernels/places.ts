import { bitsIn, INFINITE, NEGATIVE } from './cells';
import { kernels } from './instance';
import { COUNTS, PLACES, PLACES_BELOW, PLACES_HIGHEST, PLACES_LOWEST } from './memoryMap';
import type { Spread } from './spread';

/** Cells with weights in them, in ascending order of the weights: `place` 0, 1, … */
export interface Places extends Spread {
  /** Index of each. */
  cells: Uint32Array;
  /** The first that are of negative weights. */
  negatives: number;
}

/**
 * The cells of finite weights that `cellCounts` has any of; in the kernels' memory where the counts are, of one use at a time.
 * @param lower the bits below its cell that any weight has
 */
export function filledPlaces(counts: Uint32Array, lower: number): Places {
  const wasm = kernels();
  if (!wasm || counts.buffer !== wasm.memory.buffer) return plainPlaces(counts, lower);
  const { buffer } = wasm.memory;
  const middle = wasm.filledDown(COUNTS, NEGATIVE, NEGATIVE + INFINITE, PLACES);
  const end = wasm.filledUp(COUNTS, 0, INFINITE, middle);
  const [negatives, length] = [(middle - PLACES) / 4, (end - PLACES) / 4];
  // The greater the magnitude of a negative weight, the further down it is.
  const below = wasm.placeCells(COUNTS, PLACES, middle, 0, lower, 0, PLACES_BELOW, PLACES_LOWEST, PLACES_HIGHEST);
  const [belowOthers, lowest, highest] = [PLACES_BELOW + 8 * negatives, PLACES_LOWEST + 4 * negatives, PLACES_HIGHEST + 4 * negatives];
  wasm.placeCells(COUNTS, middle, end, below, 0, lower, belowOthers, lowest, highest);
  return {
    cells: new Uint32Array(buffer, PLACES, length), negatives, below: new Float64Array(buffer, PLACES_BELOW, length + 1),
    lowest: new Float32Array(buffer, PLACES_LOWEST, length), highest: new Float32Array(buffer, PLACES_HIGHEST, length),
  };
}

function plainPlaces(counts: Uint32Array, lower: number): Places {
  const negative = filled(counts, NEGATIVE, NEGATIVE + INFINITE).reverse();
  const cells = Uint32Array.from([...negative, ...filled(counts, 0, INFINITE)]);
  const negatives = negative.length;
  const below = new Float64Array(cells.length + 1);
  cells.forEach((cell, place) => (below[place + 1] = below[place]! + counts[cell]!));
  const floats = (ofNegative: number, ofOther: number): Float32Array => (
    new Float32Array(cells.map((cell, place) => bitsIn(cell, place < negatives ? ofNegative : ofOther)).buffer)
  );
  return { cells, negatives, below, lowest: floats(lower, 0), highest: floats(0, lower) };
}

function filled(counts: Uint32Array, from: number, to: number): number[] {
  const cells: number[] = [];
  for (let cell = from; cell < to; cell++) if (counts[cell]! > 0) cells.push(cell);
  return cells;
}
