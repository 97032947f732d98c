import { describe, expect, it } from 'vitest';
import { assignNearest } from '../../../../src/core/assignment/nearest';
import { curveSettings, laplacianDistortion, supportCurve } from '../../../../src/core/curves/supportCurve';
import { layerSample } from '../../../../src/core/curves/layerSample';
import type { FloatArray } from '../../../../src/core/onnx/dataType';
import {
  BIT_WIDTHS, completeSettings, GRIDS, SUPPORT_REGIONS, type PartialSettings, type Support,
} from '../../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../../src/core/quantizeLayer';
import { jayantSupport } from '../../../../src/core/quantizers/supportRegion';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';
import { momentsOf, standardDeviation } from '../../../../src/core/statistics/moments';
import { laplacian } from '../../../fixtures/modelBuilder';

const decibels = (distortion: number): number => -10 * Math.log10(distortion);

/** SQNR of uniform mid-rise quantization of a unit Laplacian at 2, 3 and 4 bits, from its closed form. */
const THEORY: [limit: number, two: number, three: number, four: number][] = [
  [1, 4.433425, 5.318724, 5.742349],
  [1.5, 6.142766, 7.791501, 8.557234],
  [2.5, 6.883323, 11.119317, 13.541206],
  [3.5, 4.950278, 11.007538, 15.908469],
  [4, 3.781903, 10.215254, 15.842013],
  [5, 1.600845, 8.396933, 14.601264],
  [6, -0.284552, 6.707777, 13.104957],
  [7.063787, -2.006627, 5.127299, 11.655366],
];

describe('theory', () => {
  it.each(THEORY)('mid-rise with support %d: %d, %d and %d dB at 2, 3 and 4 bits', (limit, ...expected) => {
    ([2, 3, 4] as const).forEach((bits, i) => (
      expect(decibels(laplacianDistortion('mid-rise', bits, limit))).toBeCloseTo(expected[i]!, 5)
    ));
  });

  it.each(GRIDS)('%s: the error of the grid summed over the density in small steps', (grid) => {
    const step = 1e-4;
    const places = Float64Array.from({ length: 40 / step }, (_, i) => -20 + (i + 0.5) * step);
    const codes = new Uint8Array(places.length);
    const range = { min: -Infinity, max: Infinity };
    for (const bits of [2, 4, 8] as const) {
      for (const limit of [1, 3, 6]) {
        const codebook = new GridCodebook(uniformGrid(grid, bits, 0, limit, range), [-limit, limit]);
        assignNearest(places, codebook, codes);
        const distortion = places.reduce((sum, z, i) => (
          sum + step * Math.SQRT1_2 * Math.exp(-Math.SQRT2 * Math.abs(z)) * (z - codebook.levels[codes[i]!]!) ** 2
        ), 0);
        expect(decibels(laplacianDistortion(grid, bits, limit))).toBeCloseTo(decibels(distortion), 4);
      }
    }
  });

  it('is best, for mid-rise, at the support of Jayant and Noll', () => {
    for (const bits of BIT_WIDTHS) {
      const best = jayantSupport(2 ** bits);
      const least = laplacianDistortion('mid-rise', bits, best);
      for (const factor of [0.99, 1.01]) expect(laplacianDistortion('mid-rise', bits, best * factor)).toBeGreaterThan(least);
    }
  });
});

const layerOf = (weights: FloatArray) => ({ dims: [1, weights.length], channelAxis: null, dtype: 'float32' as const, name: 'w' });
const curveOf = (weights: FloatArray, planned: PartialSettings, limits: number[]) => supportCurve(
  layerSample(layerOf(weights), 'tensor', () => [weights], momentsOf([weights])), curveSettings(completeSettings(planned)),
  limits, 'float32', {},
);

