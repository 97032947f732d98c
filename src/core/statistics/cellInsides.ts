import { throwIfCancelled, type CancelSignal } from '../job';
import { cellInsides, countWithin } from '../kernels/cells';
import { VALUES_WITHIN } from '../kernels/memoryMap';
import { piecesOf } from '../kernels/piece';
import { deviations } from '../kernels/sums';
import type { FloatArray } from '../onnx/dataType';
import { bitsIn, placeOfRank, type FilledCells } from './filledCells';

/** What a second look at all weights gives: the weights of some cells one by one. */
export interface Insides {
  /** Σ|w − centre| over all finite weights. */
  deviation: number;
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
 * @param finite whether all weights are
 * @throws CoreError `cancelled`
 */
export function lookInside(
  chunks: Iterable<FloatArray>, { cells }: FilledCells, places: readonly number[], centre: number, finite: boolean,
  signal?: CancelSignal,
): Insides {
  const insides = cellInsides(places.map((place) => cells[place]!));
  let deviation = 0;
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(chunk)) {
      deviation += deviations(piece, centre, finite);
      countWithin(piece, insides);
    }
  }
  const { slots, counts } = insides;
  // The greater the magnitude of a negative weight, the further down it is.
  const lower = (place: number, i: number): number => (cells[place]! & 1 ? VALUES_WITHIN - 1 - i : i);
  const valueAt = (place: number, i: number): number => floatOf(bitsIn(cells[place]!, lower(place, i)));
  const firstOf = (place: number): number => (slots[cells[place]!]! - 1) * VALUES_WITHIN;
  return {
    deviation,
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
  const { below, lowest, highest } = cells;
  let within = rank - below[place]!;
  if (!insides.has(place)) {
    const fraction = (within + 0.5) / (below[place + 1]! - below[place]!);
    return Math.fround(lowest[place]! + fraction * (highest[place]! - lowest[place]!));
  }
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
