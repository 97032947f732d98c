import { describe, expect, test } from 'vitest';
import { binOf } from '../../../../src/core/statistics/histogram';
import { gaussDistribution, laplaceDistribution } from '../../../../src/core/statistics/distributions';
import { ksOfSorted } from '../../../../src/core/statistics/kolmogorovSmirnov';
import { layerStatistics } from '../../../../src/core/statistics/layerStatistics';
import { quantile } from '../../../../src/core/statistics/orderStatistics';
import { ksOfSketches, sketchOfSorted } from '../../../../src/core/statistics/quantileSketch';
import { survey } from '../../../../src/core/statistics/survey';
import { cellOrder } from '../../../../src/core/statistics/cellOrder';
import { laplacian } from '../../../fixtures/modelBuilder';

const COUNT = 300_000;
const BINS = 64;

const mixed = laplacian(COUNT, 1).map((w, i) => w * (0.5 + (i % 3)) + 0.01);
const samples: Record<string, Float32Array> = {
  'between the fits': mixed,
  'far from zero': mixed.map((w) => 3 + 0.001 * w),
  'of few values': mixed.map((w) => Math.round(w * 8) / 8),
  'half of them zero, of both signs': mixed.map((w, i) => (i % 4 === 0 ? 0 : i % 4 === 1 ? -0 : w)),
  'of one sign': mixed.map((w) => Math.abs(w)),
  'some not finite': mixed.map((w, i) => (i === 7 ? NaN : i === 299_999 ? Infinity : i === 70_000 ? -Infinity : w)),
  'constant': mixed.map(() => 0.3),
  'as Laplacian as can be': laplacian(COUNT, 2),
};

/** Everything by definition, from sorted weights. */
function byDefinition(weights: Float32Array) {
  const sorted = weights.filter((w) => Number.isFinite(w)).sort();
  const median = quantile(0.5, sorted.length, (rank) => sorted[rank]!);
  const meanAbsDeviation = sorted.reduce((sum, w) => sum + Math.abs(w - median), 0) / sorted.length;
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const bin = binOf(min, max, BINS);
  const counts = new Array<number>(BINS).fill(0);
  for (const w of sorted) counts[bin(w)]!++;
  return { sorted, median, meanAbsDeviation, counts };
}

function* chunksOf(weights: Float32Array): Generator<Float32Array> {
  for (let at = 0; at < weights.length; at += 100_001) yield weights.subarray(at, at + 100_001);
}

describe.each(Object.entries(samples))('many weights, %s', (_, weights) => {
  const statistics = layerStatistics(() => chunksOf(weights), BINS);
  const expected = byDefinition(weights);

  test('have exact quantiles, bins and mean deviation', () => {
    expect(statistics.median).toBe(expected.median);
    for (const [p, value] of Object.entries(statistics.quantiles)) {
      expect(value).toBe(quantile(Number(p), expected.sorted.length, (rank) => expected.sorted[rank]!));
    }
    expect(statistics.histogram.counts).toEqual(expected.counts);
    expect(statistics.meanAbsDeviation / expected.meanAbsDeviation || 1).toBeCloseTo(1, 11);
    expect(statistics.zeros).toBe(weights.filter((w) => w === 0).length);
  });

  test('have exact distances to both fits', () => {
    const { laplace, gauss } = statistics;
    if (laplace) expect(laplace.ks).toBeCloseTo(ksOfSorted(expected.sorted, laplaceDistribution(laplace)), 14);
    if (gauss) expect(gauss.ks).toBeCloseTo(ksOfSorted(expected.sorted, gaussDistribution(gauss)), 14);
  });

  test('have a sketch no further from them than it says', () => {
    expect(ksOfSketches(statistics.sketch, sketchOfSorted(expected.sorted))).toBeLessThanOrEqual(2 / 1024);
  });
});

test('weights that are far enough from both fits are not sorted', () => {
  const { moments, cells } = survey(chunksOf(mixed));
  const options = { probabilities: [0.5], bins: BINS, finite: true };
  expect(cellOrder(() => chunksOf(mixed), cells!, moments, options)).not.toBeNull();
});
