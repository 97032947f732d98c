import { describe, expect, it } from 'vitest';
import { QUANTIZERS } from '../../../../src/core/quantizers';
import { magnitudes, sortedWeights } from '../../../../src/core/quantizers/sortedWeights';
import { searchScale, searchSubset } from '../../../../src/core/quantizers/subset';
import { candidates, combinations, UNIVERSAL_SET } from '../../../../src/core/quantizers/universalSet';
import { laplacianSample, TWELVE } from '../statistics/laplacianSample';
import { designed, groupOf, quantizedBy } from './designed';

const G = laplacianSample(4096);
const near = (found: number, expected: number, tolerance = 2e-6) => expect(Math.abs(found - expected)).toBeLessThan(tolerance);
/** An exact zero costs nothing in the authors' code: it stays 0 whatever the subset. */
const source = (weights: Float64Array) => magnitudes(
  sortedWeights(groupOf(weights.filter((w) => w !== 0)), { mean: 0, std: 1 }, { most: 1e9, cells: 1 }),
);
const sqnr = (weights: Float64Array, error: number) => 10 * Math.log10(weights.reduce((sum, w) => sum + w * w, 0) / error);

describe('SubsetQ’s candidates', () => {
  it('are every choice from fifteen magnitudes', () => {
    expect(UNIVERSAL_SET).toEqual([1, .625, .53125, .5, .75, .375, .28125, .25, .5625, .1875, .09375, .0625, .125, .03125, 0]);
    expect([2, 4, 8].map((count) => combinations(UNIVERSAL_SET, count).length)).toEqual([105, 1365, 6435]);
    expect([2, 3, 4].map((bits) => candidates(bits).length)).toEqual([47, 1125, 6390]);
  });

  it.each([
    [2, [0.0625 / 0.53125, 1]], [2, [0.28125, 1]], [3, [0.03125, 0.1875, 0.5, 1]], [3, [0.09375, 0.28125, 0.53125, 1]],
    [4, [0, 0.03125, 0.0625, 0.125, 0.25, 0.375, 0.5625, 1]], [4, [0.03125, 0.0625, 0.125, 0.1875, 0.28125, 0.375, 0.5625, 1]],
  ])('at %d bits include %j, which the authors’ code chose for a layer of ResNet-50', (bits, chosen) => {
    const same = candidates(bits).filter((subset) => subset.every((magnitude, i) => Math.abs(magnitude - chosen[i]!) < 1e-12));
    expect(same).toHaveLength(1);
  });
});

describe('SubsetQ’s search', () => {
  it.each([
    [2, [0.235294, 1], 0.282424, 7.542753], [3, [0.0625, 0.25, 0.53125, 1], 0.487562, 12.61516],
    [4, [0.03125, 0.09375, 0.1875, 0.28125, 0.375, 0.53125, 0.75, 1], 0.659203, 17.996128],
  ])('finds the released code’s subset at %d bits', (bits, subset, alpha, expected) => {
    const magnitude = source(G);
    const found = searchSubset(magnitude, bits, { isSmall: (change) => change / magnitude.reach < 1e-5 });
    subset.forEach((value, i) => near(found.subset[i]!, value));
    near(found.scale / magnitude.reach, alpha);
    near(sqnr(G, found.error), expected);
  });

  it('goes further from several starts, and where the change is relative', () => {
    const magnitude = source(G);
    const once = searchSubset(magnitude, 4);
    near(sqnr(G, once.error), 17.996185);
    const many = searchSubset(magnitude, 4, { starts: [1, 0.7, 0.5, 0.35] });
    expect([...many.subset]).toEqual([...once.subset]);
    // Another implementation's four starts stop short, at 0.637257 of the largest weight and 17.999598 dB; its descent ends here.
    expect(sqnr(G, many.error)).toBeGreaterThan(17.999598);
    const onward = searchScale(magnitude, many.subset, 0.637257 * magnitude.reach, (change, root) => change <= 1e-9 * root);
    near(onward.scale / many.scale, 1);
    const measured = G.reduce((sum, w) => (
      sum + Math.min(...Array.from(many.subset, (y) => (Math.abs(w) - many.scale * y) ** 2))), 0);
    expect(many.error / measured).toBeCloseTo(1, 9);
  });

  it('never loses by a turn of assignment and least-squares scale', () => {
    const magnitude = source(G);
    for (const subset of candidates(3).filter((_, i) => i % 45 === 0)) for (const start of [1, 0.35]) {
      const roots: number[] = [];
      searchScale(magnitude, subset, start * magnitude.reach, (change, root) => {
        roots.push(root);
        return change <= 1e-9 * root;
      });
      for (let i = 1; i < roots.length; i++) expect(roots[i]).toBeLessThanOrEqual(roots[i - 1]! * (1 + 1e-12));
    }
  });

  it.each([[2, [0.25, 1], 0.740999, 7.699854], [3, [0.041667, 0.25, 0.5, 1], 0.990788, 17.552347]])(
    'finds the subset of twelve weights at %d bits', (bits, subset, alpha, expected) => {
      const found = searchSubset(source(TWELVE), bits);
      subset.forEach((value, i) => near(found.subset[i]!, value));
      near(found.scale / 2.1, alpha);
      near(sqnr(TWELVE, found.error), expected);
    });
});

describe('SubsetQ’s codebook', () => {
  it('has the reference values of twelve weights', () => {
    const nonzero = TWELVE.filter((w) => w !== 0);
    const found = quantizedBy(designed(QUANTIZERS.subset, nonzero, { method: 'subset', bits: 2, normalize: 'none' }), nonzero);
    const values = [-1.556098, ...new Array<number>(4).fill(-0.389024), ...new Array<number>(5).fill(0.389024), 1.556098];
    values.forEach((value, i) => near(found[i]!, value));
  });

  it('gives an exact zero the smallest positive magnitude where 0 is no level', () => {
    const book = designed(QUANTIZERS.subset, TWELVE, { method: 'subset', bits: 2, normalize: 'none' });
    const zero = quantizedBy(book, Float64Array.of(0))[0]!;
    expect(zero).toBe(Math.min(...Array.from(book.levels).filter((y) => y > 0)));
  });
});
