/** Whole numbers below 2^32 in float64, once this is added, are their own lower bits: converting them takes several times as long. */
export const WHOLE: f64 = 4503599627370496;

/** The two upper of four float32 as float64. */
// @ts-ignore: a decorator
@inline
export function upper(w: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(w, w, 1, 0));
}
