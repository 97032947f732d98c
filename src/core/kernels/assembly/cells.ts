import { countFour, increment, LOWER_BITS, LOWER_MASK } from './cell';

/** Adds `count` float32, a multiple of 4, to the 2^20 uint32 of their cells at `COUNTS`. */
export function countCells(weights: usize, count: usize): void {
  const end = weights + (count << 2);
  for (let at = weights; at < end; at += 16) countFour(at);
}

/**
 * Adds those of `count` float32 whose cell has a slot to the slot's 2^12 uint32 of `counts`. `slots` has a uint16 for each
 * cell: 0 for none, else one more than the slot; `marks` a bit, so that the many weights without a slot touch little memory.
 * They are found first, without a branch, and written to `found`, which has room for all.
 */
export function countWithin(weights: usize, count: usize, found: usize, marks: usize, slots: usize, counts: usize): void {
  let last = found;
  for (let at = weights; at < weights + (count << 2); at += 4) {
    const bits = load<u32>(at);
    const index = bits >> LOWER_BITS;
    store<u32>(last, bits);
    last += ((<u32>load<u8>(marks + (index >> 3)) >> (index & 7)) & 1) << 2;
  }
  for (let at = found; at < last; at += 4) {
    const bits = load<u32>(at);
    const slot = <u32>load<u16>(slots + ((bits >> LOWER_BITS) << 1)) - 1;
    increment(counts + (((slot << LOWER_BITS) | (bits & LOWER_MASK)) << 2));
  }
}

/**
 * Adds `count` float32 to the float64 `counts` and `sums` of `cells` equal cells from `start` on. Those that lie in none are
 * written to `beyond`, which has room for all; returns the end of what is written.
 */
export function gatherCells(
  weights: usize, count: usize, start: f64, cellsPerUnit: f64, cells: f64, counts: usize, sums: usize, beyond: usize,
): usize {
  for (let at = weights; at < weights + (count << 2); at += 4) {
    const w = <f64>load<f32>(at);
    const cell = floor((w - start) * cellsPerUnit);
    if (cell >= 0 && cell < cells) {
      const offset = <usize>cell << 3;
      store<f64>(counts + offset, load<f64>(counts + offset) + 1);
      store<f64>(sums + offset, load<f64>(sums + offset) + w);
    } else {
      store<f32>(beyond, <f32>w);
      beyond += 4;
    }
  }
  return beyond;
}
