/** Bits of a float32 below those that make its cell (`cells.ts`). */
export const LOWER_BITS: u32 = 12;
export const LOWER_MASK: u32 = (1 << LOWER_BITS) - 1;

// @ts-ignore: a decorator
@inline
export function increment(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** Adds the four float32 at an address to the uint32 `counts` of their cells. Two in a word are loaded at once. */
// @ts-ignore: a decorator
@inline
export function countFour(weights: usize, counts: usize): void {
  const first = load<u64>(weights);
  const second = load<u64>(weights, 8);
  increment(counts + ((<u32>first >> (LOWER_BITS - 2)) & ~3));
  increment(counts + (<u32>(first >> (32 + LOWER_BITS - 2)) & ~3));
  increment(counts + ((<u32>second >> (LOWER_BITS - 2)) & ~3));
  increment(counts + (<u32>(second >> (32 + LOWER_BITS - 2)) & ~3));
}
