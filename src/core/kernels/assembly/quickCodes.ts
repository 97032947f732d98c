/**
 * Codes from steps in float32, which hold them in fixed point once this is added: 13 bits of fraction, in which one is 2^-13
 * step, up to `LIMIT` steps from the offset.
 */
const FIXED_POINT: f32 = 1536;
const FRACTION: i32 = 13;
const LIMIT: f32 = 512;
/**
 * Nearer to a threshold, in 2^-13 step, float32 may decide otherwise than float64 does. The inverse of the scale, w − offset and
 * their product are each off by no more than 2^-24 of themselves, for codes below 256 less than 2^-14 step together, and what is
 * added in the end rounds by as much: 1 would do.
 */
const MARGIN: i32 = 2;
/** Scales from 2^-100 to 2^100: neither their inverses nor products that matter leave the range of normal float32. */
const LEAST_SCALE: f64 = 7.888609052210118e-31;
const MOST_SCALE: f64 = 1.2676506002282294e30;

/** Four codes in front of fractions. Steps below are held at the limit; above, where fractions are lost, they still ascend. */
// @ts-ignore: a decorator
@inline
function fixedCodes(w: v128, offset: v128, inverse: v128, from: v128): v128 {
  const steps = f32x4.pmax(f32x4.splat(-LIMIT), f32x4.mul(f32x4.sub(w, offset), inverse));
  return i32x4.add(f32x4.add(steps, f32x4.splat(FIXED_POINT)), from);
}

/** Fractions, which are below 2 · `MARGIN` where a threshold is near; of the offset itself, which is exact, the greatest. */
// @ts-ignore: a decorator
@inline
function fractions(codes: v128, w: v128, offset: v128, isThreshold: bool): v128 {
  const fraction = v128.and(codes, i32x4.splat((1 << FRACTION) - 1));
  return isThreshold ? v128.or(fraction, f32x4.eq(w, offset)) : fraction;
}

/**
 * Stores codes, `code` being that of the cell which starts at `threshold` steps from `offset`, of weights from number `i` on, 16
 * at a time, as long as float32 decides all of them as float64 does. Returns where it does not, or else `count`, a multiple of 16.
 */
// @ts-ignore: a decorator
@inline
export function assignQuickly(
  weights: usize, i: usize, count: usize, codes: usize, scale: f64, offset: f64, code: f64, threshold: f64, last: f64,
): usize {
  if (scale < LEAST_SCALE || scale > MOST_SCALE || <f64><f32>offset != offset) return i;
  const offsets = f32x4.splat(<f32>offset), inverses = f32x4.splat(<f32>(1 / scale)), lasts = i8x16.splat(<i8>last);
  const from = i32x4.splat(<i32>((code - threshold) * <f64>(1 << FRACTION)) + MARGIN - reinterpret<i32>(FIXED_POINT));
  for (; i < count; i += 16) {
    const at = weights + (i << 2);
    const w0 = v128.load(at), w1 = v128.load(at, 16), w2 = v128.load(at, 32), w3 = v128.load(at, 48);
    const c0 = fixedCodes(w0, offsets, inverses, from), c1 = fixedCodes(w1, offsets, inverses, from);
    const c2 = fixedCodes(w2, offsets, inverses, from), c3 = fixedCodes(w3, offsets, inverses, from);
    const least = i32x4.min_u(
      i32x4.min_u(fractions(c0, w0, offsets, threshold == 0), fractions(c1, w1, offsets, threshold == 0)),
      i32x4.min_u(fractions(c2, w2, offsets, threshold == 0), fractions(c3, w3, offsets, threshold == 0)),
    );
    if (v128.any_true(i32x4.lt_u(least, i32x4.splat(2 * MARGIN)))) return i;
    const low = i16x8.narrow_i32x4_s(i32x4.shr_s(c0, FRACTION), i32x4.shr_s(c1, FRACTION));
    const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c2, FRACTION), i32x4.shr_s(c3, FRACTION));
    v128.store(codes + i, i8x16.min_u(i8x16.narrow_i16x8_u(low, high), lasts));
  }
  return i;
}
