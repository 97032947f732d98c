import { describe, expect, it } from 'vitest';
import { BIT_WIDTHS, FITS, METHODS, scopeOf, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { QUANTIZERS } from '../../../../src/core/quantizers';
import { laplacianSample, TWELVE } from '../statistics/laplacianSample';
import { designed, measuredSqnr, quantizedBy } from './designed';

const G = laplacianSample(4096);
const near = (found: number, expected: number, tolerance = 2e-6) => expect(Math.abs(found - expected)).toBeLessThan(tolerance);

describe('on reference weights', () => {
  it.each([
    ['sptq', 2, 6.985569, 7.393489], ['msptq', 2, 7.521442, 8.074768], ['lloyd-max', 2, 7.544976, 8.236865],
  ] as const)('%s at %d bits, layer mean and deviation', (method, bits, sample, twelve) => {
    const settings: PartialSettings = { method, bits, fit: 'model' };
    near(measuredSqnr(designed(QUANTIZERS[method], G, settings), G), sample);
    near(measuredSqnr(designed(QUANTIZERS[method], TWELVE, settings), TWELVE), twelve);
  });

  it('give the values of SPTQ and MSPTQ', () => {
    const repeat = (counts: [number, number][]) => counts.flatMap(([value, n]) => new Array<number>(n).fill(value));
    const sptq = quantizedBy(designed(QUANTIZERS.sptq, TWELVE, { bits: 2, fit: 'model' }), TWELVE);
    const msptq = quantizedBy(designed(QUANTIZERS.msptq, TWELVE, { bits: 2, fit: 'model' }), TWELVE);
    repeat([[-1.226392, 2], [-0.228473, 6], [0.436806, 2], [1.434725, 2]]).forEach((q, i) => near(sptq[i]!, q));
    repeat([[-1.307276, 1], [-0.248694, 7], [0.457027, 3], [1.51561, 1]]).forEach((q, i) => near(msptq[i]!, q));
    const mse = (quantized: number[]) => quantized.reduce((sum, q, i) => sum + (q - TWELVE[i]!) ** 2, 0) / 12;
    near(mse(sptq), 0.113511639);
    near(mse(msptq), 0.09703143);
  });
});

const CASES = METHODS.flatMap((method) => BIT_WIDTHS.filter((bits) => scopeOf(method, bits).bits.includes(bits) && bits !== 7)
  .flatMap((bits) => [undefined, ...scopeOf(method, bits).modes].flatMap((mode) => (
    FITS.map((fit) => ({ method, bits, fit, ...(mode && { mode }) } satisfies PartialSettings))))))
  .filter(({ method, bits }) => method !== 'subset' || bits < 4);

describe.each(CASES)('$method at $bits bits, fit $fit, mode $mode', (settings) => {
  const quantizer = QUANTIZERS[settings.method];
  const weights = Float32Array.from(laplacianSample(900), (w) => 0.02 * w + 0.001);

  it('has ascending levels, a threshold between neighbours, and no more than fit its bits', () => {
    const { levels, thresholds } = designed(quantizer, weights, settings);
    expect(levels.length).toBeLessThanOrEqual(2 ** settings.bits);
    expect(thresholds).toHaveLength(levels.length - 1);
    for (let k = 1; k < levels.length; k++) expect(levels[k]).toBeGreaterThan(levels[k - 1]!);
    for (let k = 1; k < thresholds.length; k++) expect(thresholds[k]).toBeGreaterThanOrEqual(thresholds[k - 1]!);
  });

  it('scales with the weights', () => {
    const once = designed(quantizer, weights, settings).levels;
    const doubled = designed(quantizer, weights.map((w) => 2 * w), settings).levels;
    once.forEach((level, k) => expect(doubled[k]! / level).toBeCloseTo(2, 9));
  });

  it('stores what it says it stores', () => {
    const { levels, scaled } = designed(quantizer, weights, settings);
    expect(scaled !== undefined).toBe(['sptq', 'msptq', 'apot'].includes(settings.method)
      || (settings.method === 'lloyd-max' && settings.fit === 'model') || settings.mode === 'published');
    if (scaled) levels.forEach((level, k) => expect(level).toBe(scaled.offset + scaled.scale * scaled.unit[k]!));
  });

  it('reproduces constant weights', () => {
    for (const normalize of ['none', 'layer', 'model'] as const) for (const value of [0, 0.25, -0.25]) {
      const constant = new Float32Array(5).fill(value);
      const [q] = quantizedBy(designed(quantizer, constant, { ...settings, normalize }), constant);
      expect(q).toBeCloseTo(value, 6);
    }
  });
});

describe.each([
  { method: 'sptq' }, { method: 'msptq' }, { method: 'lloyd-max', fit: 'model' }, { method: 'apot' }, { method: 'subset' },
  { method: 'n2uq', mode: 'published' }, { method: 'uniform' },
] satisfies PartialSettings[])('$method at two bits', (settings) => {
  it('is antisymmetric, odd and monotone', () => {
    const book = designed(QUANTIZERS[settings.method], G, { ...settings, bits: 2, normalize: 'none' });
    expect([...book.levels].reverse().map((y) => 0 - y)).toEqual([...book.levels]);
    const line = Float64Array.from({ length: 500 }, (_, i) => (i + 1) * 0.0123);
    const right = quantizedBy(book, line);
    expect(quantizedBy(book, line.map((w) => -w)).map((q) => 0 - q)).toEqual(right);
    for (let i = 1; i < right.length; i++) expect(right[i]).toBeGreaterThanOrEqual(right[i - 1]!);
  });
});

describe('fit: data', () => {
  it.each(['sptq', 'msptq', 'lloyd-max', 'apot', 'pwlq'] as const)('of %s loses no more than fit: model', (method) => {
    for (const weights of [G, TWELVE, laplacianSample(500).map(Math.tanh), laplacianSample(700).map((w) => w ** 3)]) {
      for (const bits of scopeOf(method, 2).bits) {
        const [model, data] = FITS.map((fit) => measuredSqnr(designed(QUANTIZERS[method], weights, { method, bits, fit }), weights));
        expect(data).toBeGreaterThan(model! - 1e-4);
      }
    }
  });
});

it('SPTQ passes over the nearest level just beyond its threshold, MSPTQ never does', () => {
  const nearestOf = (levels: ArrayLike<number>, w: number) => Array.from(levels).reduce((a, b) => (Math.abs(b - w) < Math.abs(a - w) ? b : a));
  const line = Float64Array.from({ length: 401 }, (_, i) => -3 + i * 0.015 + 1e-4);
  const misses = (['sptq', 'msptq'] as const).map((method) => {
    const book = designed(QUANTIZERS[method], G, { method, bits: 2, fit: 'model' });
    return quantizedBy(book, line).filter((q, i) => q !== nearestOf(book.levels, line[i]!)).length;
  });
  expect(misses[0]).toBeGreaterThan(0);
  expect(misses[1]).toBe(0);
});
