import { roundHalfEven } from '../kernels/roundHalfEven';
import type { FloatArray } from '../onnx/dataType';
import type { UniformGrid } from './codebook';
import { sampleDistance } from './sampleDistance';

/** Of a step: as far as bfloat16 puts code 63. */
const NEARLY = 1 / 8;

/**
 * Limits beyond all weights that suit weights which were quantized before, on a grid whose outermost levels they do not use:
 * top · last / m where they lie at whole numbers of units and the outermost at m of `last` that the grid has. Units are
 * steps from the centre (symmetric), half steps of which mid-rise levels are at odd ones, or steps over the whole range
 * (affine). Where a multiple of m is within the grid that one will do: a finer grid has the same levels and more. A sample
 * of other weights shows with the first of them, mostly, that there is no such grid.
 *
 * @param top the limit at which no weight is clipped
 * @param grid of that limit
 */
export function spareLimits(values: FloatArray, top: number, { kind, count, scale, offset, zeroPoint }: UniformGrid): number[] {
  const unit = kind === 'mid-rise' ? 2 : 1;
  const last = kind === 'symmetric' ? zeroPoint : count - 1;
  const origin = zeroPoint - Math.floor(zeroPoint);
  const perUnit = 1 / (last * scale);
  const limits: number[] = [];
  for (let m = last - unit; m * (unit + 1) > last; m -= unit) {
    if (areWhole(values, m * perUnit, offset, origin)) limits.push(top * (last / m));
  }
  return limits;
}

/** Whether a sample of the values is at whole numbers, or nearly, on the line (w − offset) · inverse − origin. */
function areWhole(values: FloatArray, inverse: number, offset: number, origin: number): boolean {
  const distance = sampleDistance(values);
  for (let i = 0; i < values.length; i += distance) {
    const at = (values[i]! - offset) * inverse - origin;
    if (Math.abs(at - roundHalfEven(at)) > NEARLY) return false;
  }
  return true;
}
