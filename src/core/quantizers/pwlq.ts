import { gaussDistribution, laplaceDistribution, type Distribution } from '../statistics/distributions';
import type { Quantizer } from './quantizer';
import { cellSums, squaredError, type Source } from './source';
import { unitQuantizer, type UnitCodebook } from './unitQuantizer';

/**
 * PWLQ, piecewise linear quantization with two regions that do not overlap (Fang et al., ECCV 2020; details from the
 * authors' code): a dense uniform grid up to a breakpoint p, a sparse one in each tail from p to the largest weight. What
 * the paper calls b bits has 2^(b+1) levels; here `bits` is what a weight takes, so b = bits − 1, and 3 is the least.
 *
 * `fit: model` takes the paper's optimal p for a Gaussian or a Laplacian, `fit: data` also searches ratios p / max as the
 * authors' code does, by squared error on the weights. Weights beyond p take the tail's grid even where a level of the
 * dense one is nearer, as published.
 */
export const pwlq: Quantizer = unitQuantizer((group, { bits, fit, mode }) => {
  const top = group.reach;
  const modelled = optimalBreakpoint(top, mode === 'gauss' ? UNIT_GAUSS_DENSITY : UNIT_LAPLACE_DENSITY);
  const breakpoint = fit === 'model' ? modelled : measuredBreakpoint(group.weights(), bits, top, modelled);
  return pwlqCodebook(bits, top, breakpoint);
});

/** Density and distribution function of zero mean and unit variance. */
export interface UnitDensity {
  density: (z: number) => number;
  distribution: Distribution;
}

export const UNIT_LAPLACE_DENSITY: UnitDensity = {
  density: (z) => Math.SQRT1_2 * Math.exp(-Math.SQRT2 * Math.abs(z)),
  distribution: laplaceDistribution({ location: 0, scale: Math.SQRT1_2 }),
};

export const UNIT_GAUSS_DENSITY: UnitDensity = {
  density: (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI),
  distribution: gaussDistribution({ mean: 0, std: 1 }),
};

/**
 * The breakpoint of least expected error on [−top, top], by bisection: the root of
 * p − 2m + 2m·F(p) + m·f(p)·(2p − m) with m = top. As in the paper, mass beyond m is left out.
 */
export function optimalBreakpoint(top: number, { density, distribution }: UnitDensity): number {
  let low = 0;
  let high = top;
  for (let p = top / 2; low < p && p < high; p = (low + high) / 2) {
    const slope = p - 2 * top + 2 * top * distribution(p) + top * density(p) * (2 * p - top);
    if (slope < 0) low = p;
    else high = p;
  }
  return high;
}

/** Levels from −top to top. The dense grid's most negative code is not among them: its level is the tail's, ±p. */
export function pwlqCodebook(bits: number, top: number, breakpoint: number): UnitCodebook {
  const cells = newCells(bits);
  fillCells(cells, top, breakpoint);
  return { ...cells, support: [-top, top] };
}

/** Levels and thresholds, ascending. */
interface GridCells {
  levels: Float64Array;
  thresholds: Float64Array;
}

function newCells(bits: number): GridCells {
  const count = 2 ** bits - 1;
  return { levels: new Float64Array(count), thresholds: new Float64Array(count - 1) };
}

function fillCells({ levels, thresholds }: GridCells, top: number, breakpoint: number): void {
  const positive = (levels.length - 1) / 2;
  const perTail = (positive + 1) / 2;
  const dense = (2 * breakpoint) / (2 * perTail - 1);
  const sparse = (top - breakpoint) / (perTail - 1);
  const fill = (k: number, level: number, threshold: number): void => {
    levels[positive + k] = level;
    levels[positive - k] = -level;
    thresholds[positive + k - 1] = threshold;
    thresholds[positive - k] = -threshold;
  };
  for (let k = 1; k < perTail; k++) fill(k, k * dense, (k - 0.5) * dense);
  fill(perTail, breakpoint, breakpoint);
  for (let k = 1; k < perTail; k++) fill(perTail + k, breakpoint + k * sparse, breakpoint + (k - 0.5) * sparse);
}

/** The ratio p / top by tenths, then hundredths and thousandths around the best; never worse than `modelled`. */
function measuredBreakpoint(source: Source, bits: number, top: number, modelled: number): number {
  let best = modelled;
  let least = Infinity;
  const cells = newCells(bits);
  const sums = cellSums(cells.levels.length);
  const consider = (p: number) => {
    if (p <= 0 || p >= top) return;
    fillCells(cells, top, p);
    source.cells(cells.thresholds, sums.mass, sums.moment);
    const error = squaredError(source, cells.levels, sums);
    if (error < least) [best, least] = [p, error];
  };
  consider(modelled);
  for (let tenth = 1; tenth <= 9; tenth++) consider((top * tenth) / 10);
  for (const step of [0.01, 0.001]) {
    const around = best;
    for (let i = -10; i <= 10; i++) consider(around + i * step * top);
  }
  return best;
}
