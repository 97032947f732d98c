import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedCodebook, storedLevels } from '../../../../src/core/encodings/storedLevels';
import { completeSettings, GRIDS } from '../../../../src/core/plan/layerSettings';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';

const bits = completeSettings({ bits: 4 }).bits;

describe('storedLevels', () => {
  it('rounds to float32 after the product and after the sum', () => {
    fc.assert(fc.property(
      fc.constantFrom(...GRIDS), fc.double({ min: 1e-6, max: 100, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }),
      (kind, limit, centre) => {
        const grid = uniformGrid(kind, bits, centre, limit, { min: -limit, max: limit });
        const codebook = new GridCodebook(grid, [-limit, limit]);
        const expected = Array.from(codebook.levels, (_, k) =>
          Math.fround(Math.fround(Math.fround(grid.scale) * (k - grid.zeroPoint)) + Math.fround(grid.offset)));
        const stored = storedLevels(codebook, 'float32');
        expect([...stored].map((level) => level + 0)).toEqual(expected.map((level) => level + 0));
        codebook.levels.forEach((level, k) => expect(Math.abs((stored[k] as number) - level)).toBeLessThanOrEqual(
          2 ** -23 * (Math.abs(level) + Math.abs(centre) + limit)));
      },
    ));
  });

  it('casts to float16 last', () => {
    const codebook = new GridCodebook({ kind: 'symmetric', count: 3, scale: Math.fround(0.1), zeroPoint: 1, offset: 0 }, [-0.1, 0.1]);
    expect([...storedLevels(codebook, 'float16')]).toEqual([-0.0999755859375, 0, 0.0999755859375]);
  });

  it('rounds a codebook without a grid level by level', () => {
    const codebook: Codebook = { levels: Float64Array.of(-0.1, 1 / 3), thresholds: Float64Array.of(0), support: [-1, 1] };
    expect([...storedLevels(codebook, 'float32')]).toEqual([Math.fround(-0.1), Math.fround(1 / 3)]);
  });

  it('rounds unit levels times a scale as it does steps', () => {
    const unit = Float32Array.of(-4, -1, 1, 4).map((level) => level / 3);
    const codebook: Codebook = {
      levels: Float64Array.of(-0.3, 0, 0.1, 0.4), thresholds: new Float64Array(3), support: [-1, 1],
      scaled: { unit, scale: Math.fround(0.3), offset: Math.fround(0.07) },
    };
    const expected = Array.from(unit, (level) => Math.fround(Math.fround(Math.fround(0.3) * level) + Math.fround(0.07)));
    expect([...storedLevels(codebook, 'float32')]).toEqual(expected);
    expect([...storedLevels(storedCodebook(codebook), 'float32', 4)]).toEqual(expected);
  });

  it('computes a grid again from what is kept of it', () => {
    const codebook = new GridCodebook(uniformGrid('affine', bits, 0.25, 2, { min: -1, max: 2 }), [-1, 2]);
    const kept = storedCodebook(codebook);
    expect(kept.levels).toBeUndefined();
    expect(storedLevels(kept, 'bfloat16', 16)).toEqual(storedLevels(codebook, 'bfloat16'));
  });
});
