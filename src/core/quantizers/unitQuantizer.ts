import type { CancelSignal } from '../job';
import type { Fit, LayerSettings } from '../plan/layerSettings';
import type { Codebook, ScaledLevels } from './codebook';
import type { Normalizer, Quantizer, WeightGroup } from './quantizer';
import { magnitudes, sortedWeights, type SampleLimits, type SortedWeights } from './sortedWeights';
import type { Source } from './source';
import { storableScale } from './storableScale';
import { UNIT_LAPLACIAN } from './unitLaplacian';
import { unsortedMagnitudes } from './unsortedMagnitudes';

/** About a million weights are sorted; beyond, 2,048 cells a deviation change no design by more than two samples differ. */
const FINE: SampleLimits = { most: 1 << 20, cells: 1 << 16 };
/** 512 cells a deviation. */
const COARSE: SampleLimits = { most: 1 << 14, cells: 1 << 14 };

/** A codebook in normalised units, and the largest normalised weight it may clip. */
export interface UnitCodebook {
  /** Ascending, symmetric around 0 or not. */
  levels: ArrayLike<number>;
  thresholds: ArrayLike<number>;
  support: [number, number];
}

/** What a method that works on normalised weights is given. */
export interface UnitGroup {
  /** Largest |z|. */
  reach: number;
  /** Sorts on the first call. */
  weights(): SortedWeights;
  /** The same for designs whose work grows with the number of points. */
  coarseWeights(): SortedWeights;
  /** |z| of every weight, one by one and unsorted: exact for any number of weights, and a pass over them each time. Or of cells. */
  magnitudes(): Source;
  /** What to design for: the unit Laplacian, which has the normalised weights' mean and deviation, or the weights. */
  source(fit: Fit): Source;
  signal: CancelSignal | undefined;
}

/** Codebooks of levels of their own, designed on normalised weights. */
export function unitQuantizer(design: (group: UnitGroup, settings: LayerSettings) => UnitCodebook): Quantizer {
  return {
    design(group, settings, normalizer, signal) {
      if (isConstant(group, normalizer)) return constantCodebook(group.moments.mean);
      const { mean, std } = normalizer;
      const { levels, thresholds, support: [low, high] } = design(unitGroup(group, normalizer, signal), settings);
      return {
        levels: Array.from(levels, (z) => mean + std * z),
        thresholds: Array.from(thresholds, (z) => mean + std * z),
        centre: mean,
        support: [mean + std * low, mean + std * high],
      };
    },
  };
}

/** Levels symmetric around 0, of which a design chooses the scale alone. Thresholds as many as gaps, `limit` the support. */
export interface Shape {
  /** float32 numbers, since that is how they are stored. */
  levels: Float32Array;
  thresholds: Float64Array;
  limit: number;
}

/**
 * Codebooks that all have the levels of one shape, but for scale and offset.
 * @param scaleOf the scale in normalised units
 */
export function shapeQuantizer(
  shapeOf: (settings: LayerSettings) => Shape, scaleOf: (shape: Shape, group: UnitGroup, settings: LayerSettings) => number,
): Quantizer {
  return {
    unitLevels: (settings) => shapeOf(settings).levels,
    design(group, settings, normalizer, signal) {
      const shape = shapeOf(settings);
      const { mean, std } = normalizer;
      if (isConstant(group, normalizer)) return constantShape(shape, group.moments.mean, mean);
      return scaledCodebook(shape, std * scaleOf(shape, unitGroup(group, normalizer, signal), settings), mean);
    },
  };
}

/** Scale and offset are float32 numbers already. */
export function scaledCodebook(shape: Shape, scale: number, offset: number): Codebook & { scaled: ScaledLevels } {
  const stored = { unit: shape.levels, scale: storableScale(scale), offset: Math.fround(offset) };
  const at = (z: number) => stored.offset + stored.scale * z;
  return {
    levels: numbersAt(shape.levels, at),
    thresholds: numbersAt(shape.thresholds, at),
    scaled: stored,
    centre: stored.offset,
    support: [at(-shape.limit), at(shape.limit)],
  };
}

/** `Array.from` takes several times as long, and channels are many. */
function numbersAt(unit: Float32Array | Float64Array, at: (z: number) => number): Float64Array {
  const numbers = new Float64Array(unit.length);
  for (let i = 0; i < unit.length; i++) numbers[i] = at(unit[i]!);
  return numbers;
}

/** Constant weights, which have no deviation to be normalised by. */
function isConstant({ moments }: WeightGroup, { std }: Normalizer): boolean {
  return moments.min === moments.max || !(std > 0);
}

/** An outermost level is the value; around another centre, the offset makes up for what rounds off its distance. */
function constantShape(shape: Shape, value: number, centre: number): Codebook {
  const last = shape.levels.at(-1)!;
  const scale = storableScale(Math.abs(value - centre) / last);
  const outermost = Math.fround(scale * last);
  return scaledCodebook(shape, scale, centre === 0 ? 0 : value - Math.sign(value - centre) * outermost);
}

function constantCodebook(value: number): Codebook {
  return { levels: [value], thresholds: [], centre: value, support: [value, value] };
}

function unitGroup(group: WeightGroup, normalizer: Normalizer, signal: CancelSignal | undefined): UnitGroup {
  const { moments: { min, max } } = group;
  const { mean, std } = normalizer;
  let sorted: SortedWeights | undefined;
  const weights = () => (sorted ??= sortedWeights(group, normalizer, FINE, signal));
  return {
    reach: Math.max(max - mean, mean - min) / std,
    weights,
    coarseWeights: () => sortedWeights(group, normalizer, COARSE, signal),
    magnitudes: () => (group.cells ? magnitudes(weights()) : unsortedMagnitudes(group, normalizer, signal)),
    source: (fit) => (fit === 'model' ? UNIT_LAPLACIAN : weights()),
    signal,
  };
}
