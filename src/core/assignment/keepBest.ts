import { rowErrors } from '../calibration/outputError';
import type { CancelSignal } from '../job';
import { nearestCodes } from './nearestCodes';
import { rowOf } from './problemRows';
import type { RoundingProblem } from './roundingProblem';

/** Of each row the codes with less output error, the nearest ones where both have as much. Overwrites `codes`. */
export function keepBest(problem: RoundingProblem, codes: Uint8Array, signal?: CancelSignal): Uint8Array {
  const nearest = nearestCodes(problem);
  const found = rowErrors(problem, { codes }, signal);
  const before = rowErrors(problem, { codes: nearest }, signal);
  for (let row = 0; row < problem.rows; row++) {
    if (!(found[row]! < before[row]!)) rowOf(codes, problem, row).set(rowOf(nearest, problem, row));
  }
  return codes;
}
