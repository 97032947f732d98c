import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestCodes } from '../../../../src/core/assignment/nearestCodes';
import { outputError, roundedWeights } from '../../../../src/core/calibration/outputError';
import { upperFactor } from '../../../../src/core/calibration/upperFactor';
import { momentsOf, normals, reluInputs, roundingProblem } from '../assignment/roundingProblems';

it.each([1, 2, 3])('is the mean square of outputs and of their changes, in %i groups', (groups) => {
  const inputs = reluInputs(40, groups * 5);
  const problem = roundingProblem({ rows: 6, columns: 5, groups }, { method: 'uniform', bits: 2 }, momentsOf(inputs, 5, groups));
  const result = { codes: nearestCodes(problem) };
  const rounded = roundedWeights(problem, result);
  const energy = (vectors: ArrayLike<number>): number => inputs.reduce((sum, x) => {
    for (let row = 0; row < 6; row++) {
      const group = Math.floor(row / (6 / groups));
      let output = 0;
      for (let j = 0; j < 5; j++) output += vectors[row * 5 + j]! * x[group * 5 + j]!;
      sum += output ** 2 / inputs.length;
    }
    return sum;
  }, 0);
  const { signal, noise } = outputError(problem, result);
  expect(signal / energy(problem.weights)).toBeCloseTo(1, 6);
  expect(noise / energy(rounded.map((w, i) => w - problem.weights[i]!))).toBeCloseTo(1, 6);
});

it('is never below zero', () => {
  const problem = roundingProblem({ rows: 1, columns: 2 }, { method: 'uniform', bits: 2 }, momentsOf([[1, -1]], 2));
  problem.moments.second.set([1, -1.0001, -1.0001, 1]);
  problem.weights.set([0.5, 0.5]);
  expect(outputError(problem, { codes: Uint8Array.of(0, 0) }).signal).toBe(0);
});

it('factors positive definite matrices into R Rᵀ, and says so of others', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 16, maxLength: 16 }), (numbers) => {
    const at = (i: number, j: number): number => [0, 1, 2, 3].reduce((sum, k) => sum + numbers[4 * i + k]! * numbers[4 * j + k]!, i === j ? 0.1 : 0);
    const factor = Float64Array.from({ length: 16 }, (_, n) => at(Math.floor(n / 4), n % 4));
    expect(upperFactor(factor, 4)).toBe(true);
    for (let i = 0; i < 4; i++) {
      for (let j = i; j < 4; j++) {
        let sum = 0;
        for (let k = j; k < 4; k++) sum += factor[4 * i + k]! * factor[4 * j + k]!;
        expect(sum).toBeCloseTo(at(i, j), 8);
      }
    }
  }));
  expect(upperFactor(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
});

it.each([1, 63, 64, 65, 200])('factors %i columns panel by panel as one by one', (size) => {
  const sums = new Float64Array(size * size);
  const normal = normals(size);
  for (let x = 0; x < 2 * size; x++) {
    const row = Float64Array.from({ length: size }, normal);
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sums[i * size + j]! += row[i]! * row[j]!;
  }
  const factor = sums.slice();
  expect(upperFactor(factor, size)).toBe(true);
  let furthest = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      let sum = 0;
      for (let k = j; k < size; k++) sum += factor[i * size + k]! * factor[j * size + k]!;
      furthest = Math.max(furthest, Math.abs(sum - sums[i * size + j]!));
    }
  }
  expect(furthest).toBeLessThan(1e-12 * size * size);
});

it('says of a matrix of several panels that it is not positive definite', () => {
  const size = 130;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = i === 3 ? -1 : 1;
  expect(upperFactor(matrix, size)).toBe(false);
});
