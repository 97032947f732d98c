import { expect, test, vi } from 'vitest';
import { attentionNormal } from '../../../../src/core/assignment/attention';
import { reconstruction } from '../../../../src/core/assignment/reconstruction';
import type { Rounding } from '../../../../src/core/assignment/rounding';
import { calibratedSteps } from '../../../../src/core/calibration/calibratedSteps';
import type * as instance from '../../../../src/core/kernels/instance';
import type { PartialSettings } from '../../../../src/core/plan/layerSettings';
import { layerStatistics } from '../../../../src/core/statistics/layerStatistics';
import { laplacian } from '../../../fixtures/modelBuilder';
import { roundingProblem } from '../assignment/roundingProblems';

const simd = vi.hoisted(() => ({ isThere: true }));
vi.mock('../../../../src/core/kernels/instance', async (original) => {
  const actual = await original<typeof instance>();
  return { ...actual, kernels: () => (simd.isThere ? actual.kernels() : null) };
});

const CASES: [name: string, round: Rounding, settings: PartialSettings][] = [
  ['attention-normal', attentionNormal, { method: 'uniform', bits: 2, grid: 'symmetric' }],
  ['reconstruction', reconstruction, { method: 'subset', bits: 2 }],
  ['calibratedSteps', calibratedSteps, { method: 'n2uq', bits: 2, mode: 'mse' }],
];

test.each(CASES)('%s gives the same codes and levels with kernels and without', (_, round, settings) => {
  const problem = roundingProblem({ rows: 4, columns: 45, groups: 2 }, settings);
  simd.isThere = true;
  const result = round(problem, { seed: 1 });
  simd.isThere = false;
  expect(round(problem, { seed: 1 })).toEqual(result);
});

test.each([
  ['counted in cells', laplacian(300_000, 1)], ['looked at twice', laplacian(300_000, 1).map((w, i) => (i % 2 ? 0.3 : w))],
])('many weights that are %s have the same statistics with kernels and without', (_, weights) => {
  simd.isThere = true;
  const statistics = layerStatistics(() => [weights], 64);
  simd.isThere = false;
  expect(layerStatistics(() => [weights], 64)).toEqual(statistics);
});
