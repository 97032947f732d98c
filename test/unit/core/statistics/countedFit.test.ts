import { describe, expect, test } from 'vitest';
import type { FloatArray } from '../../../../src/core/onnx/dataType';
import { weightGroup } from '../../../../src/core/quantizers/weightGroup';
import { slicesOf } from '../../../../src/core/statistics/cancelSlices';
import { countedFit } from '../../../../src/core/statistics/countedFit';
import { median } from '../../../../src/core/statistics/median';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { laplacian } from '../../../fixtures/modelBuilder';

const N = 300_000;
const drawn = laplacian(N, 3);

function exact(weights: Float32Array): { location: number; scale: number } {
  const location = median(weights, momentsOf([weights]));
  return { location, scale: weights.reduce((sum, w) => sum + Math.abs(w - location), 0) / weights.length };
}

describe('the fit that counts tell', () => {
  test.each([
    ['smooth weights', drawn, 3e-6],
    ['skewed ones', drawn.map((w) => w + 0.6 * Math.abs(w)), 1e-5],
    ['ones of a sixteenth the precision', drawn.map((w) => Math.fround(w * 4097) - Math.fround(Math.fround(w * 4097) - w)), 3e-6],
    ['pruned ones', drawn.map((w, i) => (i % 5 ? 0 : w)), 3e-6],
  ])('of %s is that of the weights, and moments are exactly theirs', (_, weights, tolerance) => {
    const { moments, laplace } = countedFit(slicesOf(weights));
    const { location, scale } = exact(weights);
    expect(moments).toEqual(momentsOf(slicesOf(weights)));
    expect(Math.abs(laplace!.location - location)).toBeLessThanOrEqual(tolerance * scale);
    expect(Math.abs(laplace!.scale / scale - 1)).toBeLessThan(tolerance);
  });

  test('is left to another look where a cell has many weights of values unknown, or not all are finite', () => {
    const few = drawn.map((w) => Math.fround(Math.round(w * 5) / 7));
    expect(countedFit(slicesOf(few)).laplace).toBeNull();
    const broken = drawn.slice();
    broken[7] = NaN;
    expect(countedFit(slicesOf(broken))).toEqual({ moments: momentsOf(slicesOf(broken)), laplace: null });
  });
});

test('weights that are read again and again are the group that they are in memory', () => {
  const weights = laplacian((1 << 21) + 5, 4);
  function* read(): Generator<FloatArray> {
    const room = new Float32Array(1 << 16);
    for (let at = 0; at < weights.length; at += room.length) {
      const some = weights.subarray(at, at + room.length);
      room.set(some);
      yield room.subarray(0, some.length);
    }
  }
  const { moments, laplace } = weightGroup({ length: weights.length, read }, { name: 'w', dtype: 'float32' });
  expect({ moments, laplace }).toEqual({ moments: weightGroup(weights, { name: 'w', dtype: 'float32' }).moments, laplace: weightGroup(weights, { name: 'w', dtype: 'float32' }).laplace });
});
