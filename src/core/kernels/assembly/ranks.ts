/** A float32's key has 32 bits: 11, 11 and 10 of them at a time. */
const DIGIT_BITS = 11;
const DIGITS: usize = 1 << DIGIT_BITS;

/** The bits of a float32 as an unsigned number of the same order. */
// @ts-ignore: a decorator
@inline
function orderedKey(bits: u32): u32 {
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

// @ts-ignore: a decorator
@inline
function increment(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

function clear(counts: usize): void {
  memory.fill(counts, 0, DIGITS << 2);
}

/** The digit that a rank falls into; what is left of the rank is stored at `rest`. */
function digitOf(counts: usize, rank: u32, rest: usize): u32 {
  let digit: u32 = 0;
  for (; ; digit++) {
    const count = load<u32>(counts + (digit << 2));
    if (rank < count) break;
    rank -= count;
  }
  store<u32>(rest, rank);
  return digit;
}

/** Keys of which the bits from `shift` on are `prefix`, moved to the front of `keys`; returns their end. */
function keep(keys: usize, end: usize, shift: u32, prefix: u32): usize {
  let last = keys;
  for (let at = keys; at < end; at += 4) {
    const key = load<u32>(at);
    store<u32>(last, key);
    last += <usize>(key >> shift == prefix) << 2;
  }
  return last;
}

/** Writes to `out` the weight of a rank, counted from 0 in ascending order, and the next in order, as float32. */
export function neighbours(weights: usize, count: usize, rank: u32, keys: usize, counts: usize, out: usize): void {
  const bytes = count << 2;
  clear(counts);
  for (let at: usize = 0; at < bytes; at += 4) {
    const key = orderedKey(load<u32>(weights + at));
    store<u32>(keys + at, key);
    increment(counts + (key >> 21 << 2));
  }
  let prefix = digitOf(counts, rank, out);
  let end = keep(keys, keys + bytes, 21, prefix);
  clear(counts);
  for (let at = keys; at < end; at += 4) increment(counts + ((load<u32>(at) >> 10 & 2047) << 2));
  prefix = prefix << 11 | digitOf(counts, load<u32>(out), out);
  end = keep(keys, end, 10, prefix);
  clear(counts);
  for (let at = keys; at < end; at += 4) increment(counts + ((load<u32>(at) & 1023) << 2));
  const key = prefix << 10 | digitOf(counts, load<u32>(out), out);
  const value = reinterpret<f32>(key & 0x80000000 ? key ^ 0x80000000 : ~key);
  store<f32>(out, value);
  store<f32>(out, following(weights, bytes, value, rank), 4);
}

/** The weight of rank + 1, `value` being that of the rank; `value` when there is none. */
function following(weights: usize, bytes: usize, value: f32, rank: u32): f32 {
  let reached: u32 = 0;
  let next: f32 = f32.MAX_VALUE;
  for (let at: usize = 0; at < bytes; at += 4) {
    const w = load<f32>(weights + at);
    reached += <u32>(w <= value);
    next = w > value && w < next ? w : next;
  }
  return reached > rank + 1 || reached == <u32>(bytes >> 2) ? value : next;
}
