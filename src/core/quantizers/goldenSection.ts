const SHRINK = (Math.sqrt(5) - 1) / 2;

/** Where a function that falls and then rises on [low, high] is least, to within `tolerance` (Kiefer, 1953). */
export function goldenSection(f: (x: number) => number, low: number, high: number, tolerance: number): number {
  let left = high - SHRINK * (high - low);
  let right = low + SHRINK * (high - low);
  let atLeft = f(left);
  let atRight = f(right);
  while (high - low > tolerance) {
    if (atLeft <= atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - SHRINK * (high - low);
      atLeft = f(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + SHRINK * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
