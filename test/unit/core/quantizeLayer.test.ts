import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerCut, stripeRuns, stripesOf, wholeStripe } from '../../../src/core/groups/stripes';
import { CoreError } from '../../../src/core/errors';
import type { FloatArray } from '../../../src/core/onnx/dataType';
import {
  BIT_WIDTHS, completeSettings, GRIDS, METHODS, NORMALIZATIONS, scopeOf, SUPPORT_REGIONS, type PartialSettings,
} from '../../../src/core/plan/layerSettings';
import { dequantized, levelsOf, quantizeLayer, quantizeStripes } from '../../../src/core/quantizeLayer';
import { momentsOf } from '../../../src/core/statistics/moments';
import { laplacianSample, TWELVE } from './statistics/laplacianSample';

function quantized(weights: FloatArray, settings: PartialSettings, dims = [weights.length], channelAxis: number | null = null) {
  const layer = { name: 'w', dtype: 'float64' as const, dims, channelAxis };
  const result = quantizeLayer(weights, layer, completeSettings({ granularity: 'tensor', ...settings }), {
    modelMoments: momentsOf([weights]),
  });
  return { ...result, weights: dequantized(result) };
}

const LWUQ: PartialSettings = { grid: 'mid-rise', normalize: 'layer' };

describe('published quantizers', () => {
  const sample = laplacianSample(4096);

  it.each([
    [2, 'jayant', 7.075506], [2, 'hui', 6.983265], [2, 'hui-neuhoff', 7.015575], [2, 'abs-max', -1.069009],
    [2, 'max-pos', 0.72787], [3, 'jayant', 11.455497], [4, 'jayant', 16.020509], [8, 'jayant', 36.011719],
  ] as const)('layer-wise mid-rise, %d bits, %s: %d dB on a Laplacian sample', (bits, support, sqnrDb) => {
    for (const normalize of ['layer', 'model'] as const) {
      const { error } = quantized(sample, { ...LWUQ, normalize, bits, support });
      expect(Math.abs(error.sqnrDb - sqnrDb)).toBeLessThan(2e-6);
    }
  });

  it('give the reference values of twelve weights', () => {
    const jayant = quantized(TWELVE, { ...LWUQ, bits: 2, support: 'jayant' });
    expect(jayant.error.mse).toBeCloseTo(0.122022792, 6);
    expect(Math.abs(jayant.error.sqnrDb - 7.079483)).toBeLessThan(2e-6);
    const values = [-1.171849, ...new Array<number>(7).fill(-0.321172), ...new Array<number>(3).fill(0.529505), 1.380183];
    values.forEach((value, i) => expect(jayant.weights[i]).toBeCloseTo(value, 5));

    const hui = quantized(TWELVE, { ...LWUQ, bits: 2, support: 'hui' });
    expect(Math.abs(hui.error.sqnrDb - 6.997934)).toBeLessThan(2e-6);
    expect([...hui.codes]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3]);
    expect(Math.abs(quantized(TWELVE, { ...LWUQ, bits: 3, support: 'jayant' }).error.sqnrDb - 14.346042)).toBeLessThan(2e-6);
  });
});

