/** The bits of a float32 as a signed number of the same order; of that number again those bits. */
// @ts-ignore: a decorator
@inline
export function orderedKey(bits: i32): i32 {
  return bits ^ <i32>(<u32>(bits >> 31) >> 1);
}

// @ts-ignore: a decorator
@inline
export function orderedKeys(bits: v128): v128 {
  return v128.xor(bits, i32x4.shr_u(i32x4.shr_s(bits, 31), 1));
}

/** Puts 16 keys past the end, with none above: what goes through keys takes so many at a time. */
export function pad(end: usize): void {
  const most = i32x4.splat(i32.MAX_VALUE);
  v128.store(end, most);
  v128.store(end, most, 16);
  v128.store(end, most, 32);
  v128.store(end, most, 48);
}

// @ts-ignore: a decorator
@inline
export function sum(lanes: v128): i32 {
  return i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
}

/** Of padded keys. */
export function countBelow(keys: usize, end: usize, limit: i32): i32 {
  const limits = i32x4.splat(limit);
  let count0 = i32x4.splat(0), count1 = count0, count2 = count0, count3 = count0;
  for (let at = keys; at < end; at += 64) {
    count0 = i32x4.sub(count0, i32x4.lt_s(v128.load(at), limits));
    count1 = i32x4.sub(count1, i32x4.lt_s(v128.load(at, 16), limits));
    count2 = i32x4.sub(count2, i32x4.lt_s(v128.load(at, 32), limits));
    count3 = i32x4.sub(count3, i32x4.lt_s(v128.load(at, 48), limits));
  }
  return sum(i32x4.add(i32x4.add(count0, count1), i32x4.add(count2, count3)));
}

/** Of padded keys that of a rank, known to be from `low` to `high`: the greatest with no more than `rank` below, by bisection. */
export function keyOfRank(keys: usize, end: usize, rank: i32, low: i32, high: i32): i32 {
  while (low < high) {
    const distance = <u32>high - <u32>low;
    const middle = low + <i32>(distance - (distance >> 1));
    if (countBelow(keys, end, middle) <= rank) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The least of padded keys above one that is not the greatest. */
export function leastAbove(keys: usize, end: usize, key: i32): i32 {
  const most = i32x4.splat(i32.MAX_VALUE), limit = i32x4.splat(key);
  let least = most;
  for (let at = keys; at < end; at += 16) {
    const some = v128.load(at);
    least = i32x4.min_s(least, v128.bitselect(some, most, i32x4.gt_s(some, limit)));
  }
  least = i32x4.min_s(least, v128.shuffle<u64>(least, least, 1, 0));
  return min(i32x4.extract_lane(least, 0), i32x4.extract_lane(least, 1));
}
