import type { CancelSignal } from '../job';
import { SUPPORT_REGIONS, type BitWidth, type Grid, type LayerSettings } from '../plan/layerSettings';
import type { Codebook } from './codebook';
import { GridCodebook } from './gridCodebook';
import { mseSupport } from './mseSupport';
import type { Normalizer, Quantizer, WeightGroup } from './quantizer';
import { absMax, supportLimit } from './supportRegion';
import { affineRange, constantGrid, levelCount, uniformGrid, widened } from './uniformGrid';

/** Support regions that have a formula. */
const NAMED = SUPPORT_REGIONS.filter((region) => region !== 'mse');

/**
 * Uniform quantization: equal steps over a support region around the normalizer's mean, on one of three grids. Constant
 * weights get a grid with their value among its levels, whatever the support.
 */
export const uniform: Quantizer = {
  design(group, { bits, grid, support }, normalizer, signal): Codebook {
    const { mean } = normalizer;
    const { moments } = group;
    if (moments.min === moments.max) return constantCodebook(grid, bits, mean, moments.min);

    const limit = uniformLimit(group, { bits, grid, support }, normalizer, signal);
    const range = support === 'mse' ? spanned(group, grid, mean, limit) : moments;
    const [low, high] = grid === 'affine' ? affineRange(mean, limit, range) : [-limit, limit];
    return new GridCodebook(uniformGrid(grid, bits, mean, limit, range), [mean + low, mean + high]);
  },
};

/** How far settings' support reaches from the normalizer's mean, in the units of the weights; these are not all equal. */
export function uniformLimit(
  group: WeightGroup, { bits, grid, support }: Pick<LayerSettings, 'bits' | 'grid' | 'support'>, normalizer: Normalizer,
  signal?: CancelSignal,
): number {
  return support === 'mse'
    ? measuredLimit(group, grid, bits, normalizer, signal)
    : supportLimit(support, bits, group, normalizer);
}

function measuredLimit(
  group: WeightGroup, grid: Grid, bits: BitWidth, normalizer: Normalizer, signal: CancelSignal | undefined,
): number {
  const centre = normalizer.mean;
  const count = levelCount(grid, bits);
  // The outermost mid-rise level lies half a step within the support.
  const top = absMax(group.moments, centre) * (grid === 'mid-rise' ? count / (count - 1) : 1);
  const named = NAMED.map((region) => supportLimit(region, bits, group, normalizer)).filter((limit) => limit > 0);
  const gridAt = (to: number) => uniformGrid(grid, bits, centre, to, spanned(group, grid, centre, to));
  return mseSupport(group, centre, top, named, gridAt, signal);
}

/** What the search's grids are laid over: others than affine ones reach as far as their limit without. */
function spanned({ moments }: WeightGroup, grid: Grid, centre: number, limit: number): { min: number; max: number } {
  return grid === 'affine' ? widened(moments, centre, limit) : moments;
}

function constantCodebook(grid: Grid, bits: BitWidth, centre: number, value: number): Codebook {
  return new GridCodebook(constantGrid(grid, bits, centre, value), [value, value]);
}
