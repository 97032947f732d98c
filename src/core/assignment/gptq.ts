import { upperFactor } from '../calibration/upperFactor';
import { throwIfCancelled, type CancelSignal } from '../job';
import { addProduct, packed, submatrix } from '../kernels/linearAlgebra';
import { keepBest } from './keepBest';
import { codeOf } from './nearest';
import { bookAt, rowGroups, rowOf, type RowBatch } from './problemRows';
import type { Rounding } from './rounding';
import type { RoundingProblem } from './roundingProblem';

/** Of the mean of C's diagonal, added to the diagonal: the authors' 1 %. */
const DAMPING = 0.01;
/** Columns after which the errors of all of them are made up for at once, in those that follow. */
const PANEL = 128;

/**
 * GPTQ (Frantar, Ashkboos, Hoefler and Alistarh 2022, after Optimal Brain Quantization): weights are rounded in the order
 * of their columns, and the error of each is made up for by those that follow, as well as weights that were not to be
 * rounded could. As published: natural order, 1 % damping. The authors update all that follow, by a factor of C⁻¹; here the
 * same numbers come from C = R Rᵀ with R upper triangular: Δwᵀ C Δw = |Rᵀ Δw|², whose entry j has nothing but Δw₀ … Δwⱼ in
 * it, so that the value to be rounded is wⱼ − Σ_{i<j} Rᵢⱼ Δwᵢ / Rⱼⱼ. Ours: any codebook, the nearest codes where they are
 * better in a row, and ten times the damping whenever C is not positive definite.
 */
export const gptq: Rounding = (problem, { signal, onProgress }) => {
  const { rows, columns } = problem;
  const codes = new Uint8Array(rows * columns);
  for (const { moments, batches } of rowGroups(problem)) {
    const factor = dampedFactor(moments, columns, signal);
    for (const batch of batches) {
      roundRows(problem, batch, factor, codes, signal);
      onProgress?.(batch.end / rows);
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

/** Rounds the rows of a batch, so many columns at a time. */
function roundRows(
  problem: RoundingProblem, { start, end }: RowBatch, factor: Float64Array, codes: Uint8Array, signal: CancelSignal | undefined,
): void {
  const { columns } = problem;
  const count = end - start;
  /** Σ Rᵢⱼ Δwᵢ over the columns i rounded so far. */
  const owed = new Float64Array(count * columns);
  const deltas = new Float64Array(count * PANEL);
  for (let first = 0; first < columns; first += PANEL) {
    throwIfCancelled(signal);
    const after = Math.min(first + PANEL, columns);
    for (let i = 0; i < count; i++) {
      const own = { owed: owed.subarray(i * columns, (i + 1) * columns), deltas: deltas.subarray(i * PANEL, (i + 1) * PANEL) };
      roundPanel(problem, start + i, first, after, factor, own, codes);
    }
    addProduct(
      submatrix(packed(owed, columns), 0, after), packed(deltas, PANEL), submatrix(packed(factor, columns), first, after),
      count, after - first, columns - after,
    );
  }
}

/** Rounds columns [first, after) of a row; `owed` of theirs follows. */
function roundPanel(
  problem: RoundingProblem, row: number, first: number, after: number, factor: Float64Array,
  { owed, deltas }: { owed: Float64Array; deltas: Float64Array }, codes: Uint8Array,
): void {
  const { columns } = problem;
  const weights = rowOf(problem.weights, problem, row);
  for (let i = first; i < after; i++) {
    const { codebook, levels } = bookAt(problem, row, i);
    const ownRow = i * columns;
    const code = codeOf(weights[i]! - owed[i]! / factor[ownRow + i]!, codebook);
    const delta = levels[code]! - weights[i]!;
    codes[row * columns + i] = code;
    deltas[i - first] = delta;
    for (let j = i + 1; j < after; j++) owed[j]! += delta * factor[ownRow + j]!;
  }
}
