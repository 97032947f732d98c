import { countFour, increment, LOWER_BITS, LOWER_MASK } from './cell';
import { upper, WHOLE } from './lanes';

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

/** Adds a weight to the sum of a cell, and one to its count. */
// @ts-ignore: a decorator
@inline
function add(pairs: usize, cell: u32, oneAndWeight: v128): void {
  const at = pairs + (<usize>cell << 4);
  v128.store(at, f64x2.add(v128.load(at), oneAndWeight));
}

/**
 * Adds `count` float32 to `cells` equal cells from `start` on, of which `pairs` has the count and the sum, as float64. Those that
 * lie in none are written to `beyond`, which has room for all; returns the end of what is written.
 */
export function gatherCells(
  weights: usize, count: usize, start: f64, cellsPerUnit: f64, cells: f64, pairs: usize, beyond: usize,
): usize {
  const starts = f64x2.splat(start), factors = f64x2.splat(cellsPerUnit), ends = f64x2.splat(cells), zero = f64x2.splat(0);
  const one = f64x2.splat(1), whole = f64x2.splat(WHOLE);
  const end = weights + (count << 2);
  let at = weights;
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(at);
    const first = f64x2.promote_low_f32x4(w), second = upper(w);
    const low = f64x2.mul(f64x2.sub(first, starts), factors), high = f64x2.mul(f64x2.sub(second, starts), factors);
    const within = v128.and(
      v128.and(f64x2.ge(low, zero), f64x2.lt(low, ends)), v128.and(f64x2.ge(high, zero), f64x2.lt(high, ends)),
    );
    if (i64x2.all_true(within)) {
      const lows = f64x2.add(f64x2.floor(low), whole), highs = f64x2.add(f64x2.floor(high), whole);
      add(pairs, i32x4.extract_lane(lows, 0), v128.shuffle<u64>(one, first, 0, 2));
      add(pairs, i32x4.extract_lane(lows, 2), v128.shuffle<u64>(one, first, 0, 3));
      add(pairs, i32x4.extract_lane(highs, 0), v128.shuffle<u64>(one, second, 0, 2));
      add(pairs, i32x4.extract_lane(highs, 2), v128.shuffle<u64>(one, second, 0, 3));
    } else {
      beyond = gatherSingly(at, at + 16, start, cellsPerUnit, cells, pairs, beyond);
    }
  }
  return gatherSingly(at, end, start, cellsPerUnit, cells, pairs, beyond);
}

function gatherSingly(
  at: usize, end: usize, start: f64, cellsPerUnit: f64, cells: f64, pairs: usize, beyond: usize,
): usize {
  for (; at < end; at += 4) {
    const w = <f64>load<f32>(at);
    const cell = floor((w - start) * cellsPerUnit);
    if (cell >= 0 && cell < cells) {
      add(pairs, <u32>cell, f64x2.replace_lane(f64x2.splat(1), 1, w));
    } else {
      store<f32>(beyond, <f32>w);
      beyond += 4;
    }
  }
  return beyond;
}