describe('quantizeLayer', () => {
  it('computes its measures from the weights a copy holds', () => {
    fc.assert(fc.property(
      fc.constantFrom(...BIT_WIDTHS), fc.constantFrom(...GRIDS), fc.constantFrom(...NORMALIZATIONS),
      fc.constantFrom(...SUPPORT_REGIONS),
      fc.constantFrom('tensor', 'channel'), fc.constantFrom(0, 1, 2),
      fc.float32Array({ min: -4, max: 4, noNaN: true, minLength: 24, maxLength: 24 }),
      (bits, grid, normalize, support, granularity, axis, weights) => {
        const q = quantized(weights, { bits, grid, normalize, support, granularity }, [2, 3, 4], axis);
        expect(q.codebooks).toHaveLength(granularity === 'channel' ? ([2, 3, 4][axis] as number) : 1);
        const noise = weights.reduce((sum, w, i) => sum + (w - (q.weights[i] as number)) ** 2, 0);
        const signal = weights.reduce((sum, w) => sum + w * w, 0);
        expect(q.sums).toMatchObject({ count: 24 });
        expect(q.sums.signal).toBeCloseTo(signal, 9);
        expect(q.sums.noise).toBeCloseTo(noise, 9);
        expect(q.error.mse).toBeCloseTo(noise / 24, 10);
        expect(q.error.maxAbsError).toBe(Math.max(...Array.from(weights, (w, i) => Math.abs(w - (q.weights[i] as number)))));
        [...q.codebooks].forEach(({ uniform }, group) => {
          expect(levelsOf(q, group).every(Number.isFinite)).toBe(true);
          expect(uniform?.scale).toBeGreaterThan(0);
        });
        expect(Math.max(...q.codes)).toBeLessThan(q.widest.codebook.levels.length);
      },
    ), { numRuns: 200 });
  });

  it('gives every channel what it would get alone', () => {
    const weights = Float32Array.from(laplacianSample(60), (w, i) => w * (1 + (i % 3)));
    const whole = quantized(weights, { bits: 3, granularity: 'channel' }, [20, 3], 1);
    for (let channel = 0; channel < 3; channel++) {
      const own = weights.filter((_, i) => i % 3 === channel);
      const alone = quantized(own, { bits: 3 });
      expect(alone.codebooks.get(0)).toEqual(whole.codebooks.get(channel));
      expect([...alone.codes]).toEqual([...whole.codes].filter((_, i) => i % 3 === channel));
    }
  });

  it('gives every block what it would get alone, the shorter last one too', () => {
    const weights = Float32Array.from(laplacianSample(100), (w, i) => w * (1 + (i % 7)));
    const whole = quantized(weights, { bits: 3, granularity: 'block:16', normalize: 'layer' }, [50, 2], 1);
    expect(whole.codebooks).toHaveLength(8);
    for (let block = 0; block < 8; block++) {
      const isOwn = (i: number) => i % 2 === block % 2 && Math.floor(i / 32) === Math.floor(block / 2);
      const alone = quantized(weights.filter((_, i) => isOwn(i)), { bits: 3, normalize: 'layer' });
      expect(alone.codebooks.get(0)).toEqual(whole.codebooks.get(block));
      expect([...alone.codes]).toEqual([...whole.codes].filter((_, i) => isOwn(i)));
    }
  });

  it('quantizes a layer without a channel axis per tensor', () => {
    const q = quantized(TWELVE, { bits: 4, granularity: 'channel' }, [12], null);
    expect(q.codebooks).toHaveLength(1);
    expect(q.codebooks).toEqual(quantized(TWELVE, { bits: 4, granularity: 'tensor' }).codebooks);
  });

  it('is round-to-nearest with symmetric abs-max', () => {
    const weights = Float64Array.of(-1, -0.6, -0.4, 0.1, 0.5, 0.7);
    const q = quantized(weights, { bits: 2, grid: 'symmetric', support: 'abs-max' });
    expect([...q.weights]).toEqual([-1, -1, 0, 0, 0, 1]);
    expect(q.widest.levels).toHaveLength(3);
  });

  it('reproduces constants and single weights under any settings', () => {
    fc.assert(fc.property(
      fc.constantFrom(...BIT_WIDTHS), fc.constantFrom(...GRIDS), fc.constantFrom(...NORMALIZATIONS),
      fc.constantFrom(...SUPPORT_REGIONS),
      fc.constantFrom(0, 0.3, -0.3, 1e-30, -7), fc.constantFrom(1, 5),
      (bits, grid, normalize, support, constant, count) => {
        const value = Math.fround(constant);
        const q = quantized(new Float32Array(count).fill(value), { bits, grid, normalize, support });
        expect(q.error.maxAbsError).toBeLessThanOrEqual(2 ** -126);
        expect(q.weights[0]).toBeCloseTo(value, 30);
      },
    ));
  });

  it('loses nothing of zeros, by any method and around any mean', () => {
    const modelMoments = momentsOf([laplacianSample(100).map((w) => w + 0.37)]);
    const layer = { name: 'w', dims: [5], channelAxis: null, dtype: 'float32' as const };
    for (const method of METHODS) for (const bits of scopeOf(method, 4).bits) for (const grid of GRIDS) for (const normalize of NORMALIZATIONS) {
      const settings = completeSettings({ method, bits, grid, normalize, granularity: 'tensor' });
      const { error } = quantizeLayer(new Float32Array(5), layer, settings, { modelMoments });
      const setting = `${method}, ${bits} bits, ${grid}, ${normalize}`;
      expect(error.maxAbsError, setting).toBeLessThanOrEqual(2 ** -126);
      expect(error, setting).toMatchObject({ sqnrDb: Infinity, predictedSqnrDb: Infinity, cosine: 1 });
    }
  });

  it('reproduces a dead and a constant channel beside a good one', () => {
    const weights = new Float32Array(30);
    weights.set(laplacianSample(10));
    weights.fill(0.7, 20);
    for (const normalize of NORMALIZATIONS) for (const grid of GRIDS) {
      const q = quantized(weights, { bits: 4, granularity: 'channel', grid, normalize }, [3, 10], 0);
      q.weights.subarray(10).forEach((w, i) => expect(w).toBeCloseTo(i < 10 ? 0 : 0.7, 6));
      expect(q.error.sqnrDb).toBeGreaterThan(15);
    }
  });

  it('stores float16 levels for float16 weights', () => {
    const weights = Float32Array.of(-0.5, 0.1, 0.25, 0.5);
    const layer = { name: 'w', dtype: 'float16' as const, dims: [4], channelAxis: null };
    const q = quantizeLayer(weights, layer, completeSettings({ bits: 4, support: 'abs-max' }));
    expect([...levelsOf(q, 0)].every((level) => (level * 2 ** 14) % 1 === 0)).toBe(true);
    expect([...dequantized(q)].at(-1)).toBe(0.5);
  });

  it('predicts the error of Laplacian weights', () => {
    const weights = laplacianSample(40_000).map((w) => 0.02 * w + 0.001);
    for (const bits of [2, 3, 4] as const) {
      const { error } = quantized(weights, { bits, grid: 'mid-rise', support: 'jayant' });
      expect(Math.abs(error.predictedSqnrDb - error.sqnrDb)).toBeLessThan(0.05);
    }
  });

  it('predicts a tensor from its channels, each by its own fit', () => {
    const weights = Float64Array.from([...laplacianSample(5000), ...laplacianSample(5000).map((w) => 9 * w)]);
    const { error } = quantized(weights, { bits: 4, granularity: 'channel' }, [2, 5000], 0);
    expect(Math.abs(error.predictedSqnrDb - error.sqnrDb)).toBeLessThan(0.2);
  });

  it('loses as many decibels whatever the units', () => {
    const weights = laplacianSample(1000);
    const once = quantized(weights, { ...LWUQ, bits: 3, support: 'mse' }).error.sqnrDb;
    expect(quantized(weights.map((w) => w / 64), { ...LWUQ, bits: 3, support: 'mse' }).error.sqnrDb).toBeCloseTo(once, 9);
  });

  it.each(METHODS)('gives finite levels to the largest weights that are not refused, by %s', (method) => {
    const sample = laplacianSample(300);
    const weights = sample.map((w) => w / Math.max(...sample.map(Math.abs)));
    for (const bits of BIT_WIDTHS.filter((width) => scopeOf(method, width).bits.includes(width))) {
      for (const grid of method === 'uniform' ? GRIDS : GRIDS.slice(0, 1)) {
        for (const [dtype, largest] of [['float32', 2 ** 125], ['float16', 2 ** 13], ['float64', 2 ** 125]] as const) {
          const layer = { name: 'w', dtype, dims: [300], channelAxis: null };
          const result = quantizeLayer(weights.map((w) => w * largest), layer, completeSettings({ method, bits, grid, granularity: 'tensor' }));
          expect(Array.from(levelsOf(result, 0)).every(Number.isFinite)).toBe(true);
          expect(result.error.sqnrDb).toBeGreaterThan(2);
        }
      }
    }
  });

  it('refuses what cannot be quantized, and says why', () => {
    const reasonOf = (weights: FloatArray, settings: PartialSettings = {}, dtype: 'float32' | 'float16' | 'bfloat16' | 'int8' = 'float32') => {
      try {
        quantizeLayer(weights, { name: 'w', dims: [weights.length], channelAxis: null, dtype }, completeSettings(settings));
      } catch (error) {
        return error instanceof CoreError ? error.problem : error;
      }
      return null;
    };
    const problem = (reason: string) => ({ code: 'not-quantizable', place: { tensor: 'w' }, detail: { reason } });
    expect(reasonOf(Float32Array.of(1, NaN))).toEqual(problem('not-finite'));
    expect(reasonOf(Float32Array.of(1, -Infinity))).toEqual(problem('not-finite'));
    expect(reasonOf(Float32Array.of(1, 1e38))).toEqual(problem('too-large'));
    expect(reasonOf(Float32Array.of(1, -1e38))).toEqual(problem('too-large'));
    expect(reasonOf(Float64Array.of(1, 1e100))).toEqual(problem('too-large'));
    expect(reasonOf(Float32Array.of(1, -9000), {}, 'float16')).toEqual(problem('too-large'));
    expect(reasonOf(Float32Array.of(1, -9000), {}, 'bfloat16')).toBeNull();
    expect(reasonOf(Float64Array.of(1e-165, -1e-170))).toEqual(problem('too-small'));
    expect(reasonOf(Float32Array.of(1e-39, 2e-39))).toEqual(problem('too-small'));
    expect(reasonOf(Float64Array.of(1, 1e-165))).toBeNull();
    expect(reasonOf(Float64Array.of(0, 0))).toBeNull();
    expect(reasonOf(new Float32Array(0))).toEqual(problem('empty'));
    expect(reasonOf(Float32Array.of(1, 2), {}, 'int8')).toEqual(problem('dtype-not-supported'));
    expect(reasonOf(Float32Array.of(1, 2), { normalize: 'model' })).toMatchObject({ code: 'internal' });
  });

  it('stops when cancelled', () => {
    const layer = { name: 'w', dims: [2], channelAxis: 0, dtype: 'float32' as const };
    const context = { signal: { aborted: true } };
    expect(() => quantizeLayer(Float32Array.of(1, 2), layer, completeSettings({}), context)).toThrow('cancelled');
  });
});

