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

/** The levels of four codes on a grid. */
// @ts-ignore: a decorator
@inline
function gridLevelsOf(codes: usize, scale: v128, zeroPoint: v128, offset: v128): v128 {
  const steps = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load_zero<u32>(codes))));
  return f32x4.add(f32x4.mul(scale, f32x4.sub(steps, zeroPoint)), offset);
}

/**
 * Of `count` float32, a multiple of 4, and the float32 levels q of their codes, into `out` as float64: Σw², Σ(w − q)² and Σq²,
 * each of every fourth, and the four largest |w − q| of every fourth. Levels are a table, or a grid's where there is none.
 */
// @ts-ignore: a decorator
@inline
function sumErrors(weights: usize, codes: usize, count: usize, levels: usize, scale: f32, zeroPoint: f32, offset: f32, out: usize): void {
  const scales = f32x4.splat(scale), zeroPoints = f32x4.splat(zeroPoint), offsets = f32x4.splat(offset);
  let signal0 = f64x2.splat(0), signal1 = signal0, noise0 = signal0, noise1 = signal0;
  let quantized0 = signal0, quantized1 = signal0, most0 = signal0, most1 = signal0;
  for (let i: usize = 0; i < count; i += 4) {
    const weight = v128.load(weights + (i << 2));
    const level = levels ? levelsOf(load<u32>(codes + i), levels) : gridLevelsOf(codes + i, scales, zeroPoints, offsets);
    let w = f64x2.promote_low_f32x4(weight);
    let q = f64x2.promote_low_f32x4(level);
    let error = f64x2.abs(f64x2.sub(w, q));
    signal0 = f64x2.add(signal0, f64x2.mul(w, w));
    noise0 = f64x2.add(noise0, f64x2.mul(error, error));
    quantized0 = f64x2.add(quantized0, f64x2.mul(q, q));
    most0 = f64x2.pmax(most0, error);
    w = upper(weight);
    q = upper(level);
    error = f64x2.abs(f64x2.sub(w, q));
    signal1 = f64x2.add(signal1, f64x2.mul(w, w));
    noise1 = f64x2.add(noise1, f64x2.mul(error, error));
    quantized1 = f64x2.add(quantized1, f64x2.mul(q, q));
    most1 = f64x2.pmax(most1, error);
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

export function codeErrors(weights: usize, codes: usize, count: usize, levels: usize, out: usize): void {
  sumErrors(weights, codes, count, levels, 0, 0, 0, out);
}

export function gridCodeErrors(weights: usize, codes: usize, count: usize, scale: f64, zeroPoint: f64, offset: f64, out: usize): void {
  sumErrors(weights, codes, count, 0, <f32>scale, <f32>zeroPoint, <f32>offset, out);
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
