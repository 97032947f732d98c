import type { Codebook } from '../quantizers/codebook';
import type { LaplaceFit } from '../statistics/layerStatistics';

/** The part of a codebook that its error depends on: levels and the thresholds between them, ascending. */
export interface Cells {
  levels: ArrayLike<number>;
  thresholds: Codebook['thresholds'];
}

/**
 * Mean squared error of a symmetric quantizer with an even number of levels on the zero-mean, unit-variance Laplacian, in
 * closed form.
 *
 * @param levels the positive half, ascending; the last one serves the overload region too
 * @param thresholds between them, one fewer; the one at zero is left out
 */
export function unitLaplacianDistortion(levels: ArrayLike<number>, thresholds: ArrayLike<number>): number {
  const first = levels[0] as number;
  let distortion = 1 - Math.SQRT2 * first + first * first;
  for (let i = 0; i < thresholds.length; i++) {
    const t = thresholds[i] as number;
    const inner = levels[i] as number;
    const outer = levels[i + 1] as number;
    distortion += Math.exp(-Math.SQRT2 * t) * (inner - outer) * (2 * t - inner - outer + Math.SQRT2);
  }
  return distortion;
}

/**
 * Mean squared error that any codebook has on weights of a fitted Laplacian: its density integrated over the codebook's
 * cells in closed form. A scale of 0 stands for constant weights.
 */
export function predictedMse({ levels, thresholds }: Cells, { location, scale }: Pick<LaplaceFit, 'location' | 'scale'>): number {
  let mse = 0;
  for (let k = 0; k < levels.length; k++) {
    const from = k === 0 ? -Infinity : (thresholds[k - 1] as number) - location;
    const to = k === thresholds.length ? Infinity : (thresholds[k] as number) - location;
    const level = (levels[k] as number) - location;
    if (scale > 0) mse += scale * scale * cellError(from / scale, to / scale, level / scale);
    else if (from <= 0 && 0 < to) mse += level * level;
  }
  return mse;
}

/** ∫ (z − y)² e^{−|z|}/2 dz over [from, to]. Each side of 0 is taken by itself, so that no large terms cancel. */
function cellError(from: number, to: number, y: number): number {
  if (to <= 0) return cellError(-to, -from, -y);
  if (from < 0) return cellError(0, -from, -y) + cellError(0, to, y);
  return tailError(from, y) - tailError(to, y);
}

/** ∫ (z − y)² e^{−z}/2 dz over [from, ∞), from >= 0. */
function tailError(from: number, y: number): number {
  const d = from - y;
  return from === Infinity ? 0 : 0.5 * Math.exp(-from) * (d * d + 2 * d + 2);
}
