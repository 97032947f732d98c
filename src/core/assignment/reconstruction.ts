import { throwIfCancelled } from '../job';
import type { StoredCodebook } from '../quantizers/codebook';
import { BETA1, BETA2, cosineRates } from './adam';
import { keepBest } from './keepBest';
import { codeOf } from './nearest';
import { nearestCodes } from './nearestCodes';
import { firstBook, forEachBlock, rowMoments, rowOf } from './problemRows';
import type { Rounding, RoundingJob } from './rounding';
import type { RoundingCodebook, RoundingProblem } from './roundingProblem';
import { changeEntry, innerProduct, rowProduct } from './rowProduct';

const ITERATIONS = 4000;

/**
 * SubsetQ's reconstruction (Oh, Sim, Kim and Lee, ECCV 2022, as in the authors' code): ŵ = γ·Q(v ⊙ w), with a factor v of
 * each weight and γ of each row learned by Adam, the rounding passed straight through, and besides the output error a pull
 * of |ŵ| to |w| that sets in after a fifth of the iterations and fades. Rates are the authors'.
 *
 * Ours: the outputs are those of the layer itself, not of the block around it, by their second moments, so that 4,000
 * iterations over all inputs take the place of 20,000 over batches; the pull's norm is that of nearest rounding, so that
 * rows are learned one by one; each row keeps its best; rows that are divided into blocks keep γ = 1.
 */
export const reconstruction: Rounding = (problem, { signal, onProgress }) => {
  const { rows, columns } = problem;
  const codes = nearestCodes(problem);
  const schedule = scheduleOf(problem, codes);
  const isWhole = problem.blockColumns >= columns;
  const codebooks: StoredCodebook[] = [];
  for (let row = 0; row < rows; row++) {
    const scale = learnRow(problem, row, schedule, isWhole, rowOf(codes, problem, row), signal);
    codebooks.push({ levels: Float64Array.from(firstBook(problem, row).levels, (level) => scale * level) });
    onProgress?.((row + 1) / rows);
  }
  return keepBest(problem, isWhole ? { codes, codebooks } : { codes }, signal);
};

interface Schedule {
  rates: Float64Array;
  /** Of the gradient of |ŵ| − |w|, by iteration. */
  pulls: Float64Array;
}

/** Rate 5e-4 to three bits and 1e-4 above; the pull is off for a fifth, and then falls from 1e-2 to 1e-3. */
function scheduleOf(problem: RoundingProblem, codes: Uint8Array): Schedule {
  const count = Math.max(...problem.codebooks.map(({ levels }) => levels.length));
  const distance = Math.sqrt(magnitudeError(problem, codes));
  const pulls = Float64Array.from({ length: ITERATIONS }, (_, t) => {
    const past = (t / ITERATIONS - 0.2) / 0.8;
    return past < 0 || distance === 0 ? 0 : (1e-2 + (1e-3 - 1e-2) * past) / distance;
  });
  return { rates: cosineRates(count > 8 ? 1e-4 : 5e-4, ITERATIONS), pulls };
}

/** Σ(|ŵ| − |w|)² */
function magnitudeError(problem: RoundingProblem, codes: Uint8Array): number {
  let sum = 0;
  for (let row = 0; row < problem.rows; row++) {
    const weights = rowOf(problem.weights, problem, row);
    const rowCodes = rowOf(codes, problem, row);
    forEachBlock(problem, row, ({ levels }, start, end) => {
      for (let j = start; j < end; j++) sum += (Math.abs(levels[rowCodes[j]!]!) - Math.abs(weights[j]!)) ** 2;
    });
  }
  return sum;
}

/**
 * @param best the nearest codes; filled with those of least output error on the way
 * @returns their γ
 */
function learnRow(
  problem: RoundingProblem, row: number, { rates, pulls }: Schedule, learnsScale: boolean, best: Uint8Array,
  signal: RoundingJob['signal'],
): number {
  const { columns } = problem;
  const moments = rowMoments(problem, row);
  const weights = Float64Array.from(rowOf(problem.weights, problem, row));
  const books = new Array<RoundingCodebook>(columns);
  forEachBlock(problem, row, (book, start, end) => books.fill(book, start, end));
  const codes = Uint8Array.from(best);
  /** C ŵ = γ · C times the levels, C w does not change. */
  const levels = rowProduct(moments, Float64Array.from(weights, (_, j) => books[j]!.levels[codes[j]!]!));
  const target = rowProduct(moments, weights);
  const energy = innerProduct(weights, target.product);

  const factors = new Float64Array(columns).fill(1);
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  let [scale, scaleMean, scaleSquare] = [1, 0, 0];
  let [least, bestScale] = [Infinity, 1];
  for (let t = 0; t < ITERATIONS; t++) {
    throwIfCancelled(signal);
    const error = scale * (scale * innerProduct(levels.vector, levels.product) - 2 * innerProduct(levels.vector, target.product)) + energy;
    if (error < least) {
      [least, bestScale] = [error, scale];
      best.set(codes);
    }
    let scaleGradient = 0;
    for (let j = 0; j < columns; j++) {
      const w = weights[j]!;
      const level = levels.vector[j]!;
      const rounded = scale * level;
      const pull = pulls[t]! * (rounded < 0 ? rounded + Math.abs(w) : rounded - Math.abs(w));
      const outer = 2 * (scale * levels.product[j]! - target.product[j]!) + pull;
      scaleGradient += outer * level;
      const gradient = outer * scale * w;
      mean[j] = BETA1 * mean[j]! + (1 - BETA1) * gradient;
      square[j] = BETA2 * square[j]! + (1 - BETA2) * gradient * gradient;
      if (square[j]! > 0) factors[j]! -= (rates[t]! * mean[j]!) / Math.sqrt(square[j]!);
    }
    for (let j = 0; j < columns; j++) {
      const book = books[j]!;
      const code = codeOf(factors[j]! * weights[j]!, book.codebook);
      if (code === codes[j]) continue;
      codes[j] = code;
      changeEntry(moments, levels, j, book.levels[code]! - levels.vector[j]!);
    }
    if (!learnsScale) continue;
    scaleMean = BETA1 * scaleMean + (1 - BETA1) * scaleGradient;
    scaleSquare = BETA2 * scaleSquare + (1 - BETA2) * scaleGradient ** 2;
    if (scaleSquare > 0) scale -= (rates[t]! * scaleMean) / Math.sqrt(scaleSquare);
  }
  return bestScale;
}
