import { upper } from './lanes';

/**
 * The cells of two float32 among equal ones from `lowest` on. Where one is and where a limit is follow from the same
 * operations, which are monotonic: what lies in a lower cell is less.
 */
// @ts-ignore: a decorator
@inline
function cellsOf(w: v128, lowest: v128, perUnit: v128, last: v128): v128 {
  return i32x4.min_u(i32x4.trunc_sat_f64x2_u_zero(f64x2.mul(f64x2.sub(w, lowest), perUnit)), last);
}

/** Notes the cell of a weight, and one more for it where the cell after the next begins. */
// @ts-ignore: a decorator
@inline
function count(cells: usize, starts: usize, cell: u32): void {
  store<u16>(cells, <u16>cell);
  const after = starts + (cell << 2);
  store<u32>(after, load<u32>(after, 8) + 1, 8);
}

/**
 * Puts `length` float32, at most 65,536, into the order of as many equal cells from `lowest` on, `perUnit` of them to 1, and
 * eight infinities behind them: `starts` says how many come before each cell, and before the end. `cells` has room for a
 * uint16 for each, `starts` for two uint32 more. Returns how many the fullest cell has.
 */
export function orderByCell(weights: usize, length: usize, lowest: f64, perUnit: f64, ordered: usize, cells: usize, starts: usize): u32 {
  const lows = f64x2.splat(lowest), factors = f64x2.splat(perUnit), lasts = i32x4.splat(<i32>length - 1);
  memory.fill(starts, 0, (length + 2) << 2);
  const whole = weights + ((length & ~3) << 2);
  let cell = cells;
  for (let at = weights; at < whole; at += 16, cell += 8) {
    const w = v128.load(at);
    const low = cellsOf(f64x2.promote_low_f32x4(w), lows, factors, lasts), high = cellsOf(upper(w), lows, factors, lasts);
    count(cell, starts, i32x4.extract_lane(low, 0));
    count(cell + 2, starts, i32x4.extract_lane(low, 1));
    count(cell + 4, starts, i32x4.extract_lane(high, 0));
    count(cell + 6, starts, i32x4.extract_lane(high, 1));
  }
  for (let at = whole; at < weights + (length << 2); at += 4, cell += 2) {
    count(cell, starts, i32x4.extract_lane(cellsOf(f64x2.splat(<f64>load<f32>(at)), lows, factors, lasts), 0));
  }

  let before: u32 = 0, most: u32 = 0;
  for (let at = starts + 8; at < starts + ((length + 2) << 2); at += 4) {
    const some = load<u32>(at);
    most = max(most, some);
    store<u32>(at, before += some);
  }

  for (let i: usize = 0; i < length; i++) {
    const next = starts + (<usize>load<u16>(cells + (i << 1)) << 2);
    const at = load<u32>(next, 4);
    store<u32>(next, at + 1, 4);
    store<f32>(ordered + (at << 2), load<f32>(weights + (i << 2)));
  }
  const infinity = f32x4.splat(Infinity);
  v128.store(ordered + (length << 2), infinity);
  v128.store(ordered + (length << 2), infinity, 16);
  return most;
}

/** Σ(w − origin) over the first i of `length` float32, for i from 0 to `length`, to `sums`. */
export function sumDistances(weights: usize, length: usize, origin: f64, sums: usize): void {
  let sum: f64 = 0;
  store<f64>(sums, 0);
  for (const end = weights + (length << 2); weights < end; weights += 4) {
    sum += <f64>load<f32>(weights) - origin;
    store<f64>(sums += 8, sum);
  }
}

/** Those of two float64 less `origin` that are below `limit`; zeros for others. */
// @ts-ignore: a decorator
@inline
function distances(w: v128, isBelow: v128, origin: v128): v128 {
  return v128.and(f64x2.sub(w, origin), isBelow);
}

/**
 * By how much the nearest of levels scale · (k − zeroPoint), k < levels, as seen from `origin`, lessen Σ(w − origin)²:
 * Σq(2Σd − nq) over the levels q with n weights each, d from `origin`.
 */
export function gridGain(
  ordered: usize, length: usize, lowest: f64, perUnit: f64, starts: usize, sums: usize,
  origin: f64, scale: f64, zeroPoint: f64, levels: i32,
): f64 {
  const origins = f64x2.splat(origin);
  let gain: f64 = 0, sum: f64 = 0;
  const last = <f64>(length - 1);
  let rank: u32 = 0;
  for (let k = 0; k < levels; k++) {
    let next = <u32>length;
    let total = load<f64>(sums + (length << 3));
    if (k < levels - 1) {
      const limit = origin + scale * (<f64>k + 0.5 - zeroPoint);
      const cell = <u32>min(max((limit - lowest) * perUnit, 0), last);
      next = load<u32>(starts + (cell << 2));
      total = load<f64>(sums + (next << 3));
      // Eight at a time, as the end of a loop over a cell's few weights is not to be foreseen. None of later cells is below.
      const limits = f64x2.splat(limit);
      let at = ordered + (next << 2);
      const end = ordered + (load<u32>(starts + (cell << 2), 4) << 2);
      let below = i64x2.splat(0), sum0 = f64x2.splat(0), sum1 = sum0;
      for (; at < end; at += 32) {
        const first = v128.load(at), second = v128.load(at, 16);
        const w0 = f64x2.promote_low_f32x4(first), w1 = upper(first), w2 = f64x2.promote_low_f32x4(second), w3 = upper(second);
        const below0 = f64x2.lt(w0, limits), below1 = f64x2.lt(w1, limits), below2 = f64x2.lt(w2, limits), below3 = f64x2.lt(w3, limits);
        below = i64x2.add(below, i64x2.add(i64x2.add(below0, below1), i64x2.add(below2, below3)));
        sum0 = f64x2.add(f64x2.add(sum0, distances(w0, below0, origins)), distances(w2, below2, origins));
        sum1 = f64x2.add(f64x2.add(sum1, distances(w1, below1, origins)), distances(w3, below3, origins));
      }
      next -= <u32>(i64x2.extract_lane(below, 0) + i64x2.extract_lane(below, 1));
      total += f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1) + f64x2.extract_lane(sum1, 0) + f64x2.extract_lane(sum1, 1);
    }
    const level = scale * (<f64>k - zeroPoint);
    gain += level * (2 * (total - sum) - <f64>(next - rank) * level);
    rank = next;
    sum = total;
  }
  return gain;
}
