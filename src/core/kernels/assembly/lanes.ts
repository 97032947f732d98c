/** The two upper of four float32 as float64. */
// @ts-ignore: a decorator
@inline
export function upper(w: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(w, w, 1, 0));
}
