import { orderedKey } from './keys';

/** Of a key of 32 bits that is sorted by: three of them are enough. */
const DIGIT_BITS: u32 = 11;
const DIGITS: usize = 1 << DIGIT_BITS;

/** A float32 as an unsigned number of the same order. */
// @ts-ignore: a decorator
@inline
function unsignedKey(bits: u32): u32 {
  return <u32>orderedKey(bits) ^ 0x80000000;
}

// @ts-ignore: a decorator
@inline
function digitOf(key: u32, number: u32): usize {
  return (<usize>(key >> number * DIGIT_BITS) & (DIGITS - 1)) << 2;
}

/** From how often digits occur to how many are below each. */
function accumulate(counts: usize): void {
  let before: u32 = 0;
  for (const end = counts + (DIGITS << 2); counts < end; counts += 4) {
    const count = load<u32>(counts);
    store<u32>(counts, before);
    before += count;
  }
}

/** Where a key goes by one of its digits. */
// @ts-ignore: a decorator
@inline
function placeOf(counts: usize, digit: usize, into: usize): usize {
  const place = load<u32>(counts + digit);
  store<u32>(counts + digit, place + 1);
  return into + (<usize>place << 2);
}

/**
 * Sorts `count` float32 in ascending order, −0 before 0, by three digits from the lowest up. There is room for as many in
 * `other`, and for three times 2^11 uint32 in `digits`.
 */
export function sortSingles(weights: usize, count: usize, other: usize, digits: usize): void {
  const second = digits + (DIGITS << 2), third = second + (DIGITS << 2);
  memory.fill(digits, 0, 3 * DIGITS << 2);
  const bytes = count << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    const key = unsignedKey(load<u32>(weights + at));
    store<u32>(weights + at, key);
    for (let number: u32 = 0; number < 3; number++) {
      const counter = digits + (<usize>number * DIGITS << 2) + digitOf(key, number);
      store<u32>(counter, load<u32>(counter) + 1);
    }
  }
  accumulate(digits);
  accumulate(second);
  accumulate(third);
  for (let at: usize = 0; at < bytes; at += 4) {
    const key = load<u32>(weights + at);
    store<u32>(placeOf(digits, digitOf(key, 0), other), key);
  }
  for (let at: usize = 0; at < bytes; at += 4) {
    const key = load<u32>(other + at);
    store<u32>(placeOf(second, digitOf(key, 1), weights), key);
  }
  for (let at: usize = 0; at < bytes; at += 4) {
    const key = load<u32>(weights + at);
    store<u32>(placeOf(third, digitOf(key, 2), other), key);
  }
  for (let at: usize = 0; at < bytes; at += 4) {
    store<u32>(weights + at, orderedKey(load<u32>(other + at) ^ 0x80000000));
  }
}
