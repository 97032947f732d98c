export const METHODS = ['uniform'] as const;
export const BIT_WIDTHS = [2, 3, 4, 5, 6, 7, 8] as const;
export const GRANULARITIES = ['tensor', 'channel'] as const;
export const GRIDS = ['symmetric', 'mid-rise', 'affine'] as const;
export const NORMALIZATIONS = ['none', 'layer', 'model'] as const;
export const SUPPORT_REGIONS = [
  'abs-max', 'max-pos', 'abs-min', 'jayant', 'hui', 'hui-neuhoff', 'aciq', 'mse',
] as const;
export const ROUNDINGS = ['nearest'] as const;

export type MethodId = (typeof METHODS)[number];
export type BitWidth = (typeof BIT_WIDTHS)[number];
export type Granularity = (typeof GRANULARITIES)[number];
export type Grid = (typeof GRIDS)[number];
export type Normalization = (typeof NORMALIZATIONS)[number];
export type SupportRegion = (typeof SUPPORT_REGIONS)[number];
export type RoundingId = (typeof ROUNDINGS)[number];

/** How one layer is quantized: every field decided. The same kebab-case ids stand in types, plan file and command line. */
export interface LayerSettings {
  method: MethodId;
  bits: BitWidth;
  granularity: Granularity;
  /** Uniform only: zero is a level, no level at zero, or a free zero point. */
  grid: Grid;
  /** Whose mean and standard deviation the weights are normalised by before the quantizer is designed. */
  normalize: Normalization;
  support: SupportRegion;
  rounding: RoundingId;
}

/** What a plan or a command line says: anything left out takes its default. */
export type PartialSettings = Partial<LayerSettings>;

/**
 * Fills in the defaults: uniform, 8 bits, per channel, measured-optimum support, and a symmetric grid except at 2 bits,
 * where three symmetric levels ruin models and mid-rise keeps four.
 */
export function completeSettings(partial: PartialSettings): LayerSettings {
  const bits = partial.bits ?? 8;
  return {
    method: 'uniform',
    granularity: 'channel',
    grid: bits === 2 ? 'mid-rise' : 'symmetric',
    normalize: 'none',
    support: 'mse',
    rounding: 'nearest',
    ...partial,
    bits,
  };
}

/** A layer by its index in `ModelIndex.layers`, and how to quantize it. */
export interface PlannedLayer {
  layer: number;
  settings: LayerSettings;
}
