import { LOWER_BITS } from './cell';

// @ts-ignore: a decorator
@inline
function isAnyFilled(counts: usize): bool {
  const first = v128.or(v128.load(counts), v128.load(counts, 16)), second = v128.or(v128.load(counts, 32), v128.load(counts, 48));
  return v128.any_true(v128.or(first, second));
}

/** Writes the index where its count is not 0; returns the end of what is written. */
// @ts-ignore: a decorator
@inline
function storeFilled(counts: usize, index: u32, places: usize): usize {
  store<u32>(places, index);
  return places + (<usize>(load<u32>(counts + (index << 2)) != 0) << 2);
}

/**
 * Writes the indices from `from` up to, not including, `to`, multiples of 16, of `counts` that are not 0 to `places`, which has
 * room for one more than there are; returns the end of what is written.
 */
export function filledUp(counts: usize, from: u32, to: u32, places: usize): usize {
  for (let sixteen = from; sixteen < to; sixteen += 16) {
    if (!isAnyFilled(counts + (sixteen << 2))) continue;
    for (let i: u32 = 0; i < 16; i++) places = storeFilled(counts, sixteen + i, places);
  }
  return places;
}

/** The same in descending order. */
export function filledDown(counts: usize, from: u32, to: u32, places: usize): usize {
  for (let sixteen = to; sixteen > from; sixteen -= 16) {
    if (!isAnyFilled(counts + (sixteen - 16 << 2))) continue;
    for (let i: u32 = 1; i <= 16; i++) places = storeFilled(counts, sixteen - i, places);
  }
  return places;
}

/**
 * For each of the cells listed from `places` up to `end`: how many weights are `below`, as float64, with `before` below the first;
 * and the float32 of these lower bits, `lowest` and `highest` each. Returns how many are below the end, and writes that too.
 */
export function placeCells(
  counts: usize, places: usize, end: usize, before: f64, ofLowest: u32, ofHighest: u32, below: usize, lowest: usize, highest: usize,
): f64 {
  for (; places < end; places += 4, below += 8, lowest += 4, highest += 4) {
    const cell = load<u32>(places);
    store<f64>(below, before);
    before += <f64>load<u32>(counts + (cell << 2));
    store<u32>(lowest, cell << LOWER_BITS | ofLowest);
    store<u32>(highest, cell << LOWER_BITS | ofHighest);
  }
  store<f64>(below, before);
  return before;
}