describe('the curve of a layer', () => {
  const weights = laplacian(20_000, 1).map((w) => w + 0.01);
  const moments = momentsOf([weights]);

  it('is what quantizing the whole tensor at each limit and by each name gives', () => {
    const planned = { bits: 3, grid: 'affine', normalize: 'layer', granularity: 'channel' } as const;
    const curve = curveOf(weights, planned, [0.5, 2, 9]);
    expect(curve).toMatchObject({ detail: 'exact', weights: 20_000, bits: 3, grid: 'affine' });
    const measured = (support: Support): number => {
      const settings = completeSettings({ ...planned, granularity: 'tensor', support });
      return quantizeLayer(weights, layerOf(weights), settings).error.sqnrDb;
    };
    const points = [0.5, 2, 9].map((limit) => [limit, measured(limit)]);
    expect(curve.points.map(({ limit, sqnrDb }) => [limit, sqnrDb])).toEqual(points);
    expect(curve.named.map(({ region }) => region)).toEqual(SUPPORT_REGIONS);
    for (const { region, sqnrDb } of curve.named) expect(sqnrDb).toBeCloseTo(measured(region), 6);
  });

  it('counts limits in absDeviations from the mean that the plan normalises by', () => {
    const [std, { max, min, mean }] = [standardDeviation(moments), moments];
    const around = (centre: number): number => Math.max(max - centre, centre - min) / std;
    expect(curveOf(weights, { normalize: 'layer' }, [])).toMatchObject({ mean, std });
    expect(curveOf(weights, { normalize: 'none' }, [])).toMatchObject({ mean: 0, std });
    expect(curveOf(weights, { normalize: 'layer' }, []).named[0]).toMatchObject({ region: 'abs-max', limit: around(mean) });
    expect(curveOf(weights, { normalize: 'none' }, []).named[0]).toMatchObject({ region: 'abs-max', limit: around(0) });
  });

  it('has its best named choice at the measured optimum, in theory at that of Jayant and Noll', () => {
    const { named } = curveOf(weights, { bits: 2 }, []);
    const best = (of: 'sqnrDb' | 'theorySqnrDb') => named.toSorted((a, b) => b[of] - a[of])[0]!;
    expect(best('sqnrDb').region).toBe('mse');
    expect(best('theorySqnrDb')).toMatchObject({ region: 'jayant', limit: jayantSupport(4) });
    expect(best('theorySqnrDb').theorySqnrDb).toBeCloseTo(7.070747, 5);
  });

  it('is uniform whatever the method: mid-rise at 2 bits, else symmetric', () => {
    expect(curveOf(weights, { method: 'lloyd-max', bits: 2, grid: 'affine' }, [])).toMatchObject({ bits: 2, grid: 'mid-rise' });
    expect(curveOf(weights, { method: 'apot', bits: 5, grid: 'affine' }, [])).toMatchObject({ bits: 5, grid: 'symmetric' });
  });

  it('of a large layer comes from cells, close to that over all weights', () => {
    const many = laplacian(200_000, 2);
    const limits = [0.5, 1, 2, 4, 8];
    const curve = curveOf(many, { bits: 4, grid: 'mid-rise' }, limits);
    expect(curve).toMatchObject({ detail: 'approximate', weights: 200_000 });
    curve.points.forEach(({ limit, sqnrDb }) => {
      const settings = completeSettings({ bits: 4, grid: 'mid-rise', granularity: 'tensor', support: limit });
      expect(sqnrDb).toBeCloseTo(quantizeLayer(many, layerOf(many), settings).error.sqnrDb, 3);
    });
  });

  it('tells of the measured support what its grid gives, which may reach beyond all weights', () => {
    const quantized = Float32Array.from({ length: 1000 }, (_, i) => 0.25 * ((i % 15) - 7));
    const { named } = curveOf(quantized, { bits: 4, grid: 'affine' }, []);
    expect(named.find(({ region }) => region === 'mse')!.sqnrDb).toBeGreaterThan(120);
  });

  it('of constant weights loses nothing, and has no named choices', () => {
    const curve = curveOf(new Float32Array(100).fill(0.25), { bits: 2 }, [1, 2]);
    expect(curve.points.map(({ sqnrDb }) => sqnrDb)).toEqual([Infinity, Infinity]);
    expect(curve.named).toEqual([]);
  });
});
