import { geometricSteps } from './geometricSteps';
import { goldenSection } from './goldenSection';
import { cellSums, squaredError, type Source } from './source';
import type { Shape } from './unitQuantizer';

/** Scales tried before the golden section: about 5 % apart on Laplacian weights. */
const SCANS = 64;
/** More than a scale moves when it is stored as float32. */
const ROUNDING = 1e-6;

/**
 * The scale of a shape with the least squared error on a source: the best of `candidates` and of a geometric scan, then
 * a golden section around it. With the assignment given, the best scale puts the outermost level at or above the mean
 * magnitude (Chebyshev's sum inequality), which is where the scan starts; it ends at twice the largest.
 */
export function bestScale(source: Source, shape: Shape, candidates: readonly number[] = []): number {
  const levels = new Float64Array(shape.levels.length);
  const thresholds = new Float64Array(shape.thresholds.length);
  const sums = cellSums(levels.length);
  const error = (scale: number): number => {
    for (let k = 0; k < levels.length; k++) levels[k] = scale * shape.levels[k]!;
    for (let k = 0; k < thresholds.length; k++) thresholds[k] = scale * shape.thresholds[k]!;
    source.cells(thresholds, sums.mass, sums.moment);
    return squaredError(source, levels, sums);
  };

  const outermost = shape.levels.at(-1)!;
  const first = source.meanMagnitude / outermost;
  const { ratio, steps } = geometricSteps(first, (2 * source.reach) / outermost, SCANS);
  let best = first;
  let least = Infinity;
  // Where thresholds are not midway, a weight that crosses one makes the error jump: no scale is taken that rounding spoils.
  const consider = (scale: number) => {
    const below = error(scale * (1 - ROUNDING));
    if (below >= least) return;
    const above = error(scale * (1 + ROUNDING));
    if (above < least) [best, least] = [scale, Math.max(below, above)];
  };
  consider(first);
  candidates.forEach(consider);
  steps.slice(1).forEach(consider);
  consider(goldenSection(error, best / ratio, best * ratio, 1e-9 * best));
  return best;
}
