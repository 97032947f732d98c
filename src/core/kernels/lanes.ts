/** Each sum is added up as four, of every fourth weight, which is what SIMD does and plain loops do too. */
export const LANES = 4;

export function total(sums: Float64Array): number {
  return sums[0]! + sums[1]! + sums[2]! + sums[3]!;
}
