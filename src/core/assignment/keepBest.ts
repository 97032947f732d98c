import { rowErrors } from '../calibration/outputError';
import type { CancelSignal } from '../job';
import { nearestCodes } from './nearestCodes';
import { firstBook, rowOf } from './problemRows';
import type { RoundingResult } from './rounding';
import type { RoundingProblem } from './roundingProblem';

/**
 * Of each row what has less output error, as `found` has it or the nearest codes of the problem's levels; these where both
 * have as much. Overwrites what `found` holds, and returns the errors of what is kept with it.
 */
export function keepBest(problem: RoundingProblem, found: RoundingResult, signal?: CancelSignal): RoundingResult {
  const nearest = nearestCodes(problem);
  const errors = rowErrors(problem, found, signal);
  const before = rowErrors(problem, { codes: nearest }, signal);
  for (let row = 0; row < problem.rows; row++) {
    if (errors[row]! < before[row]!) continue;
    errors[row] = before[row]!;
    rowOf(found.codes, problem, row).set(rowOf(nearest, problem, row));
    if (found.codebooks) found.codebooks[row] = { levels: Float64Array.from(firstBook(problem, row).levels) };
  }
  return { ...found, errors };
}
