import { assignPiece } from '../kernels/assign';
import { piecesOf } from '../kernels/piece';
import type { FloatArray } from '../onnx/dataType';
import type { Codebook, UniformGrid } from '../quantizers/codebook';
import { roundHalfEven } from '../kernels/roundHalfEven';

/**
 * Gives each weight the code of its cell. Ties: on a symmetric or affine grid to the even number of steps from zero, as
 * ONNX's QuantizeLinear rounds; elsewhere outwards from the centre, and the centre itself to the positive side.
 *
 * @param codes as long as `weights`; at most 256 levels
 */
export function assignNearest(weights: FloatArray, codebook: Codebook, codes: Uint8Array): void {
  let at = 0;
  for (const piece of piecesOf(weights)) {
    const some = codes.subarray(at, (at += piece.weights.length));
    if (!assignPiece(piece, codebook, some)) plainAssign(piece.weights, codebook, some);
  }
}

/** `assignNearest` without kernels. */
export function plainAssign(weights: FloatArray, codebook: Codebook, codes: Uint8Array): void {
  const { uniform } = codebook;
  if (!uniform) {
    const { thresholds, centre = 0 } = codebook;
    for (let i = 0; i < weights.length; i++) codes[i] = cellOf(weights[i]!, thresholds, centre);
  } else if (uniform.kind === 'mid-rise') {
    for (let i = 0; i < weights.length; i++) codes[i] = midRiseCode(weights[i]!, uniform);
  } else {
    for (let i = 0; i < weights.length; i++) codes[i] = wholeCode(weights[i]!, uniform);
  }
}

/** The code that `assignNearest` gives one weight. */
export function codeOf(weight: number, codebook: Codebook): number {
  const { uniform } = codebook;
  if (!uniform) return cellOf(weight, codebook.thresholds, codebook.centre ?? 0);
  return (uniform.kind === 'mid-rise' ? midRiseCode : wholeCode)(weight, uniform);
}

/** By binary search, for thresholds of any shape. A weight on a threshold goes to the cell further from `centre`. */
function cellOf(w: number, thresholds: Codebook['thresholds'], centre: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const threshold = thresholds[middle]!;
    if (w > threshold || (w === threshold && w >= centre)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function wholeCode(w: number, { count, scale, zeroPoint, offset }: UniformGrid): number {
  const last = count - 1;
  const code = roundHalfEven((w - offset) / scale) + zeroPoint;
  return code < 0 ? 0 : code > last ? last : code;
}

function midRiseCode(w: number, { count, scale, offset }: UniformGrid): number {
  const last = count - 1;
  const half = count / 2;
  const steps = (w - offset) / scale;
  const code = steps >= 0 ? half + Math.floor(steps) : half - 1 - Math.floor(-steps);
  return code < 0 ? 0 : code > last ? last : code;
}
