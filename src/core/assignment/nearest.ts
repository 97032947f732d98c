import type { FloatArray } from '../onnx/dataType';
import type { Codebook, UniformGrid } from '../quantizers/codebook';
import { roundHalfEven } from './roundHalfEven';

/**
 * Gives each weight the code of its cell. Ties: on a symmetric or affine grid to the even number of steps from zero, as
 * ONNX's QuantizeLinear rounds; elsewhere outwards from the centre, and the centre itself to the positive side.
 *
 * @param codes as long as `weights`; at most 256 levels
 */
export function assignNearest(weights: FloatArray, codebook: Codebook, codes: Uint8Array): void {
  const { uniform, levels, thresholds, centre = 0 } = codebook;
  if (!uniform) assignByThreshold(weights, thresholds, centre, codes);
  else if (uniform.kind === 'mid-rise') assignMidRise(weights, uniform, levels.length - 1, codes);
  else assignWhole(weights, uniform, levels.length - 1, codes);
}

/**
 * Assignment for thresholds of any shape, by binary search. A weight on a threshold goes to the cell further from `centre`.
 *
 * @param thresholds ascending
 */
export function assignByThreshold(weights: FloatArray, thresholds: Float64Array, centre: number, codes: Uint8Array): void {
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i] as number;
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const threshold = thresholds[middle] as number;
      if (w > threshold || (w === threshold && w >= centre)) low = middle + 1;
      else high = middle;
    }
    codes[i] = low;
  }
}

function assignWhole(weights: FloatArray, { scale, zeroPoint, offset }: UniformGrid, last: number, codes: Uint8Array): void {
  for (let i = 0; i < weights.length; i++) {
    const code = roundHalfEven(((weights[i] as number) - offset) / scale) + zeroPoint;
    codes[i] = code < 0 ? 0 : code > last ? last : code;
  }
}

function assignMidRise(weights: FloatArray, { scale, offset }: UniformGrid, last: number, codes: Uint8Array): void {
  const half = (last + 1) / 2;
  for (let i = 0; i < weights.length; i++) {
    const steps = ((weights[i] as number) - offset) / scale;
    const code = steps >= 0 ? half + Math.floor(steps) : half - 1 - Math.floor(-steps);
    codes[i] = code < 0 ? 0 : code > last ? last : code;
  }
}
