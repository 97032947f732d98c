import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussDistribution, laplaceDistribution } from '../../../../src/core/statistics/distributions';
import { fineDistribution, ksOfFine, ksOfSorted } from '../../../../src/core/statistics/kolmogorovSmirnov';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { median } from '../../../../src/core/statistics/median';
import { ranksOf, valuesAtRanks } from '../../../../src/core/statistics/orderStatistics';
import { sortFloats } from '../../../../src/core/statistics/sortFloats';
import { laplacianSample } from './laplacianSample';

const floats = (minLength: number, maxLength: number) =>
  fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength, maxLength, size: 'max' });

describe('order statistics', () => {
  it('sort as comparing does, at lengths on both sides of the radix sort', () => {
    fc.assert(fc.property(floats(0, 1500), (weights) => {
      const expected = [...weights].sort((a, b) => a - b || Number(Object.is(b, -0)) - Number(Object.is(a, -0)));
      const sorted = weights.slice();
      sortFloats(sorted);
      expect([...sorted]).toEqual(expected);
    }), { numRuns: 40 });
  });

  it('sort a view without touching its neighbours', () => {
    const all = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i));
    const before = all.slice();
    sortFloats(all.subarray(100, 1900));
    expect(all.subarray(0, 100)).toEqual(before.subarray(0, 100));
    expect(all.subarray(1900)).toEqual(before.subarray(1900));
    expect(all.subarray(100, 1900)).toEqual(before.slice(100, 1900).sort());
  });

  it('count their way to the same ranks as sorting', () => {
    fc.assert(fc.property(floats(1, 200), fc.nat(200), (weights, cut) => {
      const sorted = weights.slice().sort();
      const ranks = ranksOf([0, 0.1, 0.5, 0.9, 1], weights.length);
      const dirty = Float32Array.of(NaN, Infinity, -Infinity);
      const values = valuesAtRanks(() => [weights.subarray(0, cut), dirty, weights.subarray(cut)], ranks);
      expect([...values]).toEqual(ranks.map((rank) => [rank, sorted[rank]]));
    }), { numRuns: 40 });
  });

  it.each([[1], [2], [255], [256], [65_536], [65_537], [2 ** 21 - 1], [2 ** 21], [2 ** 21 + 1]])('find the median of %i weights', (length) => {
    for (const shift of [0, 0.3, -40]) {
      const weights = Float32Array.from({ length }, (_, i) => Math.sin(i * i) + shift);
      const sorted = weights.slice().sort();
      const [lower, upper] = [sorted[Math.ceil(length / 2) - 1]!, sorted[Math.floor(length / 2)]!];
      expect(median(weights, momentsOf([weights]))).toBe(lower + (upper - lower) / 2);
    }
  });

  it('find the median of many weights without sorting', () => {
    const weights = Float32Array.from(laplacianSample(100_000));
    const sorted = weights.slice().sort();
    expect(median(weights, momentsOf([weights]))).toBe(((sorted[49_999] as number) + (sorted[50_000] as number)) / 2);
    const doubles = Float64Array.of(5, 1, 3);
    expect(median(doubles, momentsOf([doubles]))).toBe(3);
  });
});

describe('Kolmogorov–Smirnov distance', () => {
  const weights = laplacianSample(20_000).map((w) => w * Math.abs(w) + 0.3);
  const sorted = weights.slice().sort();
  const moments = momentsOf([weights]);

  it('is the largest gap over all weights', () => {
    const distribution = laplaceDistribution({ location: 0.3, scale: 0.8 });
    const gaps = Array.from(sorted, (w, i) => Math.max((i + 1) / 20_000 - distribution(w), distribution(w) - i / 20_000));
    expect(ksOfSorted(sorted, distribution)).toBe(Math.max(...gaps));
  });

  it('has the reference values of a Laplacian sample under the variance-matched fit', () => {
    const sample = laplacianSample(4096);
    [-0.340268145, 1.361072579, 0.066819786, -0.792050348, 0.58423638, -0.159225085, -2.381877013, 0.223028117]
      .forEach((w, i) => expect(sample[i]).toBeCloseTo(w, 9));
    const { mean, m2, count } = momentsOf([sample]);
    const fitted = laplaceDistribution({ location: mean, scale: Math.sqrt(m2 / count / 2) });
    expect(ksOfSorted(sample.sort(), fitted)).toBeCloseTo(0.000623857, 9);
  });

  it('is met from below by cells, to 1e-5', () => {
    const fine = fineDistribution([weights.subarray(0, 7000), weights.subarray(7000)], moments);
    for (const distribution of [
      laplaceDistribution({ location: 0.3, scale: 1 }), gaussDistribution({ mean: moments.mean, std: 2 }),
    ]) {
      const exact = ksOfSorted(sorted, distribution);
      const approximate = ksOfFine(fine, distribution);
      expect(approximate).toBeLessThanOrEqual(exact + 1e-12);
      expect(approximate).toBeGreaterThan(exact - 2e-5 * (Math.sqrt(moments.m2 / moments.count) / 1));
    }
  });

  it('uses a normal distribution good to double precision', () => {
    const phi = gaussDistribution({ mean: 0, std: 1 });
    expect(phi(0)).toBeCloseTo(0.5, 15);
    expect(phi(1)).toBeCloseTo(0.8413447460685429, 14);
    expect(phi(-1.959963984540054)).toBeCloseTo(0.025, 14);
    expect(phi(-8) / 6.220960574271785e-16).toBeCloseTo(1, 6);
    expect(phi(40)).toBe(1);
  });
});
