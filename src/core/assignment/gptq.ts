import { upperFactor } from '../calibration/upperFactor';
import { throwIfCancelled, type CancelSignal } from '../job';
import { keepBest } from './keepBest';
import { codeOf } from './nearest';
import { forEachBlock, rowMoments, rowOf } from './problemRows';
import type { Rounding } from './rounding';
import type { RoundingProblem } from './roundingProblem';

/** Of the mean of C's diagonal, added to the diagonal: the authors' 1 %. */
const DAMPING = 0.01;

/**
 * GPTQ (Frantar, Ashkboos, Hoefler and Alistarh 2022, after Optimal Brain Quantization): weights are rounded in the order
 * of their columns, and the error of each is made up for by those that follow, as well as weights that were not to be
 * rounded could. As published: natural order, 1 % damping. The authors update all that follow, by a factor of C⁻¹; here the
 * same numbers come from C = R Rᵀ with R upper triangular: Δwᵀ C Δw = |Rᵀ Δw|², whose entry j has nothing but Δw₀ … Δwⱼ in
 * it, so that the value to be rounded is wⱼ − Σ_{i<j} Rᵢⱼ Δwᵢ / Rⱼⱼ. Ours: any codebook, the nearest codes where they are
 * better in a row, and ten times the damping whenever C is not positive definite.
 */
export const gptq: Rounding = (problem, { signal, onProgress }) => {
  const { rows, columns, moments } = problem;
  const codes = new Uint8Array(rows * columns);
  const perGroup = rows / moments.groups;
  for (let group = 0; group < moments.groups; group++) {
    const factor = dampedFactor(rowMoments(problem, group * perGroup), columns, signal);
    for (let row = group * perGroup; row < (group + 1) * perGroup; row++) {
      throwIfCancelled(signal);
      roundRow(problem, row, factor, rowOf(codes, problem, row));
      onProgress?.((row + 1) / rows);
    }
  }
  return keepBest(problem, { codes }, signal);
};

/** R of the damped C. An input that is always zero has nothing to say about others: any diagonal does, the authors' is 1. */
function dampedFactor(second: Float32Array, columns: number, signal: CancelSignal | undefined): Float64Array {
  let mean = 0;
  for (let j = 0; j < columns; j++) mean += second[j * columns + j]! / columns;
  for (let damping = DAMPING * mean; ; damping *= 10) {
    const factor = Float64Array.from(second);
    for (let j = 0; j < columns; j++) factor[j * columns + j] = (factor[j * columns + j]! || 1) + damping;
    if (upperFactor(factor, columns, signal)) return factor;
  }
}

function roundRow(problem: RoundingProblem, row: number, factor: Float64Array, codes: Uint8Array): void {
  const { columns } = problem;
  const weights = rowOf(problem.weights, problem, row);
  /** Σ Rᵢⱼ Δwᵢ over the columns i rounded so far. */
  const owed = new Float64Array(columns);
  forEachBlock(problem, row, ({ codebook, levels }, start, end) => {
    for (let i = start; i < end; i++) {
      const ownRow = i * columns;
      const code = codeOf(weights[i]! - owed[i]! / factor[ownRow + i]!, codebook);
      const delta = levels[code]! - weights[i]!;
      codes[i] = code;
      if (delta !== 0) for (let j = i + 1; j < columns; j++) owed[j]! += delta * factor[ownRow + j]!;
    }
  });
}
