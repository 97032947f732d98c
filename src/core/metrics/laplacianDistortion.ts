import type { Codebook, UniformGrid } from '../quantizers/codebook';
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
  const first = levels[0]!;
  let distortion = 1 - Math.SQRT2 * first + first * first;
  for (let i = 0; i < thresholds.length; i++) {
    const t = thresholds[i]!;
    const inner = levels[i]!;
    const outer = levels[i + 1]!;
    distortion += Math.exp(-Math.SQRT2 * t) * (inner - outer) * (2 * t - inner - outer + Math.SQRT2);
  }
  return distortion;
}

/**
 * Mean squared error that any codebook has on weights of a fitted Laplacian: its density integrated over the codebook's
 * cells in closed form. A scale of 0 stands for constant weights.
 */
export function predictedMse({ levels, thresholds }: Cells, { location, scale }: Pick<LaplaceFit, 'location' | 'scale'>): number {
  if (scale === 0) return constantError({ levels, thresholds }, location);
  let mse = 0;
  let from = BELOW_ALL;
  for (let k = 0; k < levels.length; k++) {
    const to = edgeAt(k === thresholds.length ? Infinity : (thresholds[k]! - location) / scale);
    mse += scale * scale * cellError(from, to, (levels[k]! - location) / scale);
    from = to;
  }
  return mse;
}

/**
 * The same of a grid, in as many steps whatever its levels: whole cells on one side of the density's centre have errors in
 * geometric progression. @param fit its scale is positive
 */
export function predictedGridMse({ count, scale, zeroPoint, offset }: UniformGrid, fit: Pick<LaplaceFit, 'location' | 'scale'>): number {
  const step = scale / fit.scale;
  const half = step / 2;
  const last = count - 1;
  const lowest = (offset - fit.location) / fit.scale - step * zeroPoint;
  const levelAt = (k: number): number => lowest + step * k;
  const central = Math.max(0, Math.min(last, Math.round(-lowest / step)));
  const below = edgeAt(central === 0 ? -Infinity : levelAt(central) - half);
  const above = edgeAt(central === last ? Infinity : levelAt(central) + half);
  let mse = cellError(below, above, levelAt(central));
  if (central > 0) mse += cellError(BELOW_ALL, edgeAt(lowest + half), lowest);
  if (central < last) mse += cellError(edgeAt(levelAt(last) - half), ABOVE_ALL, levelAt(last));
  const whole = wholeCellError(half) / Math.expm1(-step);
  if (central > 1) mse += whole * 2 * below.tail * Math.expm1((1 - central) * step);
  if (central < last - 1) mse += whole * 2 * above.tail * Math.expm1((central + 1 - last) * step);
  return fit.scale * fit.scale * mse;
}

/** Wider cells have digits to spare in the closed form. */
const NARROW = 1;

/** e^{−h} ∫ u² cosh u du over [0, h]: the error of a cell from 0 to 2h. */
function wholeCellError(h: number): number {
  if (h > NARROW) {
    const far = Math.exp(-2 * h);
    return (h * h * (1 - far)) / 2 - h * (1 + far) + (1 - far);
  }
  let sum = 0;
  let term = h ** 3;
  for (let j = 0; term > Number.EPSILON * sum; j++, term *= (h * h) / (2 * j * (2 * j - 1))) sum += term / (2 * j + 3);
  return Math.exp(-h) * sum;
}

function constantError({ levels, thresholds }: Cells, location: number): number {
  let k = 0;
  while (k < thresholds.length && thresholds[k]! <= location) k++;
  return (levels[k]! - location) ** 2;
}

/** A place on the line of the unit density, and what of it lies beyond on the same side of 0. */
interface Edge {
  at: number;
  tail: number;
}

/** Two cells share one, and with it its exponential, which is most of the work. */
function edgeAt(at: number): Edge {
  return { at, tail: 0.5 * Math.exp(-Math.abs(at)) };
}

const CENTRE = edgeAt(0);
const BELOW_ALL = edgeAt(-Infinity);
const ABOVE_ALL = edgeAt(Infinity);

/** ∫ (z − y)² e^{−|z|}/2 dz over [from, to]. Each side of 0 is taken by itself, so that no large terms cancel. */
function cellError(from: Edge, to: Edge, y: number): number {
  if (to.at <= 0) return tailError(to, -y) - tailError(from, -y);
  if (from.at < 0) return tailError(CENTRE, -y) - tailError(from, -y) + (tailError(CENTRE, y) - tailError(to, y));
  return tailError(from, y) - tailError(to, y);
}

/** ∫ (z − y)² e^{−z}/2 dz over [|at|, ∞). */
function tailError({ at, tail }: Edge, y: number): number {
  const d = Math.abs(at) - y;
  return tail === 0 ? 0 : tail * (d * d + 2 * d + 2);
}
