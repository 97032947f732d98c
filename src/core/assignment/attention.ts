import { throwIfCancelled } from '../job';
import { adamRow, adamStep } from '../kernels/adamRow';
import { attentionGradient, type AttentionRow } from '../kernels/attentionGradient';
import type { MatrixRows } from '../kernels/matrixRows';
import { RowNumbers } from '../kernels/rowNumbers';
import { quadraticForm, RowProduct } from '../kernels/rowProduct';
import { cosineRates } from './adam';
import { attentionFactors, TAU } from '../kernels/attentionFactor';
import { fractionalCode, levelSteps } from './fractionalCode';
import { gaussian } from './gaussian';
import { keepBest } from './keepBest';
import { forEachBlock, momentRows, rowOf } from './problemRows';
import type { Rounding, RoundingJob, RoundingResult } from './rounding';
import type { RoundingProblem } from './roundingProblem';

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
  const momentsOf = momentRows(problem);
  for (let row = 0; row < rows; row++) {
    learnRow(attentionCells(problem, row, momentsOf(row), start), rates, signal, rowOf(codes, problem, row));
    onProgress?.((row + 1) / rows);
  }
  return keepBest(problem, { codes }, signal);
}

/** One row; a number of each column where not said otherwise. */
interface AttentionCells extends AttentionRow {
  /** In fractions of a code. */
  positions: Float64Array;
  /** Levels of the row's codebooks, one after another, and their steps. */
  levels: Float64Array;
  steps: Float64Array;
  /** Where the levels of the column's codebook start, and its last code. */
  first: Int32Array;
  last: Int32Array;
  codes: Uint8Array;
  /** The level of the code. */
  level: Float64Array;
}

function attentionCells(problem: RoundingProblem, row: number, moments: MatrixRows, start: () => number): AttentionCells {
  const { columns } = problem;
  const weights = rowOf(problem.weights, problem, row);
  const positions = new Float64Array(columns);
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
  const numbers = new RowNumbers(columns);
  const cells: AttentionCells = {
    positions, levels: Float64Array.from(levels), steps: Float64Array.from(steps), first, last, codes: new Uint8Array(columns),
    adam: adamRow(numbers, Float64Array.from(weights, start)), slope: numbers.zeros(), factors: numbers.from(attentionFactors()),
    /** Without an error until they enter a cell. */
    level: Float64Array.from(weights), error: new RowProduct(moments, numbers, []),
  };
  for (let j = 0; j < columns; j++) enterCell(cells, j);
  return cells;
}

/** Rounds one weight anew, with the bounds that α may move in before the next time. */
function enterCell({ positions, adam, levels, steps, first, last, codes, level, slope, error }: AttentionCells, j: number): void {
  const position = positions[j]!;
  const rounded = Math.floor(position + adam.parameters[j]! + 0.5);
  const code = Math.min(Math.max(rounded, 0), last[j]!);
  const next = levels[first[j]! + code]!;
  error.change(j, next - level[j]!);
  codes[j] = code;
  level[j] = next;
  slope[j] = rounded === code ? steps[first[j]! + code]! : 0;
  adam.low[j] = rounded < 0 ? -Infinity : rounded > last[j]! ? last[j]! + 0.5 - position : rounded - 0.5 - position;
  adam.high[j] = rounded > last[j]! ? Infinity : rounded < 0 ? -0.5 - position : rounded + 0.5 - position;
}

/** @param best filled with the codes of least output error on the way */
function learnRow(cells: AttentionCells, rates: Float64Array, signal: RoundingJob['signal'], best: Uint8Array): void {
  const { adam, error, codes } = cells;
  let least = quadraticForm(error);
  best.set(codes);
  for (const rate of rates) {
    throwIfCancelled(signal);
    attentionGradient(cells);
    const count = adamStep(adam, rate);
    if (count === 0) continue;
    for (let i = 0; i < count; i++) enterCell(cells, adam.left[i]!);
    const now = quadraticForm(error);
    if (now >= least) continue;
    least = now;
    best.set(codes);
  }
}
