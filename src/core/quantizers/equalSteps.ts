import { bestScale } from './bestScale';
import { cellSums, fillMidpoints, midpoints, squaredError, type CellSums, type Source } from './source';
import type { UnitCodebook } from './unitQuantizer';

/** Levels lowest + step · k. */
export interface EqualSteps {
  lowest: number;
  step: number;
}

/** Steps by which starts are shifted: from an exactly symmetric one the iteration finds the symmetric optimum only. */
const SHIFTS = [0, -0.3, 0.3, -0.5, 0.5];
const TOLERANCE = 1e-12;
/** More than 2 to 5 bits need. At 8 bits convergence is slow, and what is left to gain below 1e-4 dB. */
const MAX_SWEEPS = 1000;

/**
 * The equidistant levels of least squared error: nearest levels and a least-squares line through the codes, in turns,
 * from the best symmetric mid-rise grid and from shifts of it.
 */
export function equalSteps(source: Source, count: number): EqualSteps {
  const sums = cellSums(count);
  source.cells(new Float64Array(0), sums.mass, sums.moment);
  const mean = sums.moment[0]! / source.mass;
  const half = (count - 1) / 2;
  const centred = Float32Array.from({ length: count }, (_, k) => k - half);
  const step = bestScale(source, { levels: centred, thresholds: midpoints(centred), limit: count / 2 });

  let best = { lowest: mean - half * step, step };
  let least = Infinity;
  for (const shift of SHIFTS) {
    const found = refined(source, count, { lowest: mean + (shift - half) * step, step }, sums);
    if (found.error < least) [best, least] = [found.steps, found.error];
  }
  return best;
}

/** Nearest level, ends of the support half a step beyond the outermost. */
export function equalStepsCodebook({ lowest, step }: EqualSteps, count: number): UnitCodebook {
  const levels = new Float64Array(count);
  fillLevels({ lowest, step }, levels);
  return { levels, thresholds: midpoints(levels), support: [lowest - step / 2, lowest + (count - 0.5) * step] };
}

function fillLevels({ lowest, step }: EqualSteps, levels: Float64Array): void {
  for (let k = 0; k < levels.length; k++) levels[k] = lowest + k * step;
}

/** Least-squares line through codes: `previous` where all weights have one code. */
export function fittedSteps({ mass, moment }: CellSums, previous: EqualSteps): EqualSteps {
  let [m0, m1, m2, y0, y1] = [0, 0, 0, 0, 0];
  for (let k = 0; k < mass.length; k++) {
    const n = mass[k]!;
    m0 += n;
    m1 += k * n;
    m2 += k * k * n;
    y0 += moment[k]!;
    y1 += k * moment[k]!;
  }
  const determinant = m0 * m2 - m1 * m1;
  if (!(determinant > 0)) return previous;
  const step = (m0 * y1 - m1 * y0) / determinant;
  return step > 0 ? { lowest: (y0 - step * m1) / m0, step } : previous;
}

function refined(source: Source, count: number, start: EqualSteps, sums: CellSums): { steps: EqualSteps; error: number } {
  const levels = new Float64Array(count);
  const thresholds = new Float64Array(count - 1);
  const assign = (to: EqualSteps): void => {
    fillLevels(to, levels);
    fillMidpoints(levels, thresholds);
    source.cells(thresholds, sums.mass, sums.moment);
  };
  let steps = start;
  for (let sweep = 0, moved = Infinity; sweep < MAX_SWEEPS && moved > TOLERANCE; sweep++) {
    assign(steps);
    const next = fittedSteps(sums, steps);
    moved = Math.max(Math.abs(next.lowest - steps.lowest), Math.abs(next.step - steps.step));
    steps = next;
  }
  assign(steps);
  return { steps, error: squaredError(source, levels, sums) };
}
