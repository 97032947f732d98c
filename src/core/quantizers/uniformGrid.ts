import { roundHalfEven } from '../kernels/roundHalfEven';
import type { BitWidth, Grid } from '../plan/layerSettings';
import type { UniformGrid } from './codebook';
import { storableScale } from './storableScale';

/**
 * The grid whose support reaches `limit` to either side of `centre`; all numbers in the units of the weights.
 * - `mid-rise`: 2^bits levels in the middles of 2^bits equal cells over the support, none at the centre.
 * - `symmetric`: 2^bits − 1 levels from −limit to +limit, one at the centre (no code −2^(bits−1)).
 * - `affine`: 2^bits levels over the part of [min, max] within the support, widened to contain the centre, which is a
 *   level too: abs-max gives the usual min/max range.
 *
 * Scale and offset are float32 numbers already, since that is how they are stored.
 */
export function uniformGrid(
  kind: Grid, bits: BitWidth, centre: number, limit: number, range: { min: number; max: number },
): UniformGrid {
  const offset = Math.fround(centre);
  const count = levelCount(kind, bits);
  const last = count - 1;
  switch (kind) {
    case 'mid-rise':
      return { kind, count, offset, scale: storableScale((2 * limit) / count), zeroPoint: last / 2 };
    case 'symmetric':
      return { kind, count, offset, scale: storableScale(limit / (last / 2)), zeroPoint: last / 2 };
    case 'affine': {
      const [low, high] = affineRange(centre, limit, range);
      const scale = storableScale((high - low) / last);
      return { kind, count, offset, scale, zeroPoint: Math.min(last, roundHalfEven(-low / scale)) };
    }
  }
}

/** The grid that has `value`, the only weight there is, as a level: as float32, and on a mid-rise grid, which has none at its centre, 2^-127 beside that. */
export function constantGrid(kind: Grid, bits: BitWidth, centre: number, value: number): UniformGrid {
  const distance = Math.abs(value - centre);
  const count = levelCount(kind, bits);
  const last = count - 1;
  const offset = Math.fround(centre);
  switch (kind) {
    case 'mid-rise':
      return { kind, count, offset, scale: storableScale(2 * distance), zeroPoint: last / 2 };
    case 'symmetric':
      return { kind, count, offset, scale: storableScale(distance), zeroPoint: last / 2 };
    case 'affine':
      return { kind, count, offset, scale: storableScale(distance), zeroPoint: value < centre ? last : 0 };
  }
}

/** Number of codes a grid uses. */
export function levelCount(kind: Grid, bits: BitWidth): number {
  return kind === 'symmetric' ? (1 << bits) - 1 : 1 << bits;
}

/** The clip range of an affine grid, relative to its centre. */
export function affineRange(centre: number, limit: number, { min, max }: { min: number; max: number }): [number, number] {
  return [Math.min(0, Math.max(min - centre, -limit)), Math.max(0, Math.min(max - centre, limit))];
}

/** A range as much wider, seen from the centre, as a limit is beyond all of it. */
export function widened(range: { min: number; max: number }, centre: number, limit: number): { min: number; max: number } {
  const reach = Math.max(range.max - centre, centre - range.min);
  if (limit <= reach) return range;
  const factor = limit / reach;
  return { min: centre + factor * (range.min - centre), max: centre + factor * (range.max - centre) };
}
