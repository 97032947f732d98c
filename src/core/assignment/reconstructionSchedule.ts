import { cosineRates } from './adam';
import { forEachBlock, rowOf } from './problemRows';
import type { RoundingProblem } from './roundingProblem';

/** What changes from iteration to iteration. */
export interface Schedule {
  rates: Float64Array;
  /** Of the gradient of |ŵ| − |w|, by iteration. */
  pulls: Float64Array;
}

/** Rate 5e-4 to three bits and 1e-4 above; the pull is off for a fifth, and then falls from 1e-2 to 1e-3. @param codes the nearest */
export function scheduleOf(problem: RoundingProblem, codes: Uint8Array, iterations: number): Schedule {
  const count = Math.max(...problem.codebooks.map(({ levels }) => levels.length));
  const distance = Math.sqrt(magnitudeError(problem, codes));
  const pulls = Float64Array.from({ length: iterations }, (_, t) => {
    const past = (t / iterations - 0.2) / 0.8;
    return past < 0 || distance === 0 ? 0 : (1e-2 + (1e-3 - 1e-2) * past) / distance;
  });
  return { rates: cosineRates(count > 8 ? 1e-4 : 5e-4, iterations), pulls };
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
