import { upper, WHOLE } from './lanes';

/**
 * The cells of two float32 among equal ones from `lowest` on, in the lower half of each lane. Where one is and where a limit is
 * follow from the same operations, which are monotonic: what lies in a lower cell is less.
 */
// @ts-ignore: a decorator
@inline
function cellsOf(w: v128, lowest: v128, perUnit: v128, last: v128): v128 {
  const at = f64x2.mul(f64x2.sub(w, lowest), perUnit);
  return f64x2.add(f64x2.floor(f64x2.pmin(at, last)), f64x2.splat(WHOLE));
}

/** Notes the cell of a weight, and adds its distance and one to the sums before the next cell. */
// @ts-ignore: a decorator
@inline
function note(place: usize, sums: usize, cell: u32, distanceAndOne: v128): void {
  store<u16>(place, <u16>cell);
  const next = sums + (<usize>cell << 4);
  v128.store(next, f64x2.add(v128.load(next, 16), distanceAndOne), 16);
}

/**
 * Puts `length` float32, at most 65,536, into the order of `cells` equal cells from `lowest` on, `perUnit` of them to 1, and
 * eight infinities behind them: `starts` says how many come before each cell, and before the end, `sums` how far these are from
 * `origin` together and, once more, how many they are. `places` has room for a uint16 for each weight, `starts` for one uint32 more
 * than cells, `sums` for one pair of float64 more. Returns how many the fullest cell has.
 */
export function orderByCell(
  weights: usize, length: usize, cells: usize, lowest: f64, perUnit: f64, origin: f64,
  ordered: usize, places: usize, starts: usize, sums: usize,
): u32 {
  const lows = f64x2.splat(lowest), factors = f64x2.splat(perUnit), lasts = f64x2.splat(<f64>(cells - 1)), origins = f64x2.splat(origin);
  const one = f64x2.splat(1);
  memory.fill(sums, 0, (cells + 1) << 4);
  const whole = weights + ((length & ~3) << 2);
  let place = places;
  for (let at = weights; at < whole; at += 16, place += 8) {
    const w = v128.load(at);
    const first = f64x2.promote_low_f32x4(w), second = upper(w);
    const low = cellsOf(first, lows, factors, lasts), high = cellsOf(second, lows, factors, lasts);
    const distance = f64x2.sub(first, origins), after = f64x2.sub(second, origins);
    note(place, sums, i32x4.extract_lane(low, 0), v128.shuffle<u64>(distance, one, 0, 2));
    note(place + 2, sums, i32x4.extract_lane(low, 2), v128.shuffle<u64>(distance, one, 1, 2));
    note(place + 4, sums, i32x4.extract_lane(high, 0), v128.shuffle<u64>(after, one, 0, 2));
    note(place + 6, sums, i32x4.extract_lane(high, 2), v128.shuffle<u64>(after, one, 1, 2));
  }
  for (let at = whole; at < weights + (length << 2); at += 4, place += 2) {
    const w = f64x2.splat(load<f32>(at));
    note(place, sums, i32x4.extract_lane(cellsOf(w, lows, factors, lasts), 0), v128.shuffle<u64>(f64x2.sub(w, origins), one, 0, 2));
  }

  let most = f64x2.splat(0), sum = most;
  store<u32>(starts, 0);
  for (let cell: usize = 0; cell < cells; cell++) {
    v128.store32_lane(starts + (cell << 2), f64x2.add(sum, f64x2.splat(WHOLE)), 2, 4);
    const next = sums + (cell << 4);
    const own = v128.load(next, 16);
    most = f64x2.pmax(most, own);
    v128.store(next, sum = f64x2.add(sum, own), 16);
  }

  for (let i: usize = 0; i < length; i++) {
    const next = starts + (<usize>load<u16>(places + (i << 1)) << 2);
    const at = load<u32>(next, 4);
    store<u32>(next, at + 1, 4);
    store<f32>(ordered + (at << 2), load<f32>(weights + (i << 2)));
  }
  const infinity = f32x4.splat(Infinity);
  v128.store(ordered + (length << 2), infinity);
  v128.store(ordered + (length << 2), infinity, 16);
  return <u32>f64x2.extract_lane(most, 1);
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
  ordered: usize, length: usize, cells: usize, lowest: f64, perUnit: f64, starts: usize, sums: usize,
  origin: f64, scale: f64, zeroPoint: f64, levels: i32,
): f64 {
  const origins = f64x2.splat(origin);
  let gain: f64 = 0, sum: f64 = 0;
  const last = <f64>(cells - 1);
  let rank: u32 = 0;
  for (let k = 0; k < levels; k++) {
    let next = <u32>length;
    let total = load<f64>(sums + (cells << 4));
    if (k < levels - 1) {
      const limit = origin + scale * (<f64>k + 0.5 - zeroPoint);
      const cell = <usize>min(max((limit - lowest) * perUnit, 0), last);
      next = load<u32>(starts + (cell << 2));
      total = load<f64>(sums + (cell << 4));
      // Eight at a time, and at least once, as the end of a loop over a cell's few weights is not to be foreseen. None of later
      // cells is below.
      const limits = f64x2.splat(limit);
      let at = ordered + (next << 2);
      const end = ordered + (load<u32>(starts + (cell << 2), 4) << 2);
      let below = i64x2.splat(0), sum0 = f64x2.splat(0), sum1 = sum0;
      do {
        const first = v128.load(at), second = v128.load(at, 16);
        const w0 = f64x2.promote_low_f32x4(first), w1 = upper(first), w2 = f64x2.promote_low_f32x4(second), w3 = upper(second);
        const below0 = f64x2.lt(w0, limits), below1 = f64x2.lt(w1, limits), below2 = f64x2.lt(w2, limits), below3 = f64x2.lt(w3, limits);
        below = i64x2.add(below, i64x2.add(i64x2.add(below0, below1), i64x2.add(below2, below3)));
        sum0 = f64x2.add(f64x2.add(sum0, distances(w0, below0, origins)), distances(w2, below2, origins));
        sum1 = f64x2.add(f64x2.add(sum1, distances(w1, below1, origins)), distances(w3, below3, origins));
        at += 32;
      } while (at < end);
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
