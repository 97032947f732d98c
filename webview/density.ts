import type { PageStatistics } from '../src/protocol/page';

type Fit = NonNullable<PageStatistics['laplace']>;

export function laplaceDensity({ location, scale }: Fit, x: number): number {
  return Math.exp(-Math.abs(x - location) / scale) / (2 * scale);
}

/** `location` is the mean and `scale` the standard deviation. */
export function gaussDensity({ location, scale }: Fit, x: number): number {
  const z = (x - location) / scale;
  return Math.exp((-z * z) / 2) / (scale * Math.sqrt(2 * Math.PI));
}
