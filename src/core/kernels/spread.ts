import { kernels, type Kernels } from './instance';
import { OUT, PLACES_BELOW, PLACES_HIGHEST, PLACES_LOWEST } from './memoryMap';

/** Weights spread evenly over places, fewer than `CELLS`. */
export interface Spread {
  /** Weights below each place, and after the last all. */
  below: Float64Array;
  /** From where to where the weights of each are. */
  lowest: Float32Array;
  highest: Float32Array;
}

export interface SpreadPowers {
  /** Sums of the 2nd, 3rd and 4th powers of w − mean. */
  m2: number;
  m3: number;
  m4: number;
  /** The most weights at a place that has more than one value. */
  most: number;
}

export function spreadPowers(spread: Spread, mean: number): SpreadPowers {
  const wasm = kernelsOf(spread);
  if (!wasm) return plainPowers(spread, mean);
  wasm.spreadPowers(PLACES_BELOW, PLACES_LOWEST, PLACES_HIGHEST, spread.lowest.length, mean, OUT);
  const [m2, m3, m4, most] = wasm.out;
  return { m2: m2!, m3: m3!, m4: m4!, most: most! };
}

/** The sum of |w − centre|. */
export function spreadAbsDeviation(spread: Spread, centre: number): number {
  const wasm = kernelsOf(spread);
  return wasm
    ? wasm.spreadAbsDeviation(PLACES_BELOW, PLACES_LOWEST, PLACES_HIGHEST, spread.lowest.length, centre)
    : plainAbsDeviation(spread, centre);
}

/** Where they have the spread: that of `filledPlaces`. */
function kernelsOf({ below }: Spread): Kernels | null {
  const wasm = kernels();
  return wasm && below.buffer === wasm.memory.buffer ? wasm : null;
}

function plainPowers({ below, lowest, highest }: Spread, mean: number): SpreadPowers {
  const sums = { m2: 0, m3: 0, m4: 0, most: 0 };
  for (let place = 0; place < lowest.length; place++) {
    const n = below[place + 1]! - below[place]!;
    const low = lowest[place]!;
    const high = highest[place]!;
    const d = (low + high) / 2 - mean;
    const square = d * d;
    const variance = (high - low) * (high - low) / 12;
    sums.m2 += n * (square + variance);
    sums.m3 += n * d * (square + 3 * variance);
    sums.m4 += n * (square * (square + 6 * variance) + 1.8 * variance * variance);
    if (low !== high && n > sums.most) sums.most = n;
  }
  return sums;
}

function plainAbsDeviation({ below, lowest, highest }: Spread, centre: number): number {
  let sum = 0;
  for (let place = 0; place < lowest.length; place++) {
    const low = lowest[place]!;
    const high = highest[place]!;
    const mean = low < centre && centre < high
      ? ((centre - low) * (centre - low) + (high - centre) * (high - centre)) / (2 * (high - low))
      : Math.abs((low + high) / 2 - centre);
    sum += (below[place + 1]! - below[place]!) * mean;
  }
  return sum;
}
