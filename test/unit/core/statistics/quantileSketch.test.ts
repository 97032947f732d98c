import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fineDistribution } from '../../../../src/core/statistics/kolmogorovSmirnov';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { ksOfSketches, sketchOfFine, sketchOfSorted } from '../../../../src/core/statistics/quantileSketch';
import { laplacian } from '../../../fixtures/modelBuilder';

const sorted = (weights: ArrayLike<number>): Float32Array => Float32Array.from(weights).sort();

/** The two-sample distance by definition: over all values of either sample. */
function ksOf(a: Float32Array, b: Float32Array): number {
  const share = (sample: Float32Array, value: number): number => sample.filter((w) => w <= value).length / sample.length;
  return Math.max(0, ...[...a, ...b].map((value) => Math.abs(share(a, value) - share(b, value))));
}

describe('the distance between two sketches', () => {
  const weight = fc.integer({ min: -20, max: 20 }).map((n) => n / 4);
  const weights = fc.array(weight, { minLength: 1, maxLength: 60 });

  test('of few weights is their two-sample distance, ties included', () => {
    fc.assert(fc.property(weights, weights, (a, b) => {
      expect(ksOfSketches(sketchOfSorted(sorted(a)), sketchOfSorted(sorted(b)))).toBeCloseTo(ksOf(sorted(a), sorted(b)), 12);
    }));
  });

  test('of many weights is within 1/1024 of it', () => {
    const pairs = [[5000, 3000, 1, 0], [4097, 1025, 1.1, 0], [3000, 900, 1, 0.05], [2000, 2000, 3, 1]] as const;
    for (const [n, m, factor, shift] of pairs) {
      const a = sorted(laplacian(n, 1));
      const b = sorted(laplacian(m, 2).map((w) => factor * w + shift));
      expect(Math.abs(ksOfSketches(sketchOfSorted(a), sketchOfSorted(b)) - ksOf(a, b))).toBeLessThanOrEqual(1 / 1024);
    }
  });

  test('is 0 of a layer and itself, and 1 of layers apart', () => {
    const a = sketchOfSorted(sorted(laplacian(5000, 1)));
    expect(ksOfSketches(a, a)).toBe(0);
    expect(ksOfSketches(a, a.map((w) => w + 1000))).toBe(1);
  });
});

test('a sketch of counted weights is that of the sorted ones, to a cell', () => {
  const weights = laplacian(200_000, 7);
  const moments = momentsOf([weights]);
  const fine = fineDistribution([weights], moments);
  const [counted, exact] = [sketchOfFine(fine), sketchOfSorted(sorted(weights))];
  expect(counted).toHaveLength(exact.length);
  const gaps = exact.map((w, i) => (counted[i] as number) - w);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(-1e-6);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(fine.width + 1e-6);
  expect(ksOfSketches(counted, exact)).toBeLessThanOrEqual(2 / 1024);
});
