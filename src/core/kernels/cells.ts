import { kernels } from './instance';
import { LANES } from './lanes';
import { CELLS, COUNTS, FOUND, MARKS, OUT, SLOTS, VALUES_WITHIN, WITHIN } from './memoryMap';
import type { Piece } from './piece';
import { foundRange, type Range } from './sums';

/**
 * The line of float32 in 2^20 cells: numbers that share sign, exponent and the upper 11 bits of the fraction, which make their
 * index. In each lie 2^12 numbers.
 */
export function cellOf(bits: number): number {
  return bits >>> 12;
}

/** The first cell of negative weights, and the first past all finite magnitudes. */
export const NEGATIVE = cellOf(0x80000000);
export const INFINITE = cellOf(0x7f800000);

export function isNegative(cell: number): boolean {
  return cell >= NEGATIVE;
}

/** The float32 of a cell whose lower bits are given. */
export function bitsIn(cell: number, lower: number): number {
  return cell * VALUES_WITHIN + lower;
}

/** A count for each cell, all 0, in the kernels' memory where they are there: of one use at a time. */
export function cellCounts(): Uint32Array {
  return zeroed(Uint32Array, COUNTS, CELLS);
}

/** Adds a piece, which is float32, to `cellCounts`. What is not finite is counted too, in cells past all others. */
export function countCells({ weights, wasm, at, whole }: Piece, counts: Uint32Array): void {
  wasm?.countCells(at, whole);
  const bits = bitsOf(weights);
  for (let i = whole; i < bits.length; i++) counts[cellOf(bits[i]!)]!++;
}

/** Range of weights that are counted in cells. */
export interface CountedRange extends Range {
  /** The bits below its cell that any finite weight has: 0 where each is the least in magnitude of its cell. */
  lower: number;
}

/** The range of a piece, which is counted as by `countCells` on the way. */
export function countedRange(piece: Piece, counts: Uint32Array): CountedRange {
  const { weights, wasm, at, whole } = piece;
  const done = wasm?.countedRange(at, whole, OUT) === 1;
  let lower = wasm && done ? wasm.out[3 + LANES]! : 0;
  const bits = bitsOf(weights);
  for (let i = whole; i < bits.length; i++) counts[cellOf(bits[i]!)]!++;
  for (let i = done ? whole : 0; i < bits.length; i++) if (weights[i]! - weights[i]! === 0) lower |= bits[i]! % VALUES_WITHIN;
  return { ...foundRange(piece, done), lower };
}

/** The cells that are looked into, and how often each of their values occurs; in the kernels' memory as `cellCounts`. */
export interface CellInsides {
  /** By cell: one more than its place in `counts`, or 0. */
  slots: Uint16Array;
  /** 2^12 for each of `cells`, by the lower bits of the float32. */
  counts: Uint32Array;
}

export function cellInsides(cells: readonly number[]): CellInsides {
  const slots = zeroed(Uint16Array, SLOTS, CELLS);
  const marks = zeroed(Uint8Array, MARKS, CELLS / 8);
  cells.forEach((cell, i) => {
    slots[cell] = i + 1;
    marks[cell >> 3]! |= 1 << (cell & 7);
  });
  return { slots, counts: zeroed(Uint32Array, WITHIN, cells.length * VALUES_WITHIN) };
}

export function countWithin({ weights, wasm, at, whole }: Piece, { slots, counts }: CellInsides): void {
  wasm?.countWithin(at, whole, FOUND, MARKS, SLOTS, WITHIN);
  const bits = bitsOf(weights);
  for (let i = whole; i < bits.length; i++) {
    const slot = slots[cellOf(bits[i]!)]!;
    if (slot > 0) counts[(slot - 1) * VALUES_WITHIN + bits[i]! % VALUES_WITHIN]!++;
  }
}

function bitsOf(weights: Piece['weights']): Uint32Array {
  return new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
}

function zeroed<Counts extends Uint32Array | Uint16Array | Uint8Array>(
  Type: { new (length: number): Counts; new (buffer: ArrayBuffer, offset: number, length: number): Counts },
  address: number, length: number,
): Counts {
  const wasm = kernels();
  const counts = wasm ? new Type(wasm.memory.buffer, address, length) : new Type(length);
  counts.fill(0);
  return counts;
}
