import { describe, expect, it } from 'vitest';
import { BIT_WIDTHS, FITS, METHODS, scopeOf, type BitWidth, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { QUANTIZERS } from '../../../../src/core/quantizers';
import { entropySteps } from '../../../../src/core/quantizers/entropySteps';
import { magnitudes, sortedWeights } from '../../../../src/core/quantizers/sortedWeights';
import { searchSubset } from '../../../../src/core/quantizers/subset';
import { candidates, combinations, UNIVERSAL_SET } from '../../../../src/core/quantizers/universalSet';
import { laplacianSample, TWELVE } from '../statistics/laplacianSample';
import { designed, groupOf, measuredSqnr, quantizedBy } from './designed';

const G = laplacianSample(4096);
const AS_THEY_ARE = { mean: 0, deviation: 1 };
const near = (found: number, expected: number, tolerance = 2e-6) => expect(Math.abs(found - expected)).toBeLessThan(tolerance);
const detail = { most: 1e9, cells: 1 };

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
  });

  it.each([[2, 1.060598, 5.902793, 0.75625, 5.157723], [3, 1.237364, 7.393987, 0.882292, 6.623186], [4, 1.325747, 8.088213, 0, 0]])(
    'N2UQ as published at %d bits', (bits, clip, sqnr, clip12, sqnr12) => {
      const settings: PartialSettings = { method: 'n2uq', mode: 'published', bits: bits as BitWidth, normalize: 'none' };
      const book = designed(QUANTIZERS.n2uq, G, settings);
      near(book.levels.at(-1)!, clip);
      near(measuredSqnr(book, G), sqnr);
      if (clip12 === 0) return;
      const twelve = designed(QUANTIZERS.n2uq, TWELVE, settings);
      near(twelve.levels.at(-1)!, clip12);
      near(measuredSqnr(twelve, TWELVE), sqnr12);
    });

  it.each([
    [2, 0.05, 0.20123], [2, 0.1, 0.207198], [2, 0.3, 0.224167], [3, 0.05, 0.080658], [3, 0.1, 0.089723], [3, 0.3, 0.116816],
  ])('N2UQ’s entropy mode at %d bits, weight %d', (bits, lambda, bound) => {
    const weights = sortedWeights(groupOf(G), AS_THEY_ARE, detail);
    expect(entropySteps(weights, bits, undefined, lambda).objective).toBeLessThan(bound + 1e-5);
  });
});

describe('SubsetQ', () => {
  /** An exact zero costs nothing in the authors' code: it stays 0 whatever the subset. */
  const source = (weights: Float64Array) => magnitudes(sortedWeights(groupOf(weights.filter((w) => w !== 0)), AS_THEY_ARE, detail));
  const sqnr = (weights: Float64Array, error: number) => 10 * Math.log10(weights.reduce((sum, w) => sum + w * w, 0) / error);

  it('searches every choice from fifteen magnitudes', () => {
    expect(UNIVERSAL_SET).toEqual([1, .625, .53125, .5, .75, .375, .28125, .25, .5625, .1875, .09375, .0625, .125, .03125, 0]);
    expect([2, 4, 8].map((count) => combinations(UNIVERSAL_SET, count).length)).toEqual([105, 1365, 6435]);
    expect([2, 3, 4].map((bits) => candidates(bits).length)).toEqual([47, 1125, 6390]);
  });

  it.each([
    [2, [0.235294, 1], 0.282424, 7.542753], [3, [0.0625, 0.25, 0.53125, 1], 0.487562, 12.61516],
    [4, [0.03125, 0.09375, 0.1875, 0.28125, 0.375, 0.53125, 0.75, 1], 0.659203, 17.996128],
  ])('finds the released code’s subset at %d bits', (bits, subset, alpha, expected) => {
    const magnitude = source(G);
    const found = searchSubset(magnitude, bits, { isSmall: (change) => change / magnitude.reach < 1e-5 });
    subset.forEach((value, i) => near(found.subset[i]!, value));
    near(found.scale / magnitude.reach, alpha);
    near(sqnr(G, found.error), expected);
    if (bits < 4) return;
    near(sqnr(G, searchSubset(magnitude, bits).error), 17.996185);
    const many = searchSubset(magnitude, bits, { starts: [1, 0.7, 0.5, 0.35] });
    // Another implementation's four starts stop at a scale of 0.637257 of the largest.
    expect(sqnr(G, many.error)).toBeGreaterThan(17.999598);
  });

  it.each([[2, [0.25, 1], 0.740999, 7.699854], [3, [0.041667, 0.25, 0.5, 1], 0.990788, 17.552347]])(
    'finds the subset of twelve weights at %d bits', (bits, subset, alpha, expected) => {
      const found = searchSubset(source(TWELVE), bits);
      subset.forEach((value, i) => near(found.subset[i]!, value));
      near(found.scale / 2.1, alpha);
      near(sqnr(TWELVE, found.error), expected);
    });

  it('gives an exact zero the smallest positive magnitude where 0 is no level', () => {
    const book = designed(QUANTIZERS.subset, TWELVE, { method: 'subset', bits: 2, normalize: 'none' });
    const zero = quantizedBy(book, Float64Array.of(0))[0]!;
    expect(zero).toBe(Math.min(...Array.from(book.levels).filter((y) => y > 0)));
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
  const nearestOf = (levels: Float64Array, w: number) => Array.from(levels).reduce((a, b) => (Math.abs(b - w) < Math.abs(a - w) ? b : a));
  const line = Float64Array.from({ length: 401 }, (_, i) => -3 + i * 0.015 + 1e-4);
  const misses = (['sptq', 'msptq'] as const).map((method) => {
    const book = designed(QUANTIZERS[method], G, { method, bits: 2, fit: 'model' });
    return quantizedBy(book, line).filter((q, i) => q !== nearestOf(book.levels, line[i]!)).length;
  });
  expect(misses[0]).toBeGreaterThan(0);
  expect(misses[1]).toBe(0);
});
