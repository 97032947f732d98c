import { describe, expect, test } from 'vitest';
import { cellOrder } from '../../../../src/core/statistics/cellOrder';
import { gaussDistribution, laplaceDistribution, type Distribution } from '../../../../src/core/statistics/distributions';
import { ksOfSorted } from '../../../../src/core/statistics/kolmogorovSmirnov';
import { standardDeviation } from '../../../../src/core/statistics/moments';
import { ksOfSketches, sketchOfSorted } from '../../../../src/core/statistics/quantileSketch';
import { survey } from '../../../../src/core/statistics/survey';
import { laplacian } from '../../../fixtures/modelBuilder';
import { laplacianSample } from './laplacianSample';
import { byDefinition, chunksOf } from './ordered';

const COUNT = 300_000;
const BINS = 64;
const PROBABILITIES = [0.01, 0.25, 0.5, 0.9];

const mixed = laplacian(COUNT, 1).map((w, i) => w * (0.5 + (i % 3)) + 0.01);
const samples: Record<string, Float32Array> = {
  'between the fits': mixed,
  'far from zero': mixed.map((w) => 3 + 0.001 * w),
  'of few values': mixed.map((w) => Math.round(w * 8) / 8 + 0.01),
  'half of them of one value': mixed.map((w, i) => (i % 2 ? 0.3 : w)),
  'half of them zero, of both signs': mixed.map((w, i) => (i % 4 === 0 ? 0 : i % 4 === 1 ? -0 : w)),
  'a third of them denormal': mixed.map((w, i) => (i % 3 ? w : w * 1e-42)),
  'of one sign': mixed.map((w) => Math.abs(w)),
  'some not finite': mixed.map((w, i) => (i === 7 ? NaN : i === 299_999 ? Infinity : i === 70_000 ? -Infinity : w)),
  'constant': mixed.map(() => 0.3),
};

/** Two fits to weights as they are known by definition. */
function fitsOf({ median, meanAbsDeviation, moments }: ReturnType<typeof byDefinition>): Distribution[] {
  if (meanAbsDeviation === 0) return [];
  return [
    laplaceDistribution({ location: median, scale: meanAbsDeviation }),
    gaussDistribution({ mean: moments.mean, std: standardDeviation(moments) }),
  ];
}

function ordered(weights: Float32Array) {
  const { cells, moments } = survey(chunksOf(weights));
  const request = { probabilities: PROBABILITIES, bins: BINS, finite: moments.count === weights.length };
  return cellOrder(() => chunksOf(weights), cells!, moments, request);
}

describe.each(Object.entries(samples))('many weights, %s, looked at once more', (_, weights) => {
  const expected = byDefinition(weights, BINS);
  const ranks = PROBABILITIES.map((p) => Math.floor(p * (expected.sorted.length - 1)));
  const order = ordered(weights)!;
  // What is looked into stays only until the next are looked at.
  const [sketch, values, distances] = [order.sketch(), ranks.map(order.at), fitsOf(expected).map(order.ks)];

  test('have exact quantiles, bins and mean deviation', () => {
    expect(order.exact).toBe(true);
    expect(values.map((w) => w + 0)).toEqual(ranks.map((rank) => expected.sorted[rank]! + 0));
    expect(order.histogram.counts).toEqual(expected.counts);
    expect(order.meanAbsDeviation / expected.meanAbsDeviation || 1).toBeCloseTo(1, 11);
  });

  test('have exact moments', () => {
    const { count, mean, m2, m3, m4 } = order.moments;
    const { std, moments } = expected;
    expect(mean).toBeCloseTo(moments.mean, 12);
    const scaled = [m2 / std ** 2, m3 / std ** 3, m4 / std ** 4].map((power) => power / count);
    const wanted = [1, moments.m3 / std ** 3 / count, moments.m4 / std ** 4 / count];
    if (std > 0) scaled.forEach((power, i) => expect(power / wanted[i]!).toBeCloseTo(1, 9));
    else expect([m2, m3, m4]).toEqual([0, 0, 0]);
  });

  test('have exact distances to both fits', () => {
    fitsOf(expected).forEach((fit, i) => expect(distances[i]).toBeCloseTo(ksOfSorted(expected.sorted, fit), 11));
  });

  test('have a sketch no further from them than it says', () => {
    expect(ksOfSketches(sketch, sketchOfSorted(expected.sorted))).toBeLessThanOrEqual(2 / 1024);
  });
});

test('weights that a fit agrees with too well have no order by cells', () => {
  expect(ordered(Float32Array.from(laplacianSample(COUNT)))).toBeNull();
});
