import { upper } from './lanes';

/** The levels of four codes. */
// @ts-ignore: a decorator
@inline
function levelsOf(codes: u32, levels: usize): v128 {
  let q = v128.load_splat<u32>(levels + ((codes & 255) << 2));
  q = v128.load_lane<u32>(levels + ((codes >> 8 & 255) << 2), q, 1);
  q = v128.load_lane<u32>(levels + ((codes >> 16 & 255) << 2), q, 2);
  return v128.load_lane<u32>(levels + (codes >> 24 << 2), q, 3);
}

/**
 * Of `count` float32, a multiple of 4, and the float32 levels q of their codes, into `out` as float64: Σw², Σ(w − q)² and Σq²,
 * each of every fourth, and the four largest (w − q)² of every fourth.
 */
export function codeErrors(weights: usize, codes: usize, count: usize, levels: usize, out: usize): void {
  let signal0 = f64x2.splat(0), signal1 = signal0, noise0 = signal0, noise1 = signal0;
  let quantized0 = signal0, quantized1 = signal0, most0 = signal0, most1 = signal0;
  for (let i: usize = 0; i < count; i += 4) {
    const weight = v128.load(weights + (i << 2));
    const level = levelsOf(load<u32>(codes + i), levels);
    let w = f64x2.promote_low_f32x4(weight);
    let q = f64x2.promote_low_f32x4(level);
    let error = f64x2.sub(w, q);
    let square = f64x2.mul(error, error);
    signal0 = f64x2.add(signal0, f64x2.mul(w, w));
    noise0 = f64x2.add(noise0, square);
    quantized0 = f64x2.add(quantized0, f64x2.mul(q, q));
    most0 = f64x2.pmax(most0, square);
    w = upper(weight);
    q = upper(level);
    error = f64x2.sub(w, q);
    square = f64x2.mul(error, error);
    signal1 = f64x2.add(signal1, f64x2.mul(w, w));
    noise1 = f64x2.add(noise1, square);
    quantized1 = f64x2.add(quantized1, f64x2.mul(q, q));
    most1 = f64x2.pmax(most1, square);
  }
  v128.store(out, signal0);
  v128.store(out, signal1, 16);
  v128.store(out, noise0, 32);
  v128.store(out, noise1, 48);
  v128.store(out, quantized0, 64);
  v128.store(out, quantized1, 80);
  v128.store(out, most0, 96);
  v128.store(out, most1, 112);
}

/**
 * The levels of a grid into `levels`, which has room for a multiple of 4: looking them up takes less than computing each
 * weight's, as then the sums above no longer fit in registers.
 */
export function gridLevels(count: i32, scale: f64, zeroPoint: f64, offset: f64, levels: usize): void {
  const scales = f32x4.splat(<f32>scale), offsets = f32x4.splat(<f32>offset), four = f32x4.splat(4);
  let steps = f32x4.sub(f32x4(0, 1, 2, 3), f32x4.splat(<f32>zeroPoint));
  for (let k = 0; k < count; k += 4) {
    v128.store(levels + (k << 2), f32x4.add(f32x4.mul(scales, steps), offsets));
    steps = f32x4.add(steps, four);
  }
}

/** Squared distance, in steps, to the nearest of the whole numbers from `lowest` to `highest`. */
// @ts-ignore: a decorator
@inline
function squaredDistance(w: v128, inverse: v128, origin: v128, lowest: v128, highest: v128): v128 {
  const at = f64x2.sub(f64x2.mul(w, inverse), origin);
  const distance = f64x2.sub(at, f64x2.pmax(f64x2.pmin(f64x2.nearest(at), highest), lowest));
  return f64x2.mul(distance, distance);
}

/** Sum of those of `count` float32 on the line w · inverse − origin: as four sums, of every fourth. */
export function gridErrors(weights: usize, count: usize, inverse: f64, origin: f64, lowest: f64, highest: f64): f64 {
  const inverses = f64x2.splat(inverse), origins = f64x2.splat(origin), low = f64x2.splat(lowest), high = f64x2.splat(highest);
  let sum0 = f64x2.splat(0), sum1 = sum0;
  const whole = weights + ((count & ~3) << 2);
  for (let at = weights; at < whole; at += 16) {
    const w = v128.load(at);
    sum0 = f64x2.add(sum0, squaredDistance(f64x2.promote_low_f32x4(w), inverses, origins, low, high));
    sum1 = f64x2.add(sum1, squaredDistance(upper(w), inverses, origins, low, high));
  }
  const rest = squaredDistance(f64x2.promote_low_f32x4(v128.load(whole)), inverses, origins, low, high);
  const third = squaredDistance(upper(v128.load(whole)), inverses, origins, low, high);
  let first = f64x2.extract_lane(sum0, 0), second = f64x2.extract_lane(sum0, 1), next = f64x2.extract_lane(sum1, 0);
  if (count & 3) first += f64x2.extract_lane(rest, 0);
  if ((count & 3) > 1) second += f64x2.extract_lane(rest, 1);
  if ((count & 3) > 2) next += f64x2.extract_lane(third, 0);
  return first + second + next + f64x2.extract_lane(sum1, 1);
}

/**
 * Adds `count` float32, a multiple of 4, by their codes to `sums`: of every fourth weight, for each code, how many there are and
 * what they sum to, as float64.
 */
export function sumByCode(weights: usize, codes: usize, count: usize, sums: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const at = sums + ((<usize>load<u8>(codes + i) << 2 | i & 3) << 4);
    const one = f64x2.replace_lane(f64x2.splat(<f64>load<f32>(weights + (i << 2))), 0, 1);
    v128.store(at, f64x2.add(v128.load(at), one));
  }
}
