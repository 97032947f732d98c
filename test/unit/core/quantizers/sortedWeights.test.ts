import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellSums } from '../../../../src/core/quantizers/source';
import { sortedWeights, rankOf } from '../../../../src/core/quantizers/sortedWeights';
import { weightGroup } from '../../../../src/core/quantizers/weightGroup';

const UNIT = { mean: 0, std: 1 };
const DETAIL = { most: Infinity, cells: 0 };
const numbers = fc.integer({ min: -30, max: 30 }).map((n) => n / 4);

test('cells are the same whatever cells were asked for before', () => {
  const three = fc.array(numbers, { minLength: 3, maxLength: 3 }).map((t) => Float64Array.from(t).sort());
  const thresholds = fc.array(three, { minLength: 1 });
  fc.assert(fc.property(fc.array(numbers, { minLength: 1, maxLength: 60 }), thresholds, (values, calls) => {
    const source = sortedWeights(weightGroup(Float64Array.from(values), { name: 'w', dtype: 'float32' }), UNIT, DETAIL);
    for (const call of calls) {
      const { mass, moment } = cellSums(4);
      source.cells(call, mass, moment);
      const cellOf = (w: number): number => call.filter((t) => w >= t).length;
      const own = [0, 1, 2, 3].map((cell) => values.filter((w) => cellOf(w) === cell));
      expect([...mass]).toEqual(own.map(({ length }) => length));
      expect([...moment]).toEqual(own.map((cell) => cell.reduce((sum, w) => sum + w, 0)));
    }
  }));
});

test('ranks count the values below', () => {
  const values = Float64Array.of(-2, 0, 0, 1);
  expect([-3, -2, -1, 0, 0.5, 1, 2].map((t) => rankOf(values, t, 0))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(rankOf(values, -3, 2)).toBe(2);
});
