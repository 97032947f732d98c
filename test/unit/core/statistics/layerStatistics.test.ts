import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoreError } from '../../../../src/core/errors';
import { layerStatistics } from '../../../../src/core/statistics/layerStatistics';
import { laplacianSample, TWELVE } from './laplacianSample';

const of = (...chunks: (Float32Array | Float64Array)[]) => layerStatistics(() => chunks, 4);

describe('layerStatistics', () => {
  it('matches the reference numbers of a Laplacian sample', () => {
    const s = of(laplacianSample(4096));
    expect(s.count).toBe(4096);
    expect(s.min).toBeCloseTo(-6.465094749, 9);
    expect(s.max).toBeCloseTo(5.444290315, 9);
    expect(s.mean).toBeCloseTo(-0.000482616, 9);
    expect(s.std).toBeCloseTo(0.999757098, 9);
    expect(s.std ** 2).toBeCloseTo(0.999514256, 9);
    expect(s.median).toBeCloseTo(0.000075648, 9);
    expect(s.meanAbsDeviation).toBeCloseTo(0.70706518, 9);
    expect(s.kurtosis).toBeCloseTo(2.930768, 6);
    expect(s.laplace?.location).toBe(s.median);
    expect(s.laplace?.scale).toBe(s.meanAbsDeviation);
    expect(s.laplace?.ks).toBeCloseTo(0.00053181, 9);
    expect(s.laplace?.logLikelihood).toBeCloseTo(-5515.324441, 6);
    expect(s.gauss?.ks).toBeCloseTo(0.062438744, 9);
    expect(s.gauss?.logLikelihood).toBeCloseTo(-5810.977187, 6);
  });

  it('matches the reference numbers of twelve weights', () => {
    const s = of(TWELVE);
    expect(s.mean).toBeCloseTo(0.104167, 6);
    expect(s.std).toBeCloseTo(0.782309, 6);
    expect(s.median).toBeCloseTo(0.01, 15);
    expect(s.meanAbsDeviation).toBeCloseTo(0.504167, 6);
    expect(s.laplace?.ks).toBeCloseTo(0.15199, 6);
    expect(s.gauss?.ks).toBeCloseTo(0.22664, 6);
    expect(s.zeros).toBe(1);
  });

  it('interpolates quantiles linearly', () => {
    const { quantiles } = of(Float32Array.of(3, 1, 2, 0));
    expect(quantiles).toEqual({
      '0.01': expect.closeTo(0.03, 12), '0.1': expect.closeTo(0.3, 12), '0.25': 0.75, '0.5': 1.5, '0.75': 2.25,
      '0.9': expect.closeTo(2.7, 12), '0.99': expect.closeTo(2.97, 12),
    });
  });

  it('counts bins of equal width, the maximum in the last one', () => {
    expect(of(Float32Array.of(0, 0.9, 1, 1.5, 2.5, 4)).histogram).toEqual({ min: 0, max: 4, counts: [2, 2, 1, 1] });
  });

  it('counts what is not finite apart and leaves it out of the rest', () => {
    const s = of(Float32Array.of(1, NaN, -Infinity), Float32Array.of(Infinity, 3, 0));
    expect(s).toMatchObject({ exact: true, count: 6, nan: 1, inf: 2, zeros: 1, min: 0, max: 3, median: 1 });
    expect(s.mean).toBeCloseTo(4 / 3, 15);
    expect(s.histogram.counts.reduce((a, b) => a + b)).toBe(3);
  });

  it('fits no density to constant weights', () => {
    const s = of(new Float32Array(7).fill(0.1));
    expect(s).toMatchObject({ std: 0, meanAbsDeviation: 0, laplace: null, gauss: null, kurtosis: NaN });
    expect(s.mean).toBe(Math.fround(0.1));
    expect(s.histogram.counts).toEqual([0, 0, 0, 7]);
  });

  it('has no numbers for no weights', () => {
    for (const s of [of(), of(new Float32Array(0)), of(Float32Array.of(NaN, NaN))]) {
      expect(s).toMatchObject({ min: NaN, max: NaN, mean: NaN, std: NaN, median: NaN, laplace: null, gauss: null });
      expect(s.histogram.counts).toEqual([]);
      expect(Object.values(s.quantiles)).toEqual(new Array(7).fill(NaN));
    }
    expect(of(Float32Array.of(NaN, NaN))).toMatchObject({ count: 2, nan: 2 });
  });

  it('does not depend on how weights are cut into chunks', () => {
    fc.assert(fc.property(
      fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 2, maxLength: 60 }), fc.nat(60),
      (values, cut) => {
        const whole = of(Float32Array.from(values));
        const parts = of(Float32Array.from(values.slice(0, cut)), Float32Array.from(values.slice(cut)));
        expect(parts.median).toBe(whole.median);
        expect(parts.histogram).toEqual(whole.histogram);
        expect(parts.std).toBeCloseTo(whole.std, 9);
      },
    ));
  });

  it('keeps its precision far from zero', () => {
    const s = of(Float64Array.of(1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16));
    expect(s.std).toBeCloseTo(Math.sqrt(22.5), 12);
  });

  it('stops when cancelled', () => {
    expect(() => layerStatistics(() => [new Float32Array(4)], 4, { aborted: true })).toThrow(CoreError);
  });
});
