import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BIT_WIDTHS, completeSettings, GRIDS, SUPPORT_REGIONS, type PartialSettings,
} from '../../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../../src/core/quantizeLayer';
import { uniform } from '../../../../src/core/quantizers/uniform';
import { jayantSupport } from '../../../../src/core/quantizers/supportRegion';
import type { Normalizer } from '../../../../src/core/quantizers/quantizer';
import { momentsOf, standardDeviation } from '../../../../src/core/statistics/moments';
import { median } from '../../../../src/core/statistics/median';
import { laplacianSample } from '../statistics/laplacianSample';

function design(weights: Float64Array, settings: PartialSettings, normalizer?: Normalizer) {
  const moments = momentsOf([weights]);
  const location = median(weights, moments);
  const scale = weights.reduce((sum, w) => sum + Math.abs(w - location), 0) / weights.length;
  const group = { weights, moments, laplace: { location, scale } };
  return uniform.design(group, completeSettings(settings), normalizer ?? { mean: 0, std: standardDeviation(moments) });
}

const SKEWED = Float64Array.of(-1, -0.5, 0.25, 0.5, 3);
const bits = fc.constantFrom(...BIT_WIDTHS);

describe('uniform grids', () => {
  it('mid-rise: cells fill the support, levels in their middles', () => {
    const book = design(SKEWED, { bits: 2, grid: 'mid-rise', support: 'abs-max' });
    expect([...book.levels]).toEqual([-2.25, -0.75, 0.75, 2.25]);
    expect([...book.thresholds]).toEqual([-1.5, 0, 1.5]);
    expect(book.uniform).toEqual({ kind: 'mid-rise', count: 4, scale: 1.5, zeroPoint: 1.5, offset: 0 });
    expect(book.support).toEqual([-3, 3]);
  });

  it('symmetric: abs-max at two bits leaves three levels', () => {
    const book = design(SKEWED, { bits: 2, grid: 'symmetric', support: 'abs-max' });
    expect([...book.levels]).toEqual([-3, 0, 3]);
    expect([...book.thresholds]).toEqual([-1.5, 1.5]);
    expect(book.uniform).toEqual({ kind: 'symmetric', count: 3, scale: 3, zeroPoint: 1, offset: 0 });
  });

  it('affine: abs-max is the range from least to largest weight', () => {
    const book = design(Float64Array.of(-1, 0.3, 2), { bits: 2, grid: 'affine', support: 'abs-max' });
    expect([...book.levels]).toEqual([-1, 0, 1, 2]);
    expect(book.uniform).toEqual({ kind: 'affine', count: 4, scale: 1, zeroPoint: 1, offset: 0 });
    expect(book.support).toEqual([-1, 2]);
  });

  it('affine: a one-sided range is widened to zero, a wide one clipped', () => {
    const range = { bits: 2, grid: 'affine', support: 'abs-max' } as const;
    expect([...design(Float64Array.of(1, 2, 3), range).levels]).toEqual([0, 1, 2, 3]);
    expect([...design(Float64Array.of(-3, -2, -1.5), range).levels]).toEqual([-3, -2, -1, 0]);
    expect(design(SKEWED, { bits: 8, grid: 'affine', support: 'abs-min' }).support).toEqual([-1, 1]);
    expect(design(SKEWED, { bits: 8, grid: 'affine', support: 'max-pos' }).support).toEqual([-1, 3]);
  });

  it('hold antisymmetric levels around their centre', () => {
    const grids = fc.constantFrom('mid-rise', 'symmetric');
    fc.assert(fc.property(bits, grids, fc.constantFrom(...SUPPORT_REGIONS), (b, grid, support) => {
      const { levels, thresholds } = design(laplacianSample(300), { bits: b, grid, support });
      expect([...levels].reverse().map((y) => 0 - y)).toEqual([...levels]);
      expect([...thresholds].reverse().map((t) => 0 - t)).toEqual([...thresholds]);
    }));
  });

  it('hold zero as a level, except mid-rise', () => {
    fc.assert(fc.property(
      bits, fc.constantFrom(...GRIDS), fc.float64Array({ min: -5, max: 5, noNaN: true, minLength: 1, maxLength: 30 }),
      (b, grid, weights) => {
        const { levels, uniform: stored } = design(weights, { bits: b, grid, support: 'abs-max' });
        expect([...levels].some((level) => Math.abs(level) === 0)).toBe(grid !== 'mid-rise');
        expect(stored?.scale).toBeGreaterThan(0);
        expect(Math.fround(stored?.scale ?? NaN)).toBe(stored?.scale);
      },
    ));
  });
});

