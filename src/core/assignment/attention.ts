import { throwIfCancelled } from '../job';
import { BETA1, BETA2, cosineRates } from './adam';
import { attentionFactor, TAU } from './attentionFactor';
import { fractionalCode, levelSteps } from './fractionalCode';
import { gaussian } from './gaussian';
import { keepBest } from './keepBest';
import { forEachBlock, rowMoments, rowOf } from './problemRows';
import type { Rounding, RoundingJob, RoundingResult } from './rounding';
import type { RoundingProblem } from './roundingProblem';
import { changeEntry, innerProduct, rowProduct } from './rowProduct';

const ITERATIONS = 2000;
/** In steps. */
const RATE = 3e-3;

/**
 * Attention Round (Diao, Li, Xu and Hao 2022, arXiv 2207.03088), our reconstruction from its abstract: a weight may end on
 * any code, ŵ = s·clip(round(w/s + α)), with α learned by Adam from the error of the layer's outputs. Gradients pass the
 * rounding, weighted by a Gaussian of deviation τ in α (`attentionFactor`); where the clip is active they are zero. Rates,
 * τ, iterations, full batches and keeping the best codes of each row are ours, as is the rounding in units of codes, which
 * takes other codebooks than uniform ones (`fractionalCode`).
 *
 * `attention` starts from α = 0, nearest rounding, and so is deterministic: ours. `attention-normal` draws α from N(0, τ²).
 */
export const attention: Rounding = (problem, job) => attentionRound(problem, job, () => 0);

export const attentionNormal: Rounding = (problem, job) => {
  const normal = gaussian(job.seed);
  return attentionRound(problem, job, () => TAU * normal());
};

function attentionRound(problem: RoundingProblem, { signal, onProgress }: RoundingJob, start: () => number): RoundingResult {
  const { rows, columns } = problem;
  const rates = cosineRates(RATE, ITERATIONS);
  const codes = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    learnRow(attentionRow(problem, row, start), rowMoments(problem, row), rates, signal, rowOf(codes, problem, row));
    onProgress?.((row + 1) / rows);
  }
  return keepBest(problem, { codes }, signal);
}

/** One row; a number of each column where not said otherwise. */
interface AttentionRow {
  weights: Float32Array;
  /** In fractions of a code. */
  positions: Float64Array;
  alpha: Float64Array;
  /** Levels of the row's codebooks, one after another, and their steps. */
  levels: Float64Array;
  steps: Float64Array;
  /** Where the levels of the column's codebook start, and its last code. */
  first: Int32Array;
  last: Int32Array;
  codes: Uint8Array;
  /** What follows from α as long as it stays in [low, high): the level, and its slope in α, 0 where the clip is active. */
  low: Float64Array;
  high: Float64Array;
  level: Float64Array;
  slope: Float64Array;
}

function attentionRow(problem: RoundingProblem, row: number, start: () => number): AttentionRow {
  const { columns } = problem;
  const weights = rowOf(problem.weights, problem, row);
  const numbers = (): Float64Array => new Float64Array(columns);
  const [positions, low, high, level, slope] = [numbers(), numbers(), numbers(), numbers(), numbers()];
  const first = new Int32Array(columns);
  const last = new Int32Array(columns);
  const levels: number[] = [];
  const steps: number[] = [];
  forEachBlock(problem, row, (book, from, to) => {
    first.fill(levels.length, from, to);
    last.fill(book.levels.length - 1, from, to);
    for (let j = from; j < to; j++) positions[j] = fractionalCode(weights[j]!, book.codebook);
    levels.push(...book.levels);
    steps.push(...levelSteps(book.levels));
  });
  const attended = {
    weights, positions, alpha: Float64Array.from(weights, start), levels: Float64Array.from(levels),
    steps: Float64Array.from(steps), first, last, codes: new Uint8Array(columns), low, high, level, slope,
  };
  for (let j = 0; j < columns; j++) enterCell(attended, j);
  return attended;
}

/** Rounds one weight anew. */
function enterCell({ positions, alpha, levels, steps, first, last, codes, low, high, level, slope }: AttentionRow, j: number): void {
  const position = positions[j]!;
  const rounded = Math.floor(position + alpha[j]! + 0.5);
  const code = Math.min(Math.max(rounded, 0), last[j]!);
  codes[j] = code;
  level[j] = levels[first[j]! + code]!;
  slope[j] = rounded === code ? steps[first[j]! + code]! : 0;
  low[j] = rounded < 0 ? -Infinity : rounded > last[j]! ? last[j]! + 0.5 - position : rounded - 0.5 - position;
  high[j] = rounded > last[j]! ? Infinity : rounded < 0 ? -0.5 - position : rounded + 0.5 - position;
}

/** @param best filled with the codes of least output error on the way */
function learnRow(
  row: AttentionRow, moments: Float32Array, rates: Float64Array, signal: RoundingJob['signal'], best: Uint8Array,
): void {
  const { weights, codes, level } = row;
  const error = rowProduct(moments, level.map((each, j) => each - weights[j]!));
  const mean = new Float64Array(weights.length);
  const square = new Float64Array(weights.length);
  const leaving = new Int32Array(weights.length);
  let least = innerProduct(error.vector, error.product);
  best.set(codes);
  for (const rate of rates) {
    throwIfCancelled(signal);
    const count = adamStep(row, error.product, rate, mean, square, leaving);
    if (count === 0) continue;
    for (let i = 0; i < count; i++) {
      const j = leaving[i]!;
      const before = level[j]!;
      enterCell(row, j);
      if (level[j] !== before) changeEntry(moments, error, j, level[j]! - before);
    }
    const now = innerProduct(error.vector, error.product);
    if (now >= least) continue;
    least = now;
    best.set(codes);
  }
}

/**
 * Moves every α, with codes and gradients of before the step.
 * @param leaving filled with the columns whose α leaves its cell
 * @returns how many these are
 */
function adamStep(
  { alpha, low, high, slope }: AttentionRow, product: Float64Array, rate: number, mean: Float64Array, square: Float64Array,
  leaving: Int32Array,
): number {
  let count = 0;
  for (let j = 0; j < alpha.length; j++) {
    const a = alpha[j]!;
    const straight = product[j]! * slope[j]!;
    const factor = attentionFactor(a);
    const gradient = straight * (straight > 0 ? factor : 1 - factor);
    const m = BETA1 * mean[j]! + (1 - BETA1) * gradient;
    const v = BETA2 * square[j]! + (1 - BETA2) * gradient * gradient;
    mean[j] = m;
    square[j] = v;
    if (v === 0) continue;
    const next = a - (rate * m) / Math.sqrt(v);
    alpha[j] = next;
    if (next < low[j]! || next >= high[j]!) leaving[count++] = j;
  }
  return count;
}
