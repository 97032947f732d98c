import { throwIfCancelled } from '../job';
import { adamRow, adamStep, type AdamRow } from '../kernels/adamRow';
import type { MatrixRows } from '../kernels/matrixRows';
import { reconstructionGradient, type ReconstructionRow } from '../kernels/reconstructionGradient';
import { RowNumbers } from '../kernels/rowNumbers';
import { quadraticForm, innerProduct, RowProduct } from '../kernels/rowProduct';
import type { StoredCodebook } from '../quantizers/codebook';
import { keepBest } from './keepBest';
import { codeOf } from './nearest';
import { nearestCodes } from './nearestCodes';
import { firstBook, forEachBlock, momentRows, rowOf } from './problemRows';
import { scheduleOf, type Schedule } from './reconstructionSchedule';
import type { Rounding, RoundingJob } from './rounding';
import type { RoundingCodebook, RoundingProblem } from './roundingProblem';

const ITERATIONS = 4000;
/** Of the greatest level: nearer to a threshold than this a weight is always rounded anew, so that ties fall as `codeOf` has them. */
const MARGIN = 1e-9;

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
  const schedule = scheduleOf(problem, codes, ITERATIONS);
  const isWhole = problem.blockColumns >= columns;
  const codebooks: StoredCodebook[] = [];
  const momentsOf = momentRows(problem);
  for (let row = 0; row < rows; row++) {
    const best = rowOf(codes, problem, row);
    const scale = learnRow(factorCells(problem, row, momentsOf(row), best), schedule, isWhole, best, signal);
    codebooks.push({ levels: Float64Array.from(firstBook(problem, row).levels, (level) => scale * level) });
    onProgress?.((row + 1) / rows);
  }
  return keepBest(problem, isWhole ? { codes, codebooks } : { codes }, signal);
};

/** One row: what its gradient follows from, and its codes. */
interface FactorCells extends ReconstructionRow {
  /** γ, alone. */
  scale: AdamRow;
  /** Of each column. */
  books: RoundingCodebook[];
  codes: Uint8Array;
}

/** @param nearest the codes that it starts with */
function factorCells(problem: RoundingProblem, row: number, moments: MatrixRows, nearest: Uint8Array): FactorCells {
  const { columns } = problem;
  const books = new Array<RoundingCodebook>(columns);
  forEachBlock(problem, row, (book, start, end) => books.fill(book, start, end));
  const numbers = new RowNumbers(columns);
  const cells: FactorCells = {
    books, codes: Uint8Array.from(nearest),
    adam: adamRow(numbers, new Float64Array(columns).fill(1)),
    target: new RowProduct(moments, numbers, rowOf(problem.weights, problem, row)),
    /** C ŵ is γ times this product. */
    levels: new RowProduct(moments, numbers, books.map(({ levels }, j) => levels[nearest[j]!]!)),
    outer: numbers.zeros(),
    scale: adamRow(numbers, [1]),
  };
  for (let j = 0; j < columns; j++) boundFactor(cells, j);
  return cells;
}

/**
 * @param best filled with the codes of least output error on the way
 * @returns their γ
 */
function learnRow(
  cells: FactorCells, { rates, pulls }: Schedule, learnsScale: boolean, best: Uint8Array, signal: RoundingJob['signal'],
): number {
  const { adam, scale, levels, outer, codes } = cells;
  const energy = quadraticForm(cells.target);
  let [least, bestScale] = [Infinity, 1];
  for (let t = 0; t < rates.length; t++) {
    throwIfCancelled(signal);
    const gamma = scale.parameters[0]!;
    const error = energy + energyChange(cells, gamma);
    if (error < least) {
      [least, bestScale] = [error, gamma];
      best.set(codes);
    }
    reconstructionGradient(cells, gamma, pulls[t]!);
    if (learnsScale) {
      scale.gradient[0] = innerProduct(adam.wasm, outer, levels.vector);
      adamStep(scale, rates[t]!);
    }
    const count = adamStep(adam, rates[t]!);
    for (let i = 0; i < count; i++) recode(cells, adam.left[i]!);
  }
  return bestScale;
}

/** What the output error is more than wᵀ C w. */
function energyChange({ adam, levels, target }: FactorCells, gamma: number): number {
  return gamma * (gamma * quadraticForm(levels) - 2 * innerProduct(adam.wasm, levels.vector, target.product));
}

/** Rounds one weight anew. */
function recode(cells: FactorCells, j: number): void {
  const { adam, target, levels, books, codes } = cells;
  const book = books[j]!;
  const code = codeOf(adam.parameters[j]! * target.vector[j]!, book.codebook);
  if (code === codes[j]) return;
  codes[j] = code;
  levels.change(j, book.levels[code]! - levels.vector[j]!);
  boundFactor(cells, j);
}

/** Says between which factors a weight keeps its code for sure. */
function boundFactor({ adam, target, books, codes }: FactorCells, j: number): void {
  const w = target.vector[j]!;
  if (w === 0) return;
  const { levels, thresholds } = books[j]!.codebook;
  const code = codes[j]!;
  const margin = MARGIN * Math.max(Math.abs(levels[0]!), Math.abs(levels[levels.length - 1]!));
  const below = ((code > 0 ? thresholds[code - 1]! : -Infinity) + margin) / w;
  const above = ((code < thresholds.length ? thresholds[code]! : Infinity) - margin) / w;
  adam.low[j] = w > 0 ? below : above;
  adam.high[j] = w > 0 ? above : below;
}
