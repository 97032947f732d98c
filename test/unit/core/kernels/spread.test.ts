import { expect, test } from 'vitest';
import { kernels } from '../../../../src/core/kernels/instance';
import { PLACES_BELOW, PLACES_HIGHEST, PLACES_LOWEST } from '../../../../src/core/kernels/memoryMap';
import { spreadAbsDeviation, spreadPowers, type Spread } from '../../../../src/core/kernels/spread';
import { laplacian } from '../../../fixtures/modelBuilder';

/** Places of 0 to 4 weights, each from one weight to the next or of one value. */
function spreadOf(places: number): Spread {
  const edges = laplacian(places + 1, 3).sort();
  const below = new Float64Array(places + 1);
  for (let i = 0; i < places; i++) below[i + 1] = below[i]! + ((i * 7) % 5);
  return { below, lowest: edges.slice(0, places), highest: edges.slice(1).map((w, i) => (i % 3 ? w : edges[i]!)) };
}

/** The same where the kernels have it. */
function inKernels({ below, lowest, highest }: Spread): Spread {
  const { buffer } = kernels()!.memory;
  const there = {
    below: new Float64Array(buffer, PLACES_BELOW, below.length), lowest: new Float32Array(buffer, PLACES_LOWEST, lowest.length),
    highest: new Float32Array(buffer, PLACES_HIGHEST, highest.length),
  };
  there.below.set(below);
  there.lowest.set(lowest);
  there.highest.set(highest);
  return there;
}

test.each([0, 1, 2, 1000, 70_000])('kernels and plain loops agree in every bit over %i places', (places) => {
  const spread = spreadOf(places);
  const there = inKernels(spread);
  expect(spreadPowers(there, 0.01)).toEqual(spreadPowers(spread, 0.01));
  for (const centre of [-9, 0, 0.002, 9]) expect(spreadAbsDeviation(there, centre)).toBe(spreadAbsDeviation(spread, centre));
});

test('weights spread evenly have the powers and the deviation of many in equal steps', () => {
  const spread = { below: Float64Array.of(0, 3, 4), lowest: Float32Array.of(-1, 2), highest: Float32Array.of(1, 2) };
  const weights = [...Float64Array.from({ length: 30_000 }, (_, i) => (i + 0.5) / 15_000 - 1), ...new Float64Array(10_000).fill(2)];
  const sum = (f: (w: number) => number): number => weights.reduce((total, w) => total + f(w), 0) / 10_000;
  const { m2, m3, m4, most } = spreadPowers(spread, 0.25);
  expect(m2).toBeCloseTo(sum((w) => (w - 0.25) ** 2), 6);
  expect(m3).toBeCloseTo(sum((w) => (w - 0.25) ** 3), 6);
  expect(m4).toBeCloseTo(sum((w) => (w - 0.25) ** 4), 6);
  expect(most).toBe(3);
  expect(spreadAbsDeviation(spread, 0.25)).toBeCloseTo(sum((w) => Math.abs(w - 0.25)), 6);
});
