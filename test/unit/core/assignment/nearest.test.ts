import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignNearest } from '../../../../src/core/assignment/nearest';
import { roundHalfEven } from '../../../../src/core/kernels/roundHalfEven';
import { GRIDS } from '../../../../src/core/plan/layerSettings';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';

function codesOf(weights: number[], codebook: Codebook): number[] {
  const codes = new Uint8Array(weights.length);
  assignNearest(Float64Array.from(weights), codebook, codes);
  return [...codes];
}

const codebook = (kind: (typeof GRIDS)[number], limit: number, centre = 0) =>
  new GridCodebook(uniformGrid(kind, 2, centre, limit, { min: -limit, max: limit }), [-limit, limit]);

describe('assignNearest', () => {
  it('sends a weight on a mid-rise threshold outwards, and zero to the positive side', () => {
    expect(codesOf([-9, -2, -1.9, -1, -0.5, 0, 0.5, 1, 1.9, 2, 9], codebook('mid-rise', 2))).toEqual(
      [0, 0, 0, 0, 1, 2, 2, 3, 3, 3, 3]);
  });

  it('rounds halves to even on grids with a level at zero', () => {
    expect(codesOf([-9, -1, -0.6, -0.5, 0, 0.5, 0.6, 9], codebook('symmetric', 1))).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
    expect(codesOf([-0.5, 0.5, 1.5], codebook('affine', 1.5))).toEqual(codesOf([0, 0, 2], codebook('affine', 1.5)));
  });

  it('agrees with the threshold path away from ties', () => {
    fc.assert(fc.property(
      fc.constantFrom(...GRIDS), fc.constantFrom(2, 3, 4, 8), fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }), fc.array(fc.double({ min: -12, max: 12, noNaN: true }), { minLength: 1 }),
      (kind, bits, limit, centre, values) => {
        const grid = uniformGrid(kind, bits as 2 | 3 | 4 | 8, centre, limit, { min: -5, max: 7 });
        const book = new GridCodebook(grid, [centre - limit, centre + limit]);
        const weights = values.filter((w) => book.thresholds.every((t) => Math.abs(w - t) > 1e-9));
        const { levels, thresholds, support } = book;
        expect(codesOf(weights, book)).toEqual(codesOf(weights, { levels, thresholds, support, centre: grid.offset }));
      },
    ));
  });

  it('picks the nearest level when thresholds lie midway', () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 16 }),
      fc.double({ min: -6, max: 6, noNaN: true }),
      (unsorted, w) => {
        const levels = Float64Array.from(unsorted).sort();
        const thresholds = levels.slice(1).map((level, i) => (level + (levels[i] as number)) / 2);
        const [code] = codesOf([w], { levels, thresholds, support: [-5, 5] });
        const least = Math.min(...levels.map((level) => Math.abs(level - w)));
        expect(Math.abs((levels[code as number] as number) - w)).toBeCloseTo(least, 12);
      },
    ));
  });

  it('follows thresholds, not nearest levels', () => {
    const sptq: Codebook = { levels: Float64Array.of(-2, -0.5, 0.5, 2), thresholds: Float64Array.of(-1, 0, 1), support: [-3, 3] };
    expect(codesOf([-1.1, -1, -0.9, 0, 0.9, 1, 1.1], sptq)).toEqual([0, 0, 1, 2, 2, 3, 3]);
  });
});

describe('roundHalfEven', () => {
  it('sends ties to even numbers', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 3.5].map(roundHalfEven)).toEqual([-2, -2, 0, 0, 2, 2, 2, 4]);
  });
});
