import { describe, expect, it } from 'vitest';
import { nearestCodes } from '../../../../src/core/assignment/nearestCodes';
import { ROUNDING_OF } from '../../../../src/core/assignment/roundings';
import type { RoundingProblem } from '../../../../src/core/assignment/roundingProblem';
import { outputError, rowErrors } from '../../../../src/core/calibration/outputError';
import { CoreError } from '../../../../src/core/errors';
import type { CalibratedRounding, PartialSettings } from '../../../../src/core/plan/layerSettings';
import { momentsOf, reluInputs, roundingProblem } from './roundingProblems';

const IDS = Object.keys(ROUNDING_OF) as CalibratedRounding[];
const relativeError = (problem: RoundingProblem, codes: Uint8Array): number => {
  const { signal, noise } = outputError(problem, { codes });
  return noise / signal;
};

const CODEBOOKS: PartialSettings[] = [
  { method: 'uniform', grid: 'symmetric', bits: 2 },
  { method: 'uniform', grid: 'mid-rise', bits: 3 },
  { method: 'uniform', grid: 'affine', bits: 2, support: 'abs-max' },
  { method: 'lloyd-max', bits: 2, fit: 'data' },
  { method: 'msptq', bits: 2 },
  { method: 'apot', bits: 3 },
  { method: 'subset', bits: 2 },
];

describe.each(IDS)('%s', (id) => {
  const round = ROUNDING_OF[id];

  it.each(CODEBOOKS)('is never worse than nearest rounding in any row, and somewhere better: $method $grid', (settings) => {
    const problems = (['tensor', 'channel', 'block:16'] as const).flatMap((granularity) => (
      [{ rows: 2, columns: 20 }, { rows: 4, columns: 9, groups: 2 }, { rows: 3, columns: 4, groups: 3 }]
        .map((shape) => roundingProblem(shape, { ...settings, granularity }))
    ));
    const better = problems.map((problem) => {
      const { errors: told, ...result } = round(problem, { seed: 1 });
      const errors = rowErrors(problem, result);
      expect(told).toEqual(errors);
      const before = rowErrors(problem, { codes: nearestCodes(problem) });
      errors.forEach((error, row) => expect(error).toBeLessThanOrEqual(before[row]!));
      return errors.some((error, row) => error < before[row]!);
    });
    expect(better).toContain(true);
  });

  it('gives the same codes for the same seed', () => {
    const problem = roundingProblem({ rows: 2, columns: 32 }, { method: 'uniform', bits: 2 });
    const { codes } = round(problem, { seed: 5 });
    expect(round(problem, { seed: 5 }).codes).toEqual(codes);
    const other = round(problem, { seed: 6 }).codes;
    if (id === 'attention-normal') expect(other).not.toEqual(codes);
    else expect(other).toEqual(codes);
  });

  it('takes inputs that are always zero, and inputs that are all so', () => {
    const inputs = reluInputs(64, 12).map((x) => x.map((value, i) => (i % 3 === 0 ? 0 : value)));
    for (const moments of [momentsOf(inputs, 12), momentsOf([new Array<number>(12).fill(0)], 12)]) {
      const problem = roundingProblem({ rows: 2, columns: 12 }, { method: 'uniform', bits: 2 }, moments);
      const { noise } = outputError(problem, round(problem, { seed: 1 }));
      expect(noise).toBeLessThanOrEqual(outputError(problem, { codes: nearestCodes(problem) }).noise);
    }
  });

  it('stops at a cancel and says how far it is', () => {
    const problem = roundingProblem({ rows: 64, columns: 8 }, { method: 'uniform', bits: 2 });
    expect(() => round(problem, { seed: 1, signal: { aborted: true } })).toThrow(CoreError);
    const fractions: number[] = [];
    round(problem, { seed: 1, onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.slice(-2)).toEqual([id === 'gptq' ? 0.5 : 63 / 64, 1]);
  });
});

describe.each(['gptq', 'attention', 'attention-normal'] as const)('%s', (id) => {
  it('comes nearer than nearest rounding to the least error of all codes of four weights, and never below', () => {
    const problem = roundingProblem({ rows: 32, columns: 4 }, { method: 'uniform', bits: 2, grid: 'mid-rise', granularity: 'tensor' });
    const errors = rowErrors(problem, ROUNDING_OF[id](problem, { seed: 1 }));
    const least = leastErrors(problem);
    errors.forEach((error, row) => expect(error).toBeGreaterThanOrEqual(least[row]! - 1e-12));
    const total = (numbers: Float64Array): number => numbers.reduce((sum, error) => sum + error);
    const before = rowErrors(problem, { codes: nearestCodes(problem) });
    expect(total(errors)).toBeLessThan(0.9 * total(before));
  });

  it('leaves less than half of nearest rounding’s error at 2 bits where inputs are correlated', () => {
    const problem = roundingProblem({ rows: 16, columns: 256 }, { method: 'uniform', bits: 2, grid: 'symmetric', support: 'mse' }, CORRELATED);
    const { codes } = ROUNDING_OF[id](problem, { seed: 1 });
    expect(relativeError(problem, codes)).toBeLessThan(0.5 * relativeError(problem, nearestCodes(problem)));
  });

  it('gives nearest codes where inputs are not correlated and all as large', () => {
    const identity = Array.from({ length: 16 }, (_, i) => Array.from({ length: 16 }, (_, j) => (i === j ? 4 : 0)));
    const problem = roundingProblem({ rows: 4, columns: 16 }, { method: 'lloyd-max', bits: 3 }, momentsOf(identity, 16));
    expect(ROUNDING_OF[id](problem, { seed: 1 }).codes).toEqual(nearestCodes(problem));
  });
});

const CORRELATED = momentsOf(reluInputs(512, 256), 256);

/** Of each row, over all codes. */
function leastErrors(problem: RoundingProblem): Float64Array {
  const count = problem.codebooks[0]!.levels.length;
  const all = Array.from({ length: count ** 4 }, (_, n) => [0, 1, 2, 3].map((digit) => Math.floor(n / count ** digit) % count));
  return all.reduce((least, row) => {
    const codes = Uint8Array.from({ length: problem.rows * 4 }, (_, i) => row[i % 4]!);
    return rowErrors(problem, { codes }).map((error, r) => Math.min(error, least[r]!));
  }, new Float64Array(problem.rows).fill(Infinity));
}

describe('reconstruction', () => {
  it('gives each row levels that are those of the problem times a factor', () => {
    const problem = roundingProblem({ rows: 4, columns: 64 }, { method: 'subset', bits: 2, granularity: 'tensor' });
    const { codebooks } = ROUNDING_OF.reconstruction(problem, { seed: 1 });
    const { levels } = problem.codebooks[0]!;
    const factors = codebooks!.map((codebook) => codebook.levels![0]! / levels[0]!);
    codebooks!.forEach((codebook, row) => levels.forEach((level, k) => expect(codebook.levels![k]).toBeCloseTo(factors[row]! * level, 9)));
    expect(new Set(factors).size).toBeGreaterThan(1);
  });

  it('keeps the levels of rows that are divided into blocks', () => {
    const problem = roundingProblem({ rows: 2, columns: 32 }, { method: 'subset', bits: 2, granularity: 'block:16' });
    expect(ROUNDING_OF.reconstruction(problem, { seed: 1 }).codebooks).toBeUndefined();
  });
});
