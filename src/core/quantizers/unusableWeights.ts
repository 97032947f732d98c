import type { Moments } from '../statistics/moments';

/** Why weights cannot be quantized, whatever the settings. */
export type UnusableReason = 'not-finite' | 'too-large';

/** Levels are stored as float32. Some lie further out than all weights, and intermediate results further still: by less than 8 times. */
const LARGEST = 2 ** 125;

/** @param moments of those of `elements` weights that are finite */
export function unusableReason({ count, min, max }: Pick<Moments, 'count' | 'min' | 'max'>, elements: number): UnusableReason | null {
  if (count < elements) return 'not-finite';
  return Math.max(max, -min) > LARGEST ? 'too-large' : null;
}

export function isUnusable(reason: unknown): reason is UnusableReason {
  return reason === 'not-finite' || reason === 'too-large';
}
