import { describe, expect, test } from 'vitest';
import { fromFloat16Bits, toFloat16Bits } from '../../../../src/core/onnx/float16';
import { gaussDistribution, laplaceDistribution, type Distribution } from '../../../../src/core/statistics/distributions';
import { ksOfSorted } from '../../../../src/core/statistics/kolmogorovSmirnov';
import { layerStatistics, type LayerStatistics } from '../../../../src/core/statistics/layerStatistics';
import { ksOfSketches, sketchOfSorted } from '../../../../src/core/statistics/quantileSketch';
import { seededRandom } from '../../../fixtures/laplacian';
import { laplacian } from '../../../fixtures/modelBuilder';
import { byDefinition, chunksOf } from './ordered';

const COUNT = 300_000;
const BINS = 64;
/** The largest share of the weights that may lie in a cell without being looked into. */
const SHARE = 1 / 2048;

const random = seededRandom(3);
const uniform = Float32Array.from({ length: COUNT }, () => 2 * random() - 1);
const gauss = uniform.map(() => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
const laplace = laplacian(COUNT, 4);
const masked = (weights: Float32Array, mask: number): Float32Array => (
  new Float32Array(new Uint32Array(weights.slice().buffer).map((bits) => bits & mask).buffer)
);

/** What one look leaves open: cells of which it is not known where in them the weights lie, none of them large. */
const smooth: Record<string, Float32Array> = {
  'Laplacian': laplace,
  'Gaussian': gauss,
  'uniform': uniform,
  'of a mixture': laplace.map((w, i) => (i % 3 ? w : 0.4 * gauss[i]! + 0.2)),
  'skewed': gauss.map((w) => Math.exp(w)),
  'shifted': gauss.map((w) => w + 1.5),
  'pruned': gauss.map((w) => (Math.abs(w) < 0.7 ? 0 : w)),
  'pruned to zeros of both signs': gauss.map((w) => (Math.abs(w) < 0.7 ? 0 * w : w)),
  'rounded to 13 bits of fraction': masked(gauss, 0xfffffc00),
  'some not finite': gauss.map((w, i) => (i % 1000 === 7 ? NaN : i === 299_999 ? Infinity : i === 70_000 ? -Infinity : w)),
  'very small': gauss.map((w) => w * 1e-30),
  'very large': gauss.map((w) => w * 1e37),
};

/** Known exactly: by one look, as each cell has one value, or by the second. */
const exact: Record<string, Float32Array> = {
  'rounded to float16': gauss.map((w) => fromFloat16Bits(toFloat16Bits(w))),
  'rounded to bfloat16': masked(gauss, 0xffff0000),
  'float16 and some not finite': gauss.map((w, i) => (i % 9 === 7 ? NaN : i % 10_001 ? fromFloat16Bits(toFloat16Bits(w)) : -Infinity)),
  'of 16 levels': gauss.map((w) => 0.3 * Math.max(-8, Math.min(7, Math.round(3 * w)))),
  'of 16 levels, of few bits': gauss.map((w) => 0.25 * Math.max(-8, Math.min(7, Math.round(3 * w)))),
  'of two values': gauss.map((w) => (w < 0.3 ? -0.1 : 0.3)),
  'of two values in a cell': gauss.map((w) => (w < 0.3 ? 1.00001 : 1.00002)),
  'constant': gauss.map(() => 0.3),
  'all zero': gauss.map((w) => 0 * w),
  'far from zero': gauss.map((w) => 3 + 0.001 * w),
  'denormal': gauss.map((w) => w * 1e-42),
  'zeros and a few denormal': gauss.map((w, i) => (i % 1000 ? 0 : w * 1e-44)),
};

function fitsOf({ laplace, gauss }: LayerStatistics): [Distribution, number][] {
  return laplace && gauss ? [[laplaceDistribution(laplace), laplace.ks], [gaussDistribution(gauss), gauss.ks]] : [];
}

describe.each(Object.entries(smooth))('many weights, %s, in one look', (_, weights) => {
  const found = layerStatistics(() => chunksOf(weights), BINS);
  const expected = byDefinition(weights, BINS);

  test('say that they are not exact', () => {
    expect(found.exact).toBe(false);
  });

  test('have exact counts, range and mean', () => {
    const { count, nan, inf, zeros, min, max, mean } = found;
    expect({ count, nan, inf, zeros, min, max }).toEqual({
      count: weights.length, nan: weights.filter(Number.isNaN).length,
      inf: weights.filter((w) => Math.abs(w) === Infinity).length, zeros: weights.filter((w) => w === 0).length,
      min: expected.sorted[0], max: expected.sorted.at(-1),
    });
    expect(mean / expected.moments.mean).toBeCloseTo(1, 11);
  });

  test('have quantiles within their cells', () => {
    for (const [p, value] of [...Object.entries(found.quantiles), ['0.5', found.median]] as [string, number][]) {
      expect(Math.abs(value - expected.quantileOf(Number(p)))).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
    }
  });

  test('have absDeviations and kurtosis that are close', () => {
    expect(found.std / expected.std).toBeCloseTo(1, 5);
    expect(found.meanAbsDeviation / expected.meanAbsDeviation).toBeCloseTo(1, 6);
    expect((found.kurtosis + 3) / (expected.kurtosis + 3)).toBeCloseTo(1, 4);
  });

  test('have bins that add up, and differ by no more than cells at their edges', () => {
    const { counts } = found.histogram;
    const count = expected.sorted.length;
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(count);
    let [below, exactly] = [0, 0];
    counts.forEach((n, i) => {
      expect(n).toBe(Math.round(n));
      expect(n).toBeGreaterThanOrEqual(0);
      below += n;
      exactly += expected.counts[i]!;
      expect(Math.abs(below - exactly)).toBeLessThanOrEqual(SHARE * count);
    });
  });

  test('have distances to fits that are short by no more than a cell, and hardly so', () => {
    for (const [fit, ks] of fitsOf(found)) {
      const short = ksOfSorted(expected.sorted, fit) - ks;
      expect(short).toBeGreaterThan(-1e-12);
      expect(short).toBeLessThan(Math.min(SHARE, 2e-5));
    }
  });

  test('have a sketch no further from them than it says', () => {
    expect(ksOfSketches(found.sketch, sketchOfSorted(expected.sorted))).toBeLessThanOrEqual(2 / 1024);
  });
});

describe.each(Object.entries(exact))('many weights, %s', (_, weights) => {
  const found = layerStatistics(() => chunksOf(weights), BINS);
  const expected = byDefinition(weights, BINS);

  test('have statistics that are exact, and say so', () => {
    expect(found.exact).toBe(true);
    expect(found.median + 0).toBe(expected.median + 0);
    for (const [p, value] of Object.entries(found.quantiles)) expect(value + 0).toBe(expected.quantileOf(Number(p)) + 0);
    expect(found.histogram.counts).toEqual(expected.counts);
    expect(found.std / expected.std || 1).toBeCloseTo(1, 9);
    expect(found.kurtosis / expected.kurtosis || 1).toBeCloseTo(1, 8);
    expect(found.meanAbsDeviation / expected.meanAbsDeviation || 1).toBeCloseTo(1, 9);
    for (const [fit, ks] of fitsOf(found)) expect(ks).toBeCloseTo(ksOfSorted(expected.sorted, fit), 12);
    expect(ksOfSketches(found.sketch, sketchOfSorted(expected.sorted))).toBeLessThanOrEqual(2 / 1024);
  });
});
