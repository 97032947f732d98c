import { forEachBlock, rowGroups, rowOf } from '../assignment/problemRows';
import type { RoundingResult } from '../assignment/rounding';
import type { RoundingProblem } from '../assignment/roundingProblem';
import { storedLevels } from '../encodings/storedLevels';
import { throwIfCancelled, type CancelSignal } from '../job';
import { addProduct, packed, submatrix, type Matrix } from '../kernels/linearAlgebra';

/** Columns whose products are found at once: half of what is left of each is known by symmetry. */
const PANEL = 256;

/** What quantization does to a layer's outputs: sums over rows of means over the calibration positions. */
export interface OutputError {
  /** Σ E[(w·x)²] = Σ wᵀ C w */
  signal: number;
  /** Σ E[(Δw·x)²] = Σ Δwᵀ C Δw */
  noise: number;
}

/**
 * The calibrated SQNR of a layer is 10·log10(signal / noise) of this.
 * @throws CoreError `cancelled`
 */
export function outputError(problem: RoundingProblem, result: RoundingResult, signal?: CancelSignal): OutputError {
  return {
    signal: total(outputEnergies(problem, Float64Array.from(problem.weights), signal)),
    noise: total(result.errors ?? rowErrors(problem, result, signal)),
  };
}

/**
 * Δwᵀ C Δw of each row.
 * @throws CoreError `cancelled`
 */
export function rowErrors(problem: RoundingProblem, result: RoundingResult, signal?: CancelSignal): Float64Array {
  const { weights } = problem;
  return outputEnergies(problem, roundedWeights(problem, result).map((level, i) => level - weights[i]!), signal);
}

/** The weights that codes stand for, [rows, columns]: numbers of float32. */
export function roundedWeights(problem: RoundingProblem, { codes, codebooks }: RoundingResult): Float64Array {
  const rounded = new Float64Array(codes.length);
  for (let row = 0; row < problem.rows; row++) {
    const rowCodes = rowOf(codes, problem, row);
    const own = codebooks && storedLevels(codebooks[row]!, 'float32', 256);
    forEachBlock(problem, row, ({ levels }, start, end) => {
      for (let j = start; j < end; j++) rounded[row * problem.columns + j] = (own ?? levels)[rowCodes[j]!]!;
    });
  }
  return rounded;
}

/** vᵀ C v of each row v of [rows, columns]. */
function outputEnergies(problem: RoundingProblem, vectors: Float64Array, signal: CancelSignal | undefined): Float64Array {
  const { rows, columns } = problem;
  const energies = new Float64Array(rows);
  for (const { moments, batches } of rowGroups(problem)) {
    for (const { start, end } of batches) {
      throwIfCancelled(signal);
      energies.set(quadraticForms(moments, vectors.subarray(start * columns, end * columns), columns), start);
    }
  }
  return energies;
}

/** vᵀ C v of several rows v. Where C is rounded, it may come out a hair below zero: then it is zero. */
function quadraticForms(matrix: Float32Array, vectors: Float64Array, columns: number): Float64Array {
  const forms = new Float64Array(vectors.length / columns);
  for (let start = 0; start < columns; start += PANEL) {
    const width = Math.min(PANEL, columns - start);
    const products = panelProducts(packed(matrix, columns), packed(vectors, columns), forms.length, start, width, columns);
    for (let row = 0; row < forms.length; row++) {
      const own = row * columns + start;
      for (let j = 0; j < width; j++) forms[row]! += vectors[own + j]! * products[row * width + j]!;
    }
  }
  return forms.map((form) => Math.max(0, form));
}

/** Of v · C the columns of a panel, from entries of v there and, twice, from those after it: C is symmetric. */
function panelProducts(
  matrix: Matrix, vectors: Matrix, rows: number, start: number, width: number, columns: number,
): Float64Array {
  const products = new Float64Array(rows * width);
  const end = start + width;
  addProduct(packed(products, width), submatrix(vectors, 0, end), submatrix(matrix, end, start), rows, columns - end, width);
  for (let i = 0; i < products.length; i++) products[i]! *= 2;
  addProduct(packed(products, width), submatrix(vectors, 0, start), submatrix(matrix, start, start), rows, width, width);
  return products;
}

function total(numbers: Float64Array): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
