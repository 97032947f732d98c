import { describe, expect, it, test } from 'vitest';
import { fewPositions } from '../../../../src/core/calibration/fewPositions';
import { outputError } from '../../../../src/core/calibration/outputError';
import { gptq } from '../../../../src/core/assignment/gptq';
import { nearestCodes } from '../../../../src/core/assignment/nearestCodes';
import type { RoundingResult } from '../../../../src/core/assignment/rounding';
import { sqnrDb } from '../../../../src/core/metrics/errorMeasures';
import { completeSettings, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { momentsOf, normals, roundingProblem } from '../assignment/roundingProblems';

const columns = 96;

describe('positions are few', () => {
  const matrix = { rows: 4, columns, groups: 1, inputBlocks: 1, rowStride: columns, columnStride: 1 };
  const found = (positions: number, settings: PartialSettings) => (
    fewPositions(completeSettings(settings), { matrix, moments: { ...momentsOf([], columns), positions } })
  );

  it.each<PartialSettings>([{ rounding: 'gptq' }, { method: 'n2uq', mode: 'calibrated' }])('for a layer with %j of more inputs', (settings) => {
    expect(found(columns - 1, settings)).toEqual({ positions: columns - 1, inputs: columns });
    expect(found(columns, settings)).toBeNull();
  });

  it('never for one that is rounded to nearest, whose codes they have no part in', () => {
    expect(found(1, { rounding: 'nearest' })).toBeNull();
  });
});

test.each([
  [24, 'more'],
  [8 * columns, 'less'],
])('of %d positions of 96 inputs, GPTQ has less error on these and %s on others than nearest codes', (positions, onOthers) => {
  const normal = normals(5);
  const inputs = (count: number): number[][] => Array.from({ length: count }, () => Array.from({ length: columns }, () => normal() + 1));
  const given = roundingProblem({ rows: 24, columns }, { bits: 3 }, momentsOf(inputs(positions), columns));
  const others = { ...given, moments: momentsOf(inputs(4000), columns) };
  const [rounded, nearest] = [gptq(given, { seed: 1 }), { codes: nearestCodes(given) }];
  const told = (problem: typeof given, { codes }: RoundingResult): number => {
    const { signal, noise } = outputError(problem, { codes });
    return sqnrDb(signal, noise);
  };
  expect(told(given, rounded)).toBeGreaterThan(told(given, nearest));
  expect(told(others, rounded) < told(others, nearest) ? 'more' : 'less').toBe(onOthers);
});
