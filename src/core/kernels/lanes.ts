/** Each sum is added up as four, of every fourth weight, which is what SIMD does and plain loops do too. */
export const LANES = 4;

/** @param first of the four */
export function total(sums: Float64Array, first = 0): number {
  return sums[first]! + sums[first + 1]! + sums[first + 2]! + sums[first + 3]!;
}
