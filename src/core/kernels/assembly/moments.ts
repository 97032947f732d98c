import { countFour, LOWER_MASK } from './cell';
import { upper } from './lanes';

/** Four sums, of every fourth weight each. */
// @ts-ignore: a decorator
@inline
function storeSums(out: usize, low: v128, high: v128): void {
  v128.store(out, low);
  v128.store(out, high, 16);
}

/**
 * Range of `count` float32, a multiple of 4 and not 0, into `out` as float64: least, greatest, number of zeros, sums of every
 * fourth. Returns 0, and writes nothing, where one is not finite.
 */
export function range(weights: usize, count: usize, out: usize): i32 {
  return look(weights, count, false, out);
}

/** The same, and last the bits below their cells that any has, while adding all, finite or not, to the counts of cells at `COUNTS`. */
export function countedRange(weights: usize, count: usize, out: usize): i32 {
  return look(weights, count, true, out);
}

// @ts-ignore: a decorator
@inline
function look(weights: usize, count: usize, counting: bool, out: usize): i32 {
  let least = v128.load(weights);
  let greatest = least;
  let bits = i32x4.splat(0);
  let zeros = i32x4.splat(0);
  let low = f64x2.splat(0);
  let high = low;
  const zero = f32x4.splat(0);
  const end = weights + (count << 2);
  for (let at = weights; at < end; at += 16) {
    const w = v128.load(at);
    least = f32x4.pmin(least, w);
    greatest = f32x4.pmax(greatest, w);
    zeros = i32x4.sub(zeros, f32x4.eq(w, zero));
    low = f64x2.add(low, f64x2.promote_low_f32x4(w));
    high = f64x2.add(high, upper(w));
    if (counting) {
      bits = v128.or(bits, w);
      countFour(at);
    }
  }
  // float32 do not add up to an infinite float64 unless one of them is.
  const sum = f64x2.add(low, high);
  const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  if (total - total != 0) return 0;
  least = f32x4.min(least, v128.shuffle<u64>(least, least, 1, 0));
  greatest = f32x4.max(greatest, v128.shuffle<u64>(greatest, greatest, 1, 0));
  zeros = i32x4.add(zeros, v128.shuffle<u64>(zeros, zeros, 1, 0));
  store<f64>(out, min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)));
  store<f64>(out, max(f32x4.extract_lane(greatest, 0), f32x4.extract_lane(greatest, 1)), 8);
  store<f64>(out, i32x4.extract_lane(zeros, 0) + i32x4.extract_lane(zeros, 1), 16);
  storeSums(out + 24, low, high);
  if (counting) {
    const both = i64x2.extract_lane(bits, 0) | i64x2.extract_lane(bits, 1);
    store<f64>(out, <f64>(<u32>(both | (both >> 32)) & LOWER_MASK), 56);
  }
  return 1;
}

/** Sums of the 2nd, 3rd and 4th powers of w − mean over `count` float32, a multiple of 4, into `out` as float64, of every fourth. */
export function centralPowers(weights: usize, count: usize, mean: f64, out: usize): void {
  const centre = f64x2.splat(mean);
  let low2 = f64x2.splat(0), high2 = low2, low3 = low2, high3 = low2, low4 = low2, high4 = low2;
  const end = weights + (count << 2);
  for (let at = weights; at < end; at += 16) {
    const w = v128.load(at);
    let d = f64x2.sub(f64x2.promote_low_f32x4(w), centre);
    let square = f64x2.mul(d, d);
    low2 = f64x2.add(low2, square);
    low3 = f64x2.add(low3, f64x2.mul(square, d));
    low4 = f64x2.add(low4, f64x2.mul(square, square));
    d = f64x2.sub(upper(w), centre);
    square = f64x2.mul(d, d);
    high2 = f64x2.add(high2, square);
    high3 = f64x2.add(high3, f64x2.mul(square, d));
    high4 = f64x2.add(high4, f64x2.mul(square, square));
  }
  storeSums(out, low2, high2);
  storeSums(out + 32, low3, high3);
  storeSums(out + 64, low4, high4);
}

/** Σ|w − centre| over `count` float32, a multiple of 4, into `out` as float64, of every fourth. */
export function absDeviations(weights: usize, count: usize, centre: f64, out: usize): void {
  const middle = f64x2.splat(centre);
  let low = f64x2.splat(0), high = low;
  const end = weights + (count << 2);
  for (let at = weights; at < end; at += 16) {
    const w = v128.load(at);
    low = f64x2.add(low, f64x2.abs(f64x2.sub(f64x2.promote_low_f32x4(w), middle)));
    high = f64x2.add(high, f64x2.abs(f64x2.sub(upper(w), middle)));
  }
  storeSums(out, low, high);
}
