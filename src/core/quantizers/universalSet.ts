/**
 * Sums of one term from {1, 1/2, 1/8, 0} and one from {1, 1/4, 1/16, 0}, halved, in the order of the SubsetQ authors'
 * code: 15 magnitudes, each two shifts and an addition in hardware.
 */
export const UNIVERSAL_SET: readonly number[] = [
  ...new Set([1, 0.5, 0.125, 0].flatMap((a) => [1, 0.25, 0.0625, 0].map((b) => (a + b) / 2))),
];

const pools = new Map<number, Float64Array[]>();

/**
 * The candidates of SubsetQ at 2 to 4 bits: every choice of 2^(bits−1) magnitudes of the universal set, divided by its
 * largest, ascending. Those that differ by a factor are one candidate.
 */
export function candidates(bits: number): Float64Array[] {
  let pool = pools.get(bits);
  if (pool === undefined) {
    const byKey = new Map<string, Float64Array>();
    for (const subset of combinations(UNIVERSAL_SET, 2 ** (bits - 1))) {
      const largest = Math.max(...subset);
      const normalised = Float64Array.from(subset, (magnitude) => magnitude / largest).sort();
      const key = normalised.join(' ');
      if (!byKey.has(key)) byKey.set(key, normalised);
    }
    pool = [...byKey.values()];
    pools.set(bits, pool);
  }
  return pool;
}

/** Every choice of `count` items, in lexicographic order of their places. */
export function combinations<Item>(items: readonly Item[], count: number): Item[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]));
}
