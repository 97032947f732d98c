import { forEachBlock, rowMoments, rowOf } from '../assignment/problemRows';
import type { RoundingResult } from '../assignment/rounding';
import type { RoundingProblem } from '../assignment/roundingProblem';
import { storedLevels } from '../encodings/storedLevels';
import { throwIfCancelled, type CancelSignal } from '../job';

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
    noise: total(rowErrors(problem, result, signal)),
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

/** vᵀ C v of each row v of [rows, columns]. Where C is rounded, it may come out a hair below zero: then it is zero. */
function outputEnergies(problem: RoundingProblem, vectors: Float64Array, signal: CancelSignal | undefined): Float64Array {
  const { rows, columns } = problem;
  const energies = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    throwIfCancelled(signal);
    energies[row] = Math.max(0, quadraticForm(rowMoments(problem, row), vectors.subarray(row * columns, (row + 1) * columns)));
  }
  return energies;
}

/** vᵀ C v of a symmetric C, from the triangle below its diagonal. */
function quadraticForm(matrix: Float32Array, vector: Float64Array): number {
  const size = vector.length;
  let form = 0;
  for (let i = 0; i < size; i++) {
    const v = vector[i]!;
    if (v === 0) continue;
    const start = i * size;
    let sum = 0;
    for (let j = 0; j < i; j++) sum += matrix[start + j]! * vector[j]!;
    form += v * (2 * sum + v * matrix[start + i]!);
  }
  return form;
}

function total(numbers: Float64Array): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
