import { assignNearest } from './nearest';
import { forEachBlock, rowOf } from './problemRows';
import type { RoundingProblem } from './roundingProblem';

/** The codes that rounding without calibration gives, [rows, columns]. */
export function nearestCodes(problem: RoundingProblem): Uint8Array {
  const codes = new Uint8Array(problem.rows * problem.columns);
  for (let row = 0; row < problem.rows; row++) {
    const weights = rowOf(problem.weights, problem, row);
    const rowCodes = rowOf(codes, problem, row);
    forEachBlock(problem, row, ({ codebook }, start, end) => {
      assignNearest(weights.subarray(start, end), codebook, rowCodes.subarray(start, end));
    });
  }
  return codes;
}
