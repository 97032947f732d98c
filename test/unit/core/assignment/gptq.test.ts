import { expect, it } from 'vitest';
import { gptq } from '../../../../src/core/assignment/gptq';
import { codeOf } from '../../../../src/core/assignment/nearest';
import { nearestCodes } from '../../../../src/core/assignment/nearestCodes';
import { rowErrors } from '../../../../src/core/calibration/outputError';
import { momentsOf, reluInputs, roundingProblem } from './roundingProblems';

/** x with A x = b, by elimination; A is positive definite. */
function solved(a: number[][], b: number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  rows.forEach((pivot, i) => rows.forEach((row, other) => {
    if (other === i) return;
    const factor = row[i]! / pivot[i]!;
    pivot.forEach((value, j) => { row[j]! -= factor * value; });
  }));
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

it('rounds each weight as moved to make up best for the errors before it, with all that follow free', () => {
  const columns = 8;
  const problem = roundingProblem({ rows: 12, columns }, { method: 'uniform', bits: 2, grid: 'mid-rise' }, momentsOf(reluInputs(40, columns), columns));
  const { second } = problem.moments;
  const damping = Array.from({ length: columns }, (_, j) => second[j * columns + j]!).reduce((sum, each) => sum + each) / columns / 100;
  const h = Array.from({ length: columns }, (_, i) => Array.from({ length: columns }, (__, j) => second[i * columns + j]! + (i === j ? damping : 0)));

  const expected = new Uint8Array(problem.weights.length);
  for (let row = 0; row < problem.rows; row++) {
    const { codebook, levels } = problem.codebooks[row]!;
    const deltas: number[] = [];
    for (let i = 0; i < columns; i++) {
      const pulled = h.slice(i).map((hRow) => -deltas.reduce((sum, delta, j) => sum + hRow[j]! * delta, 0));
      const [best] = solved(h.slice(i).map((hRow) => hRow.slice(i)), pulled);
      const weight = problem.weights[row * columns + i]!;
      const code = codeOf(weight + best!, codebook);
      expected[row * columns + i] = code;
      deltas.push(levels[code]! - weight);
    }
  }

  const nearest = nearestCodes(problem);
  const better = rowErrors(problem, { codes: expected }).map((error, row) => Number(error < rowErrors(problem, { codes: nearest })[row]!));
  expect([...better].filter(Boolean).length).toBeGreaterThan(6);
  expect(gptq(problem, { seed: 1 }).codes).toEqual(expected.map((code, i) => (better[Math.floor(i / columns)] ? code : nearest[i]!)));
});
