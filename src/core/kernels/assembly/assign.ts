import { assignQuickly } from './quickCodes';

/** The nearer whole numbers, ties to even, of four float32 on the line (w − offset) / scale, two and two. */
// @ts-ignore: a decorator
@inline
function steps(w: v128, offset: v128, scale: v128): v128 {
  return f64x2.div(f64x2.sub(f64x2.promote_low_f32x4(w), offset), scale);
}

// @ts-ignore: a decorator
@inline
function clamped(code: v128, last: v128): v128 {
  return f64x2.max(f64x2.min(code, last), f64x2.splat(0));
}

/** Four codes, two and two as float64, to four bytes. */
// @ts-ignore: a decorator
@inline
function storeCodes(codes: usize, low: v128, high: v128): void {
  const words = v128.shuffle<u64>(i32x4.trunc_sat_f64x2_u_zero(low), i32x4.trunc_sat_f64x2_u_zero(high), 0, 2);
  const halves = i16x8.narrow_i32x4_u(words, words);
  v128.store_lane<u32>(codes, i8x16.narrow_i16x8_u(halves, halves), 0);
}

/** `count` float32, a multiple of 16, to codes of a grid with a level at `offset`: round((w − offset) / scale) + zeroPoint. */
export function assignWhole(weights: usize, count: usize, codes: usize, scale: f64, zeroPoint: f64, offset: f64, last: f64): void {
  const scales = f64x2.splat(scale), offsets = f64x2.splat(offset), zeroPoints = f64x2.splat(zeroPoint), lasts = f64x2.splat(last);
  let i: usize = 0;
  while ((i = assignQuickly(weights, i, count, codes, scale, offset, zeroPoint, -0.5, last)) < count) {
    for (const end = i + 16; i < end; i += 4) {
      const w = v128.load(weights + (i << 2));
      const low = f64x2.nearest(steps(w, offsets, scales));
      const high = f64x2.nearest(steps(v128.shuffle<u64>(w, w, 1, 0), offsets, scales));
      storeCodes(codes + i, clamped(f64x2.add(low, zeroPoints), lasts), clamped(f64x2.add(high, zeroPoints), lasts));
    }
  }
}

/** Away from 0: the number of the cell of a grid without a level there. */
// @ts-ignore: a decorator
@inline
function midRise(at: v128, half: v128): v128 {
  const above = f64x2.add(half, f64x2.floor(at));
  const below = f64x2.sub(f64x2.sub(half, f64x2.splat(1)), f64x2.floor(f64x2.neg(at)));
  return v128.bitselect(above, below, f64x2.ge(at, f64x2.splat(0)));
}

/** The same for a grid of last + 1 levels, an even number, half a step and more from `offset`. */
export function assignMidRise(weights: usize, count: usize, codes: usize, scale: f64, offset: f64, last: f64): void {
  const scales = f64x2.splat(scale), offsets = f64x2.splat(offset), half = f64x2.splat((last + 1) / 2), lasts = f64x2.splat(last);
  let i: usize = 0;
  while ((i = assignQuickly(weights, i, count, codes, scale, offset, (last + 1) / 2, 0, last)) < count) {
    for (const end = i + 16; i < end; i += 4) {
      const w = v128.load(weights + (i << 2));
      const low = midRise(steps(w, offsets, scales), half);
      const high = midRise(steps(v128.shuffle<u64>(w, w, 1, 0), offsets, scales), half);
      storeCodes(codes + i, clamped(low, lasts), clamped(high, lasts));
    }
  }
}

/** `count` float32, a multiple of 16, to the number of those of at most 255 float32 thresholds that they reach. */
export function assignByThreshold(weights: usize, count: usize, codes: usize, thresholds: usize, thresholdCount: usize): void {
  const end = thresholds + (thresholdCount << 2);
  for (let i: usize = 0; i < count; i += 16) {
    const from = weights + (i << 2);
    const w0 = v128.load(from), w1 = v128.load(from, 16), w2 = v128.load(from, 32), w3 = v128.load(from, 48);
    let n0 = i32x4.splat(0), n1 = n0, n2 = n0, n3 = n0;
    for (let at = thresholds; at < end; at += 4) {
      const threshold = v128.load_splat<f32>(at);
      n0 = i32x4.sub(n0, f32x4.ge(w0, threshold));
      n1 = i32x4.sub(n1, f32x4.ge(w1, threshold));
      n2 = i32x4.sub(n2, f32x4.ge(w2, threshold));
      n3 = i32x4.sub(n3, f32x4.ge(w3, threshold));
    }
    v128.store(codes + i, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(n0, n1), i16x8.narrow_i32x4_u(n2, n3)));
  }
}
