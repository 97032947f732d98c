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
  return { codes: keepBest(problem, codes, signal) };
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
}

function attentionRow(problem: RoundingProblem, row: number, start: () => number): AttentionRow {
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
  const alpha = Float64Array.from(weights, start);
  return { weights, positions, alpha, levels: Float64Array.from(levels), steps: Float64Array.from(steps), first, last };
}

/** @param best filled with the codes of least output error on the way */
function learnRow(
  { weights, positions, alpha, levels, steps, first, last }: AttentionRow, moments: Float32Array, rates: Float64Array,
  signal: RoundingJob['signal'], best: Uint8Array,
): void {
  const columns = weights.length;
  const codes = new Uint8Array(columns);
  const rounded = (j: number): number => Math.floor(positions[j]! + alpha[j]! + 0.5);
  for (let j = 0; j < columns; j++) codes[j] = Math.min(Math.max(rounded(j), 0), last[j]!);
  const error = rowProduct(moments, Float64Array.from(weights, (w, j) => levels[first[j]! + codes[j]!]! - w));
  const { vector, product } = error;

  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  const flipped = new Int32Array(columns);
  let least = Infinity;
  for (let t = 0; t <= rates.length; t++) {
    throwIfCancelled(signal);
    const now = innerProduct(vector, product);
    if (now < least) {
      least = now;
      best.set(codes);
    }
    if (t === rates.length) break;
    const rate = rates[t]!;
    let flips = 0;
    for (let j = 0; j < columns; j++) {
      const a = alpha[j]!;
      const position = positions[j]!;
      const code = codes[j]!;
      const before = Math.floor(position + a + 0.5);
      let gradient = 0;
      if (before === code) {
        gradient = product[j]! * steps[first[j]! + code]!;
        const factor = attentionFactor(a);
        gradient *= gradient > 0 ? factor : 1 - factor;
      }
      const m = BETA1 * mean[j]! + (1 - BETA1) * gradient;
      const v = BETA2 * square[j]! + (1 - BETA2) * gradient * gradient;
      mean[j] = m;
      square[j] = v;
      if (!(v > 0)) continue;
      const next = a - (rate * m) / Math.sqrt(v);
      alpha[j] = next;
      if (Math.floor(position + next + 0.5) !== before) flipped[flips++] = j;
    }
    for (let i = 0; i < flips; i++) {
      const j = flipped[i]!;
      const code = Math.min(Math.max(rounded(j), 0), last[j]!);
      if (code === codes[j]) continue;
      changeEntry(moments, error, j, levels[first[j]! + code]! - levels[first[j]! + codes[j]!]!);
      codes[j] = code;
    }
  }
}
