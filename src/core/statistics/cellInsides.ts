import { throwIfCancelled, type CancelSignal } from '../job';
import { bitsIn, cellInsides, countWithin, isNegative } from '../kernels/cells';
import { VALUES_WITHIN } from '../kernels/memoryMap';
import { piecesOf, type Piece } from '../kernels/piece';
import type { FloatArray } from '../onnx/dataType';
import { evenWeight } from './evenCells';
import { placeOfRank, type FilledCells } from './filledCells';

/** What a second look at all weights gives: the weights of some cells one by one. */
export interface Insides {
  has(place: number): boolean;
  /** The float32 of a place in ascending order, numbered from 0 to 4095, and how often each occurs. */
  valueAt(place: number, i: number): number;
  countAt(place: number, i: number): number;
  /** How often those from number `start` up to, not including, `end` occur together. */
  countBetween(place: number, start: number, end: number): number;
  /** Those that occur, in any order. */
  forEach(place: number, visit: (value: number, count: number) => void): void;
}

/**
 * @param places to be looked into, at most `MOST_SLOTS`
 * @param see is shown each piece, for what else is to be known of it
 * @throws CoreError `cancelled`
 */
export function lookInside(
  chunks: Iterable<FloatArray>, { cells }: FilledCells, places: readonly number[], signal?: CancelSignal,
  see?: (piece: Piece) => void,
): Insides {
  const insides = cellInsides(places.map((place) => cells[place]!));
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(chunk)) {
      countWithin(piece, insides);
      see?.(piece);
    }
  }
  const { slots, counts } = insides;
  // The greater the magnitude of a negative weight, the further down it is.
  const lower = (place: number, i: number): number => (isNegative(cells[place]!) ? VALUES_WITHIN - 1 - i : i);
  const valueAt = (place: number, i: number): number => floatOf(bitsIn(cells[place]!, lower(place, i)));
  const firstOf = (place: number): number => (slots[cells[place]!]! - 1) * VALUES_WITHIN;
  return {
    has: (place) => slots[cells[place]!]! > 0,
    valueAt,
    countAt: (place, i) => counts[firstOf(place) + lower(place, i)]!,
    countBetween(place, start, end) {
      const from = firstOf(place) + Math.min(lower(place, start), lower(place, end - 1));
      let sum = 0;
      for (let i = from; i < from + end - start; i++) sum += counts[i]!;
      return sum;
    },
    forEach(place, visit) {
      const first = firstOf(place);
      for (let i = 0; i < VALUES_WITHIN; i++) {
        const count = counts[first + i]!;
        if (count > 0) visit(floatOf(bitsIn(cells[place]!, i)), count);
      }
    },
  };
}

/** Exact in cells that were looked into; elsewhere as if the cell's weights were spread evenly. */
export function weightOfRank(cells: FilledCells, insides: Insides, rank: number): number {
  const place = placeOfRank(cells, rank);
  let within = rank - cells.below[place]!;
  if (!insides.has(place)) return evenWeight(cells, place, within);
  let i = 0;
  while (within >= insides.countAt(place, i)) within -= insides.countAt(place, i++);
  return insides.valueAt(place, i);
}

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

function floatOf(bits: number): number {
  floatBits[0] = bits;
  return float[0]!;
}