describe('weights in stripes', () => {
  const dims = [48, 40];
  const weights = laplacianSample(48 * 40);

  it.each([
    [0, 'channel', 0, 3], [0, 'block:16', 0, 5], [1, 'block:16', 0, 16], [1, 'block:16', 0, 32], [0, 'channel', 0, 48],
    [1, 'channel', 1, 7], [1, 'channel', 1, 40],
  ] as const)('channels along axis %i, %s, cut along axis %i, %i at a time: as all at once', (channelAxis, granularity, axis, indices) => {
    const layer = { name: 'w', dtype: 'float32' as const, dims, channelAxis };
    const settings = completeSettings({ bits: 4, granularity });
    const stripes = Array.from(stripesOf(dims, { axis, indices }), (stripe) => {
      const some: number[] = [];
      const { from, count, distance, runs } = stripeRuns(dims, stripe);
      for (let at = from; at < from + runs * distance; at += distance) some.push(...weights.subarray(at, at + count));
      return { stripe, weights: Float64Array.from(some) };
    });
    expect(quantizeStripes(stripes, layer, settings)).toEqual(quantizeLayer(weights, layer, settings));
  });

  it.each(['uniform', 'subset'] as const)('that are read several times, in pieces, %s: as all at once', (method) => {
    const layer = { name: 'w', dtype: 'float32' as const, dims, channelAxis: 0 };
    const settings = completeSettings({ method, bits: 4, granularity: 'tensor' });
    const singles = Float32Array.from(weights);
    const read = () => [singles.subarray(0, 700), singles.subarray(700, 1400), singles.subarray(1400)];
    const stripes = [{ stripe: wholeStripe(dims), weights: { length: singles.length, read } }];
    expect(quantizeStripes(stripes, layer, settings).codes).toEqual(quantizeLayer(singles, layer, settings).codes);
  });

  it('hold whole groups, and no more than they need to where those are small', () => {
    const large = { dims: [1 << 14, 1 << 12], dtype: 'float32' as const, name: 'w' };
    expect(layerCut({ ...large, channelAxis: 0 }, 'channel')).toEqual({ axis: 0, indices: 256 });
    expect(layerCut({ ...large, channelAxis: 1 }, 'block:32')).toEqual({ axis: 0, indices: 256 });
    expect(layerCut({ ...large, channelAxis: 1 }, 'channel')).toEqual({ axis: 1, indices: 256, isByColumn: true });
    expect(layerCut({ dims: [1 << 12, 1 << 12], channelAxis: 1 }, 'channel')).toEqual({ axis: 1, indices: 1024, isByColumn: true });
    expect(layerCut({ dims: [1 << 18, 1 << 12], channelAxis: 1 }, 'channel')).toEqual({ axis: 1, indices: 64, isByColumn: true });
    expect(layerCut({ ...large, channelAxis: 0 }, 'tensor')).toBeNull();
    expect(layerCut({ dims: [3, 1 << 23], channelAxis: 0 }, 'channel')).toEqual({ axis: 0, indices: 1 });
    expect(layerCut({ dims: [], channelAxis: null }, 'channel')).toBeNull();
  });
});
