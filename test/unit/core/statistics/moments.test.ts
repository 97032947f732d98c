import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineMoments, momentsOf, NO_MOMENTS, standardDeviation } from '../../../../src/core/statistics/moments';
import { laplacianSample } from './laplacianSample';

const values = fc.array(fc.double({ noNaN: true, min: -10, max: 10 }), { minLength: 1, maxLength: 40 });

describe('moments', () => {
  it('are sums of powers of the deviation from the mean', () => {
    const m = momentsOf([Float64Array.of(1, 2, 3, 6)]);
    expect(m).toEqual({ count: 4, min: 1, max: 6, mean: 3, m2: 14, m3: 18, m4: 98 });
    expect(standardDeviation(m)).toBe(Math.sqrt(3.5));
  });

  it('have the skewness and kurtosis of a Laplacian sample', () => {
    const { count, m2, m3, m4 } = momentsOf([laplacianSample(4096)]);
    expect((m3 / count) / (m2 / count) ** 1.5).toBeCloseTo(-0.037704, 6);
    expect((m4 / count) / (m2 / count) ** 2 - 3).toBeCloseTo(2.930768, 6);
  });

  it('combine to those of both sets', () => {
    fc.assert(fc.property(values, values, (a, b) => {
      const together = momentsOf([Float64Array.from([...a, ...b])]);
      const combined = combineMoments(momentsOf([Float64Array.from(a)]), momentsOf([Float64Array.from(b)]));
      expect(combined).toMatchObject({ count: together.count, min: together.min, max: together.max });
      expect(combined.mean).toBeCloseTo(together.mean, 10);
      expect(combined.m2).toBeCloseTo(together.m2, 8);
      expect(combined.m3).toBeCloseTo(together.m3, 6);
      expect(combined.m4).toBeCloseTo(together.m4, 5);
    }));
  });

  it('leave out what is not finite', () => {
    const dirty = [Float32Array.of(NaN, 2, -Infinity), Float32Array.of(Infinity)];
    expect(momentsOf(dirty)).toMatchObject({ count: 1, mean: 2, m2: 0 });
    expect(momentsOf([Float32Array.of(NaN)])).toEqual(NO_MOMENTS);
  });
});
