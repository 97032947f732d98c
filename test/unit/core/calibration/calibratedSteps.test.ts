import { expect, it } from 'vitest';
import { nearestCodes } from '../../../../src/core/assignment/nearestCodes';
import { calibratedSteps, stepsLearned } from '../../../../src/core/calibration/calibratedSteps';
import { nodesOf, thresholdGradient } from '../../../../src/core/calibration/learnedThresholds';
import { outputError, roundedWeights, rowErrors } from '../../../../src/core/calibration/outputError';
import { CoreError } from '../../../../src/core/errors';
import { momentsOf, reluInputs, roundingProblem } from '../assignment/roundingProblems';

/** What G-STE puts in the place of the staircase: straight from node to node. */
function expectation(x: number, [s, ...intervals]: number[]): number {
  let left = s!;
  for (let i = 0; i < intervals.length; i++) {
    const right = left + intervals[i]!;
    if (x < right) return Math.max(0, i + (x - left) / intervals[i]!);
    left = right;
  }
  return intervals.length;
}

it('has the gradient of the straight-line expectation, by finite differences', () => {
  const x = Float64Array.of(-0.8, -0.1, 0.05, 0.4, 0.9, 1.3, 1.95, 2.6, 3.4, 7);
  const order = Uint32Array.of(3, 1, 4, 0, 5, 9, 2, 6, 8, 7);
  const g = Float64Array.of(0.3, -1.2, 0.7, 2.1, -0.4, 0.9, -1.5, 0.2, 1.1, -0.6);
  const parameters = [-0.2, 0.8, 1.1, 1.4];
  const loss = (at: number[]): number => x.reduce((sum, each, p) => sum + g[order[p]!]! * expectation(each, at), 0);
  const nodes = new Float64Array(4);
  const gradient = new Float64Array(4);
  nodesOf(Float64Array.from(parameters), nodes);
  thresholdGradient(x, order, g, Float64Array.from(parameters), nodes, gradient);
  parameters.forEach((_, i) => {
    const moved = (by: number): number[] => parameters.map((each, j) => (i === j ? each + by : each));
    expect(gradient[i]).toBeCloseTo((loss(moved(1e-6)) - loss(moved(-1e-6))) / 2e-6, 7);
  });
});

it('gives an interval at its floor no gradient', () => {
  const parameters = Float64Array.of(0, 1, -0.5, 1);
  const nodes = new Float64Array(4);
  const gradient = new Float64Array(4);
  nodesOf(parameters, nodes);
  expect([...nodes]).toEqual([0, 1, 1.001, 2.001]);
  thresholdGradient(Float64Array.of(0.5, 1.0005, 1.5), Uint32Array.of(0, 1, 2), Float64Array.of(1, 1, 1), parameters, nodes, gradient);
  expect(gradient[2]).toBe(0);
  expect(gradient[1]).not.toBe(0);
});

it('refits the steps of nearest codes by generalised least squares', () => {
  const problem = roundingProblem({ rows: 3, columns: 24 }, { method: 'n2uq', bits: 2, mode: 'mse' });
  const refitted = stepsLearned(problem, {}, 0);
  expect(refitted.codes).toEqual(nearestCodes(problem));
  const errors = rowErrors(problem, refitted);
  for (const [z, d] of [[1e-3, 0], [-1e-3, 0], [0, 1e-3], [0, -1e-3], [1e-3, -1e-3], [-1e-3, 1e-3]] as const) {
    const moved = refitted.codebooks!.map(({ levels }) => ({ levels: levels!.map((level, k) => level + z + d * k) }));
    rowErrors(problem, { codes: refitted.codes, codebooks: moved }).forEach((error, row) => expect(error).toBeGreaterThan(errors[row]!));
  }
});

it('gains by refitted steps, and more by learned thresholds', () => {
  const moments = momentsOf(reluInputs(512, 256), 256);
  for (const bits of [2, 3, 4] as const) {
    const problem = roundingProblem({ rows: 8, columns: 256 }, { method: 'n2uq', bits, mode: 'mse' }, moments);
    const noise = [{ codes: nearestCodes(problem) }, stepsLearned(problem, {}, 0), calibratedSteps(problem, { seed: 1 })]
      .map((result) => outputError(problem, result).noise);
    expect(noise[1]).toBeLessThan(noise[0]!);
    expect(noise[2]).toBeLessThan(0.9 * noise[1]!);
  }
});

it('is never worse than nearest rounding, of a tensor or of channels, grouped or not, and levels stay equidistant', () => {
  for (const granularity of ['tensor', 'channel'] as const) {
    for (const shape of [{ rows: 4, columns: 9, groups: 2 }, { rows: 3, columns: 4, groups: 3 }, { rows: 2, columns: 1 }]) {
      const problem = roundingProblem(shape, { method: 'n2uq', bits: 2, mode: 'mse', granularity });
      const result = calibratedSteps(problem, { seed: 1 });
      const before = rowErrors(problem, { codes: nearestCodes(problem) });
      rowErrors(problem, result).forEach((error, row) => expect(error).toBeLessThanOrEqual(before[row]!));
      for (const { levels } of result.codebooks!) {
        levels!.slice(1).forEach((level, k) => expect(level - levels![k]!).toBeCloseTo(levels![1]! - levels![0]!, 6));
      }
      expect(roundedWeights(problem, result).every(Number.isFinite)).toBe(true);
    }
  }
});

it('stops at a cancel', () => {
  const problem = roundingProblem({ rows: 2, columns: 8 }, { method: 'n2uq', bits: 2, mode: 'mse' });
  expect(() => calibratedSteps(problem, { seed: 1, signal: { aborted: true } })).toThrow(CoreError);
});
