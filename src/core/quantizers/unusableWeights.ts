import type { DataType } from '../onnx/dataType';
import type { Moments } from '../statistics/moments';

/** Why weights cannot be quantized, whatever the settings. */
export type UnusableReason = 'not-finite' | 'too-large' | 'too-small';

/**
 * An eighth of what a type holds, float32 for float64 too: some levels lie further out than all weights, and intermediate
 * results in float32 further still, by less than 8 times.
 */
const LARGEST: Partial<Record<DataType, number>> = { float16: 2 ** 13 };
const LARGEST_SINGLE = 2 ** 125;
/** Levels are float32, float64's too, and scales are no subnormal ones: weights that all are below would be lost. */
const SMALLEST_SINGLE = 2 ** -126;

/** @param moments of those of `elements` weights that are finite */
export function unusableReason(
  { count, min, max }: Pick<Moments, 'count' | 'min' | 'max'>, elements: number, dtype: DataType,
): UnusableReason | null {
  if (count < elements) return 'not-finite';
  const largest = Math.max(max, -min);
  if (largest > 0 && largest < SMALLEST_SINGLE) return 'too-small';
  return largest > (LARGEST[dtype] ?? LARGEST_SINGLE) ? 'too-large' : null;
}

export function isUnusable(reason: unknown): reason is UnusableReason {
  return reason === 'not-finite' || reason === 'too-large' || reason === 'too-small';
}
