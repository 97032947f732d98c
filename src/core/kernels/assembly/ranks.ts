import { countBelow, keyOfRank, leastAbove, orderedKey, orderedKeys, pad, sum } from './keys';

/** Of n weights a sample has `SAMPLED` √n: of fewer the band is wider, of more it costs more to find. */
const SAMPLED: f64 = 3;
/** A rank in a sample of n deviates by √n / 2, where half of the weights are below: 2.5 times that is seldom exceeded. */
const MARGIN: f64 = 1.25;

/** The keys of a sample of weights, padded; returns their end. */
function sample(weights: usize, count: usize, keys: usize): usize {
  const size = <usize>(SAMPLED * Math.sqrt(<f64>count));
  for (let i: usize = 0; i < size; i++) store<i32>(keys + (i << 2), orderedKey(load<i32>(weights + (i * count / size << 2))));
  const end = keys + (size << 2);
  pad(end);
  return end;
}

/** Stores those of four keys that `mask` has a bit of, side by side from `at` on; returns their end. */
// @ts-ignore: a decorator
@inline
function storeMarked(at: usize, keys: v128, mask: i32): usize {
  v128.store_lane<u32>(at, keys, 0);
  at += (mask & 1) << 2;
  v128.store_lane<u32>(at, keys, 1);
  at += (mask & 2) << 1;
  v128.store_lane<u32>(at, keys, 2);
  at += mask & 4;
  v128.store_lane<u32>(at, keys, 3);
  return at + ((mask & 8) >> 1);
}

/** Stores the keys of weights from `low` to `high`, and at `below` how many are lower; returns the end of the keys. */
function keepBand(weights: usize, count: usize, low: i32, high: i32, keys: usize, below: usize): usize {
  const lows = i32x4.splat(low), highs = i32x4.splat(high);
  const end = weights + (count << 2);
  const whole = end - ((count & 3) << 2);
  let lower = i32x4.splat(0);
  for (; weights < whole; weights += 16) {
    const key = orderedKeys(v128.load(weights));
    const isLower = i32x4.lt_s(key, lows);
    lower = i32x4.sub(lower, isLower);
    keys = storeMarked(keys, key, i32x4.bitmask(v128.not(v128.or(isLower, i32x4.gt_s(key, highs)))));
  }
  let rest = 0;
  for (; weights < end; weights += 4) {
    const key = orderedKey(load<i32>(weights));
    store<i32>(keys, key);
    keys += <usize>(key >= low && key <= high) << 2;
    rest += i32(key < low);
  }
  store<i32>(below, sum(lower) + rest);
  return keys;
}

/** `neighbours`, where both are from `low` to `high`; returns whether they are. */
function neighboursWithin(weights: usize, count: usize, rank: i32, low: i32, high: i32, keys: usize, out: usize): bool {
  const end = keepBand(weights, count, low, high, keys, out);
  const below = load<i32>(out);
  const next = min(rank + 1, <i32>count - 1) - below;
  rank -= below;
  if (rank < 0 || next >= <i32>(end - keys >> 2)) return false;
  pad(end);
  const key = keyOfRank(keys, end, rank, low, high);
  const isRepeated = countBelow(keys, end, key + 1) > next;
  store<i32>(out, orderedKey(key));
  store<i32>(out, orderedKey(isRepeated ? key : leastAbove(keys, end, key)), 4);
  return true;
}

/**
 * Writes to `out` the weight of a rank, counted from 0 in ascending order, and the next in order, as float32; the last twice.
 * @param low where both are expected, from here up to `high`; not a number where nothing is known
 */
export function neighbours(weights: usize, count: usize, rank: i32, low: f32, high: f32, keys: usize, out: usize): void {
  if (low <= high && neighboursWithin(weights, count, rank, keyOf(low), keyOf(high), keys, out)) return;
  neighboursBySample(weights, count, rank, keys, out);
}

function keyOf(weight: f32): i32 {
  return orderedKey(reinterpret<i32>(weight));
}

/** `neighbours`, expected where a sample has them. */
function neighboursBySample(weights: usize, count: usize, rank: i32, keys: usize, out: usize): void {
  const end = sample(weights, count, keys);
  const size = end - keys >> 2;
  const middle = <i32>(<usize>rank * size / count);
  const margin = <i32>(MARGIN * Math.sqrt(<f64>size));
  let low = i32.MIN_VALUE, high = i32.MAX_VALUE;
  if (middle >= margin) low = keyOfRank(keys, end, middle - margin, low, high);
  if (middle + margin < <i32>size) high = keyOfRank(keys, end, middle + margin, low, high);
  if (neighboursWithin(weights, count, rank, low, high, keys, out)) return;
  neighboursWithin(weights, count, rank, i32.MIN_VALUE, i32.MAX_VALUE, keys, out);
}
