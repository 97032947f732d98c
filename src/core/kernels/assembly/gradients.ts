/** As in `attentionFactor.ts`. */
const RESOLUTION: f64 = 512;
const LIMIT: f64 = 4;
/** A whole number added to 2^52 is in the lower bits: quicker than conversion. */
const INTEGERS: f64 = 4503599627370496;

/** Attention Round's gradient of `length` float64 α, a multiple of 2. @param factors the table, with one entry past its end */
export function attentionGradient(
  gradient: usize, product: usize, slope: usize, alpha: usize, factors: usize, length: usize,
): void {
  const zero = f64x2.splat(0);
  const one = f64x2.splat(1);
  for (let at: usize = 0; at < length << 3; at += 16) {
    const entry = f64x2.mul(f64x2.add(v128.load(alpha + at), f64x2.splat(LIMIT)), f64x2.splat(RESOLUTION));
    const place = f64x2.pmin(f64x2.splat(2 * LIMIT * RESOLUTION), f64x2.pmax(zero, entry));
    const below = f64x2.floor(place);
    const index = f64x2.add(below, f64x2.splat(INTEGERS));
    const first = v128.load(factors + (<usize>i32x4.extract_lane(index, 0) << 3));
    const second = v128.load(factors + (<usize>i32x4.extract_lane(index, 2) << 3));
    const low = v128.shuffle<u64>(first, second, 0, 2);
    const high = v128.shuffle<u64>(first, second, 1, 3);
    const past = f64x2.sub(place, below);
    const factor = f64x2.add(low, f64x2.mul(past, f64x2.sub(high, low)));
    const straight = f64x2.mul(v128.load(product + at), v128.load(slope + at));
    const weight = v128.bitselect(factor, f64x2.sub(one, factor), f64x2.gt(straight, zero));
    v128.store(gradient + at, f64x2.mul(straight, weight));
  }
}

/** The reconstruction's gradient of `length` float64 factors, a multiple of 2, and in `outer` that of rounded weights. */
export function reconstructionGradient(
  gradient: usize, outer: usize, weights: usize, levels: usize, product: usize, target: usize, length: usize, scale: f64, pull: f64,
): void {
  const scales = f64x2.splat(scale);
  for (let at: usize = 0; at < length << 3; at += 16) {
    const w = v128.load(weights + at);
    const rounded = f64x2.mul(scales, v128.load(levels + at));
    const magnitude = f64x2.abs(w);
    const isNegative = f64x2.lt(rounded, f64x2.splat(0));
    const apart = v128.bitselect(f64x2.add(rounded, magnitude), f64x2.sub(rounded, magnitude), isNegative);
    const error = f64x2.sub(f64x2.mul(scales, v128.load(product + at)), v128.load(target + at));
    const each = f64x2.add(f64x2.mul(f64x2.splat(2), error), f64x2.mul(f64x2.splat(pull), apart));
    v128.store(outer + at, each);
    v128.store(gradient + at, f64x2.mul(f64x2.mul(each, scales), w));
  }
}
