/**
 * Of weights spread evenly over `places`, each from a float32 of `lowest` to one of `highest`, with float64 counts `below` each
 * and after the last: sums of the 2nd, 3rd and 4th powers of w − mean into `out` as float64, and the most weights at a place
 * that has more than one value.
 */
export function spreadPowers(below: usize, lowest: usize, highest: usize, places: usize, mean: f64, out: usize): void {
  let m2: f64 = 0, m3: f64 = 0, m4: f64 = 0, most: f64 = 0;
  for (let place: usize = 0; place < places; place++) {
    const n = load<f64>(below + (place << 3), 8) - load<f64>(below + (place << 3));
    const low = <f64>load<f32>(lowest + (place << 2));
    const high = <f64>load<f32>(highest + (place << 2));
    const d = (low + high) / 2 - mean;
    const square = d * d;
    const variance = (high - low) * (high - low) / 12;
    m2 += n * (square + variance);
    m3 += n * d * (square + 3 * variance);
    m4 += n * (square * (square + 6 * variance) + 1.8 * variance * variance);
    if (low != high && n > most) most = n;
  }
  store<f64>(out, m2);
  store<f64>(out, m3, 8);
  store<f64>(out, m4, 16);
  store<f64>(out, most, 24);
}

/** The sum of |w − centre| over the same. */
export function spreadAbsDeviation(below: usize, lowest: usize, highest: usize, places: usize, centre: f64): f64 {
  let sum: f64 = 0;
  for (let place: usize = 0; place < places; place++) {
    const n = load<f64>(below + (place << 3), 8) - load<f64>(below + (place << 3));
    const low = <f64>load<f32>(lowest + (place << 2));
    const high = <f64>load<f32>(highest + (place << 2));
    const mean = low < centre && centre < high
      ? ((centre - low) * (centre - low) + (high - centre) * (high - centre)) / (2 * (high - low))
      : abs((low + high) / 2 - centre);
    sum += n * mean;
  }
  return sum;
}
