/** Two of the float32 at `at` as float64. */
// @ts-ignore: a decorator
@inline
function pair(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/**
 * into += Σ factor · row over `count` rows of float32, whose addresses are the uint32 in `rows`. `length` float64 in `into`,
 * a multiple of 8. Rows are added in order, so that all at once give what one by one do.
 */
export function addRows(into: usize, length: usize, rows: usize, factors: usize, count: usize): void {
  for (let column: usize = 0; column < length << 2; column += 32) {
    const at = into + (column << 1);
    let sum0 = v128.load(at), sum1 = v128.load(at, 16), sum2 = v128.load(at, 32), sum3 = v128.load(at, 48);
    for (let i: usize = 0; i < count; i++) {
      const from = <usize>load<u32>(rows + (i << 2)) + column;
      const factor = v128.load_splat<f64>(factors + (i << 3));
      sum0 = f64x2.add(sum0, f64x2.mul(factor, pair(from)));
      sum1 = f64x2.add(sum1, f64x2.mul(factor, pair(from + 8)));
      sum2 = f64x2.add(sum2, f64x2.mul(factor, pair(from + 16)));
      sum3 = f64x2.add(sum3, f64x2.mul(factor, pair(from + 24)));
    }
    v128.store(at, sum0);
    v128.store(at, sum1, 16);
    v128.store(at, sum2, 32);
    v128.store(at, sum3, 48);
  }
}

/** Σ a·b over `length` float64, a multiple of 8, as four sums, of every fourth product. */
export function innerProduct(a: usize, b: usize, length: usize): f64 {
  let low = f64x2.splat(0), high = low;
  for (let at: usize = 0; at < length << 3; at += 32) {
    low = f64x2.add(low, f64x2.mul(v128.load(a + at), v128.load(b + at)));
    high = f64x2.add(high, f64x2.mul(v128.load(a + at, 16), v128.load(b + at, 16)));
  }
  const sums = f64x2.add(low, high);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}
