import { expect, it } from 'vitest';
import { gptq } from '../../../../src/core/assignment/gptq';
import { codeOf } from '../../../../src/core/assignment/nearest';
import { nearestCodes } from '../../../../src/core/assignment/nearestCodes';
import { rowErrors } from '../../../../src/core/calibration/outputError';
import type { RoundingProblem } from '../../../../src/core/assignment/roundingProblem';
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

/** R of C = R Rᵀ, upper triangular, column by column from the last. */
function factorOf(c: number[][]): number[][] {
  const factor = c.map((row) => row.map(() => 0));
  for (let i = c.length - 1; i >= 0; i--) {
    for (let j = i; j >= 0; j--) {
      let rest = c[j]![i]!;
      for (let k = i + 1; k < c.length; k++) rest -= factor[j]![k]! * factor[i]![k]!;
      factor[j]![i] = i === j ? Math.sqrt(rest) : rest / factor[i]![i]!;
    }
  }
  return factor;
}

/** Codes of each row by the rule alone: wⱼ − Σ_{i<j} Rᵢⱼ Δwᵢ / Rⱼⱼ to the nearest level. */
function codesByTheRule({ rows, columns, weights, codebooks, codebookOf, blockColumns, moments }: RoundingProblem): Uint8Array {
  const perGroup = rows / moments.groups;
  const codes = new Uint8Array(rows * columns);
  for (let group = 0; group < moments.groups; group++) {
    const at = (i: number, j: number): number => moments.second[(group * columns + i) * columns + j]!;
    const damping = Array.from({ length: columns }, (_, j) => at(j, j)).reduce((sum, each) => sum + each) / columns / 100;
    const factor = factorOf(Array.from({ length: columns }, (_, i) => Array.from({ length: columns }, (__, j) => at(i, j) + (i === j ? damping : 0))));
    for (let row = group * perGroup; row < (group + 1) * perGroup; row++) {
      const deltas: number[] = [];
      for (let j = 0; j < columns; j++) {
        const { codebook, levels } = codebooks[codebookOf[row * Math.ceil(columns / blockColumns) + Math.floor(j / blockColumns)]!]!;
        const owed = deltas.reduce((sum, delta, i) => sum + factor[i]![j]! * delta, 0);
        const code = codeOf(weights[row * columns + j]! - owed / factor[j]![j]!, codebook);
        codes[row * columns + j] = code;
        deltas.push(levels[code]! - weights[row * columns + j]!);
      }
    }
  }
  return codes;
}

it.each([
  { rows: 70, columns: 300, groups: 1, granularity: 'channel' },
  { rows: 40, columns: 150, groups: 2, granularity: 'block:32' },
  { rows: 33, columns: 129, groups: 1, granularity: 'tensor' },
] as const)('of $rows × $columns in $groups groups is what the rule gives row by row, $granularity', ({ rows, columns, groups, granularity }) => {
  const moments = momentsOf(reluInputs(200, groups * columns), columns, groups);
  const problem = roundingProblem({ rows, columns, groups }, { method: 'uniform', bits: 4, granularity }, moments);
  const expected = codesByTheRule(problem);
  const rounded = gptq(problem, { seed: 1 }).codes;
  const nearest = nearestCodes(problem);
  const kept = Array.from({ length: rows }, (_, row) => {
    const of = (codes: Uint8Array): string => codes.subarray(row * columns, (row + 1) * columns).join();
    return of(rounded) === of(expected) ? 'rule' : of(rounded) === of(nearest) ? 'nearest' : 'other';
  });
  expect(kept).not.toContain('other');
  expect(kept.filter((each) => each === 'rule').length).toBeGreaterThan(rows * 0.9);
});
