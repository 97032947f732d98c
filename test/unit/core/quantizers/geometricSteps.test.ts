import { expect, test } from 'vitest';
import { geometricSteps } from '../../../../src/core/quantizers/geometricSteps';

test('goes from one number to the other in equal ratios, down or up', () => {
  for (const [first, last, count] of [[1, 0.25, 3], [0.5, 8, 5], [3, 0.01, 40]] as const) {
    const { ratio, steps } = geometricSteps(first, last, count);
    expect(steps).toHaveLength(count);
    expect(steps[0]).toBe(first);
    expect(steps.at(-1)! / last).toBeCloseTo(1, 12);
    for (let i = 1; i < count; i++) expect(steps[i]! / steps[i - 1]!).toBeCloseTo(ratio, 12);
  }
});

test('to the last bit the same in every engine: these are the steps of Node.js 20 and 24', () => {
  expect(geometricSteps(1, 0.3, 4).steps).toEqual([1, 0.6694329500821695, 0.4481404746557165, 0.3]);
});