describe('support regions', () => {
  const limits = (weights: Float64Array, normalizer?: Normalizer) =>
    Object.fromEntries(SUPPORT_REGIONS.map((support) => {
      const { support: [low, high] } = design(weights, { bits: 3, grid: 'mid-rise', support }, normalizer);
      return [support, (high - low) / 2];
    }));

  it('reach as far as their definitions say', () => {
    const sigma = standardDeviation(momentsOf([SKEWED]));
    const found = limits(SKEWED);
    expect(found).toMatchObject({ 'abs-max': 3, 'max-pos': 3, 'abs-min': 1 });
    expect(found['jayant']).toBeCloseTo(sigma * 2.923733, 5);
    expect(found['hui']).toBeCloseTo(sigma * 2.940774, 5);
    expect(found['hui-neuhoff']).toBeCloseTo(sigma * 2.755757, 5);
    expect(found['aciq']).toBeCloseTo((1.25 + 0.75 + 0 + 0.25 + 2.75) / 5 * 3.897229, 5);
  });

  it('may be a number of absDeviations: that of the least distortion is jayant', () => {
    const named = design(SKEWED, { bits: 2, support: 'jayant' }, { mean: 0.5, std: 2 });
    const numbered = design(SKEWED, { bits: 2, support: 2.174785 }, { mean: 0.5, std: 2 });
    numbered.levels.forEach((level, k) => expect(level).toBeCloseTo(named.levels[k]!, 5));
    expect(numbered.support[0]).toBeCloseTo(0.5 - 2 * 2.174785, 12);
  });

  it.each(['channel', 'block:16'] as const)('in numbers count in the deviation of each %s', (granularity) => {
    const weights = Float32Array.from(laplacianSample(96), (w, i) => w * (1 + Math.floor(i / 16)));
    const layer = { dims: [2, 48], channelAxis: 0, dtype: 'float32' as const, name: 'w' };
    const { codebooks } = quantizeLayer(weights, layer, completeSettings({ bits: 3, grid: 'mid-rise', support: 2.5, granularity }));
    const size = weights.length / codebooks.length;
    [...codebooks].forEach(({ uniform: grid }, i) => {
      const own = momentsOf([weights.subarray(i * size, (i + 1) * size)]);
      expect(grid!.scale).toBeCloseTo((2 * 2.5 * standardDeviation(own)) / 8, 6);
    });
  });

  it('count from the mean of the normalizer, in its absDeviations', () => {
    const found = limits(SKEWED, { mean: 0.5, std: 2 });
    expect(found).toMatchObject({ 'abs-max': 2.5, 'max-pos': 2.5, 'abs-min': 1.5 });
    expect(found['jayant']).toBeCloseTo(2 * jayantSupport(8), 12);
  });

  it('fall back to abs-max where a one-sided limit is not positive', () => {
    expect(limits(Float64Array.of(-3, -2, -1))).toMatchObject({ 'max-pos': 3 });
    expect(limits(Float64Array.of(0, 1, 2))).toMatchObject({ 'abs-min': 2 });
  });
});

describe('measured support', () => {
  const noise = (weights: Float64Array, settings: PartialSettings) => {
    const { levels } = design(weights, settings);
    return weights.reduce((sum, w) => sum + Math.min(...levels.map((level) => (level - w) ** 2)), 0);
  };

  it('loses no more than any other support', () => {
    fc.assert(fc.property(
      bits, fc.constantFrom(...GRIDS), fc.constantFrom(...SUPPORT_REGIONS), fc.integer({ min: 2000, max: 4000 }),
      fc.constantFrom((w: number) => w, (w: number) => w * Math.abs(w), (w: number) => Math.tanh(w) + 0.2, Math.abs),
      (b, grid, support, count, shape) => {
        const weights = laplacianSample(count).map(shape);
        const least = noise(weights, { bits: b, grid, support: 'mse' });
        expect(least).toBeLessThanOrEqual(noise(weights, { bits: b, grid, support }) * (1 + 1e-6));
      },
    ), { numRuns: 40 });
  });

  it('is near the theory’s on a Laplacian', () => {
    for (const b of [2, 3, 4] as const) {
      const { support: [, limit] } = design(laplacianSample(60_000), { bits: b, grid: 'mid-rise', support: 'mse' });
      expect(Math.abs(limit / jayantSupport(2 ** b) - 1)).toBeLessThan(0.02);
    }
  });

  it('of a large group, found on cells, is as good as on the weights themselves', () => {
    const weights = laplacianSample(140_000);
    weights[7] = 60;
    for (const b of [2, 4, 8] as const) {
      const { support: [, found] } = design(weights, { bits: b, grid: 'symmetric', support: 'mse' });
      const scale = (limit: number) => limit / (2 ** (b - 1) - 1);
      const error = (limit: number) => weights.reduce((sum, w) => {
        const last = 2 ** (b - 1) - 1;
        return sum + (w - scale(limit) * Math.max(-last, Math.min(last, Math.round(w / scale(limit))))) ** 2;
      }, 0);
      for (const factor of [0.5, 0.8, 0.95, 1.05, 1.2, 2]) expect(error(found)).toBeLessThan(error(factor * found) * 1.001);
    }
  });

  it('scales with the weights', () => {
    const weights = laplacianSample(500);
    const once = design(weights, { bits: 4, support: 'mse' }).uniform?.scale as number;
    expect(design(weights.map((w) => 8 * w), { bits: 4, support: 'mse' }).uniform?.scale).toBe(8 * once);
  });
});
