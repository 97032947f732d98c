/** Standard deviation of the Gaussian, in steps. */
export const TAU = 0.5;

/** Entries of the table a unit of α, and α from which on a factor is 0 or 1 to 1e-15. */
const RESOLUTION = 512;
const LIMIT = 4;

/**
 * Attention Round's weight of a gradient that is positive, 0.5 + 0.5·erf(α / (√2 τ)), by α; of a negative one it is the rest
 * to 1. A step that takes α away from 0 is damped by the Gaussian tail that it enters. Linear between entries of a table,
 * right to 5e-7.
 */
export function attentionFactor(alpha: number): number {
  const at = Math.min(Math.max((alpha + LIMIT) * RESOLUTION, 0), 2 * LIMIT * RESOLUTION);
  const below = Math.floor(at);
  const factors = attentionFactors();
  const low = factors[below]!;
  return low + (at - below) * (factors[below + 1]! - low);
}

let table: Float64Array | undefined;

/**
 * The table, from −`LIMIT` to `LIMIT`, and one entry more, so that the last has a next one too. Made on first use: every
 * worker would start 2 ms later for it.
 */
export function attentionFactors(): Float64Array {
  return (table ??= gaussianDistribution());
}

/** The distribution function of N(0, τ²), by Simpson’s rule from the centre outwards. */
function gaussianDistribution(): Float64Array {
  const centre = LIMIT * RESOLUTION;
  const factors = new Float64Array(2 * centre + 2);
  const density = (entry: number): number => Math.exp(-0.5 * (entry / RESOLUTION / TAU) ** 2) / (TAU * Math.sqrt(2 * Math.PI));
  factors[centre] = 0.5;
  for (let i = 1; i <= centre; i++) {
    factors[centre + i] = factors[centre + i - 1]! + (density(i - 1) + 4 * density(i - 0.5) + density(i)) / (6 * RESOLUTION);
    factors[centre - i] = 1 - factors[centre + i]!;
  }
  factors[0] = 0;
  factors.fill(1, 2 * centre);
  return factors;
}
