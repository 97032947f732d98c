export const METHODS = ['uniform', 'sptq', 'msptq', 'lloyd-max', 'subset', 'apot', 'pwlq', 'n2uq'] as const;
export const BIT_WIDTHS = [2, 3, 4, 5, 6, 7, 8] as const;
export const GRANULARITIES = [
  'tensor', 'channel', 'block:256', 'block:128', 'block:64', 'block:32', 'block:16',
] as const;
export const GRIDS = ['symmetric', 'mid-rise', 'affine'] as const;
export const NORMALIZATIONS = ['none', 'layer', 'model'] as const;
export const SUPPORT_REGIONS = [
  'abs-max', 'max-pos', 'abs-min', 'jayant', 'hui', 'hui-neuhoff', 'aciq', 'mse',
] as const;
export const FITS = ['model', 'data'] as const;
export const MODES = [
  'numerical', 'iterative', 'single-start', 'multi-start', 'laplace', 'gauss', 'mse', 'entropy', 'published', 'calibrated',
] as const;
export const ROUNDINGS = ['nearest', 'gptq', 'attention', 'attention-normal', 'reconstruction'] as const;

export type MethodId = (typeof METHODS)[number];
export type BitWidth = (typeof BIT_WIDTHS)[number];
export type Granularity = (typeof GRANULARITIES)[number];
export type Grid = (typeof GRIDS)[number];
export type Normalization = (typeof NORMALIZATIONS)[number];
export type SupportRegion = (typeof SUPPORT_REGIONS)[number];
/** A named choice, or the limit itself in standard deviations around the mean, both the normalizer's. */
export type Support = SupportRegion | number;
export type Fit = (typeof FITS)[number];
export type Mode = (typeof MODES)[number];
export type RoundingId = (typeof ROUNDINGS)[number];
/** Those that look at what the layer is multiplied by. */
export type CalibratedRounding = Exclude<RoundingId, 'nearest'>;

/** How one layer is quantized: every field decided. The same kebab-case ids stand in types, plan file and command line. */
export interface LayerSettings {
  method: MethodId;
  bits: BitWidth;
  granularity: Granularity;
  /** Uniform only: zero is a level, no level at zero, or a free zero point. */
  grid: Grid;
  /** Whose mean and standard deviation the weights are normalised by before the quantizer is designed. */
  normalize: Normalization;
  /** Uniform only. */
  support: Support;
  /** Designed for the density fitted to the weights or on the weights themselves, where a method can do both. */
  fit: Fit;
  /** A variant of the method, where it has some. */
  mode?: Mode;
  /** Which level each weight gets: the one of its cell, or one chosen for what it does to the layer's outputs. */
  rounding: RoundingId;
}

/** No weight of fewer than 10^12 lies further from their mean (Samuelson, How deviant can you be?, 1968). */
export const LARGEST_LIMIT = 1e6;

/** Whether a value of any type is a support given as a number. */
export function isSupportLimit(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= LARGEST_LIMIT;
}

/** What a plan or a command line says: anything left out takes its default. */
export type PartialSettings = Partial<LayerSettings>;

/** What a method can be set to; the first mode is the default. */
export interface MethodScope {
  bits: readonly BitWidth[];
  granularities: readonly Granularity[];
  modes: readonly Mode[];
  roundings: readonly RoundingId[];
}

/** Reconstruction is SubsetQ's own. */
const ANY_ROUNDING = ROUNDINGS.filter((rounding) => rounding !== 'reconstruction');

/**
 * SubsetQ chooses one subset a tensor; APoT's and PWLQ's widths are those their level sets are defined for. The iterative
 * designs of SPTQ and MSPTQ are two-bit rules.
 */
export function scopeOf(method: MethodId, bits: BitWidth): MethodScope {
  const any = { bits: BIT_WIDTHS, granularities: GRANULARITIES, modes: [], roundings: ANY_ROUNDING };
  switch (method) {
    case 'uniform':
    case 'lloyd-max':
      return any;
    case 'sptq':
    case 'msptq':
      return { ...any, modes: bits === 2 ? ['numerical', 'iterative'] : ['numerical'] };
    case 'subset':
      return { bits: [2, 3, 4], granularities: ['tensor'], modes: ['single-start', 'multi-start'], roundings: ROUNDINGS };
    case 'apot':
      return { ...any, bits: [2, 3, 4, 5] };
    case 'pwlq':
      return { ...any, bits: [3, 4, 5, 6, 7, 8], modes: ['laplace', 'gauss'] };
    case 'n2uq':
      return { ...any, modes: ['mse', 'entropy', 'published', 'calibrated'] };
  }
}

/**
 * Fills in the defaults: uniform, 8 bits or the most the method takes, per channel where it can, measured-optimum support,
 * and a symmetric grid except at 2 bits, where three symmetric levels ruin models and mid-rise keeps four. Methods are
 * designed on the weights: that costs a sort and never loses SQNR against the fitted density.
 */
export function completeSettings(partial: PartialSettings): LayerSettings {
  const method = partial.method ?? 'uniform';
  const bits = partial.bits ?? scopeOf(method, 8).bits.at(-1)!;
  const { granularities, modes: [mode] } = scopeOf(method, bits);
  return {
    granularity: granularities.includes('channel') ? 'channel' : 'tensor',
    grid: bits === 2 ? 'mid-rise' : 'symmetric',
    normalize: 'none',
    support: 'mse',
    fit: 'data',
    ...(mode && { mode }),
    rounding: 'nearest',
    ...partial,
    method,
    bits,
  };
}

/** The methods that look at a setting, where not all do. */
const USERS = {
  grid: ['uniform'],
  support: ['uniform'],
  fit: METHODS.filter((method) => method !== 'uniform' && method !== 'subset'),
} satisfies Partial<Record<keyof LayerSettings, readonly MethodId[]>>;

/** Which of the settings that are named change nothing, since their method does not look at them. */
export function idleSettings(partial: PartialSettings): (keyof typeof USERS)[] {
  const { method = 'uniform' } = partial;
  return (Object.keys(USERS) as (keyof typeof USERS)[])
    .filter((name) => partial[name] !== undefined && !(USERS[name] as readonly MethodId[]).includes(method));
}

/** Width and granularity for a method: those planned where it takes them, else the nearest width, and the tensor. */
export function nearestSettings(
  method: MethodId, { bits, granularity }: Pick<LayerSettings, 'bits' | 'granularity'>,
): Pick<LayerSettings, 'bits' | 'granularity'> {
  const scope = scopeOf(method, bits);
  return {
    bits: scope.bits.reduce((near, width) => (Math.abs(width - bits) < Math.abs(near - bits) ? width : near)),
    granularity: scope.granularities.includes(granularity) ? granularity : 'tensor',
  };
}

/** A layer by its index in `ModelIndex.layers`, and how to quantize it. */
export interface PlannedLayer {
  layer: number;
  settings: LayerSettings;
}
