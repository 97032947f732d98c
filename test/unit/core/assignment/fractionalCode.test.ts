import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fractionalCode, levelSteps } from '../../../../src/core/assignment/fractionalCode';
import { codeOf } from '../../../../src/core/assignment/nearest';
import { GRIDS } from '../../../../src/core/plan/layerSettings';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';

const grid = (kind: (typeof GRIDS)[number]): Codebook => (
  new GridCodebook(uniformGrid(kind, 2, 0, 1.5, { min: -1.5, max: 1.5 }), [-1.5, 1.5])
);
const SPTQ: Codebook = { levels: Float64Array.of(-2, -0.5, 0.5, 2), thresholds: Float64Array.of(-1, 0, 1), support: [-3, 3] };

it('is, clipped and rounded, the code of the weight, ties included', () => {
  const books = [...GRIDS.map(grid), SPTQ, { ...SPTQ, levels: Float64Array.of(1), thresholds: new Float64Array() }];
  fc.assert(fc.property(
    fc.constantFrom(...books), fc.oneof(fc.double({ min: -4, max: 4, noNaN: true }), fc.constantFrom(-1.5, -1, -0.5, 0, 0.5, 1, 1.5)),
    (book, weight) => {
      const rounded = Math.floor(fractionalCode(weight, book) + 0.5);
      expect(Math.min(Math.max(rounded, 0), book.levels.length - 1)).toBe(codeOf(weight, book));
    },
  ));
});

it('is w/s + zero point on a uniform grid, and straight between thresholds elsewhere', () => {
  const book = grid('symmetric');
  const { scale, zeroPoint } = book.uniform!;
  for (const w of [-3, -1.3, 0.2, 0.9, 5]) expect(fractionalCode(w, book)).toBeCloseTo(w / scale + zeroPoint, 9);
  expect([-2.5, -1, -0.75, 0.5, 1.75].map((w) => fractionalCode(w, SPTQ))).toEqual([-0.5, 0.5, 0.75, 2, 3].map((u) => expect.closeTo(u, 8)));
});

it('takes the mean distance of a level to its neighbours for its step', () => {
  expect([...levelSteps([-2, -0.5, 0.5, 2])]).toEqual([1.5, 1.25, 1.25, 1.5]);
  expect([...levelSteps([3])]).toEqual([0]);
});
