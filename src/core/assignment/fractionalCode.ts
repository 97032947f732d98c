import type { Codebook } from '../quantizers/codebook';
import { codeOf } from './nearest';

/** Keeps a fractional code off the edge of its cell, so that ties fall as `codeOf` has them. */
const INSIDE = 0.5 - 1e-9;

/**
 * Where a weight lies among the codes: w/s of a uniform grid. On other codebooks it runs in straight lines between
 * thresholds, which lie at halves, and beyond them by the steps of the outermost levels. Clipped and rounded it is
 * `codeOf(weight)`.
 */
export function fractionalCode(weight: number, codebook: Codebook): number {
  const code = codeOf(weight, codebook);
  const last = codebook.levels.length - 1;
  const position = codePosition(weight, code, codebook);
  const lowest = code === 0 ? -Infinity : code - INSIDE;
  const highest = code === last ? Infinity : code + INSIDE;
  return Math.min(Math.max(position, lowest), highest);
}

function codePosition(weight: number, code: number, { levels, thresholds }: Codebook): number {
  const last = levels.length - 1;
  if (last === 0) return 0;
  const isLowest = code === 0;
  const edge = thresholds[isLowest ? 0 : code - 1]!;
  const width = isLowest ? levels[1]! - levels[0]! : code === last ? levels[last]! - levels[last - 1]! : thresholds[code]! - edge;
  return width > 0 ? (isLowest ? 0.5 : code - 0.5) + (weight - edge) / width : code;
}

/** Distance from each level to its neighbours, the mean where there are two; 0 of a lone level. */
export function levelSteps(levels: ArrayLike<number>): Float64Array {
  const last = levels.length - 1;
  return Float64Array.from(levels, (_, k) => {
    const below = Math.max(k - 1, 0);
    const above = Math.min(k + 1, last);
    return above > below ? (levels[above]! - levels[below]!) / (above - below) : 0;
  });
}
