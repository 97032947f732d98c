/** As in `adamRow.ts`. */
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;

/**
 * Adam's step of `length` float64 parameters. What is not within [low, high) after it is listed in `left` as int32.
 * @returns how many these are
 */
export function adamStep(
  parameters: usize, gradient: usize, mean: usize, square: usize, low: usize, high: usize, left: usize, length: usize, rate: f64,
): i32 {
  const rates = f64x2.splat(rate);
  const zero = f64x2.splat(0);
  let last = left;
  for (let at: usize = 0; at < length << 3; at += 16) {
    const g = v128.load(gradient + at);
    const m = f64x2.add(f64x2.mul(f64x2.splat(BETA1), v128.load(mean + at)), f64x2.mul(f64x2.splat(1 - BETA1), g));
    const v = f64x2.add(
      f64x2.mul(f64x2.splat(BETA2), v128.load(square + at)), f64x2.mul(f64x2.mul(f64x2.splat(1 - BETA2), g), g),
    );
    v128.store(mean + at, m);
    v128.store(square + at, v);
    const step = f64x2.div(f64x2.mul(rates, m), f64x2.sqrt(v));
    const next = f64x2.sub(v128.load(parameters + at), v128.and(step, f64x2.gt(v, zero)));
    v128.store(parameters + at, next);
    const outside = v128.or(f64x2.lt(next, v128.load(low + at)), f64x2.ge(next, v128.load(high + at)));
    if (v128.any_true(outside)) last = list(i64x2.bitmask(outside), <i32>(at >> 3), last);
  }
  return <i32>((last - left) >> 2);
}

function list(lanes: i32, index: i32, at: usize): usize {
  store<i32>(at, index);
  at += <usize>(lanes & 1) << 2;
  store<i32>(at, index + 1);
  return at + (<usize>(lanes >> 1) << 2);
}
