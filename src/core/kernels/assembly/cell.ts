import { COUNTS } from '../memoryMap';

/** Bits of a float32 below those that make its cell (`cells.ts`). */
export const LOWER_BITS: u32 = 12;
export const LOWER_MASK: u32 = (1 << LOWER_BITS) - 1;

/** Of two float32 in a word, moved down so that cells are offsets of uint32: the bits that make these. */
const CELLS_OF_TWO: u64 = 0x003ffffc_003ffffc;

// @ts-ignore: a decorator
@inline
export function increment(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** An address that is part of the instruction saves one. */
// @ts-ignore: a decorator
@inline
function incrementCount(offset: usize): void {
  store<u32>(offset, load<u32>(offset, COUNTS) + 1, COUNTS);
}

/** Adds the four float32 at an address to the uint32 of their cells at `COUNTS`. */
// @ts-ignore: a decorator
@inline
export function countFour(weights: usize): void {
  const first = (load<u64>(weights) >> (LOWER_BITS - 2)) & CELLS_OF_TWO;
  const second = (load<u64>(weights, 8) >> (LOWER_BITS - 2)) & CELLS_OF_TWO;
  incrementCount(<u32>first);
  incrementCount(<u32>(first >> 32));
  incrementCount(<u32>second);
  incrementCount(<u32>(second >> 32));
}
