import { describe, expect, test } from 'vitest';
import { plainAssign } from '../../../../src/core/assignment/nearest';
import { assignPiece } from '../../../../src/core/kernels/assign';
import { pieceOf } from '../../../../src/core/kernels/piece';
import { GRIDS, type BitWidth } from '../../../../src/core/plan/layerSettings';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';
import { laplacian } from '../../../fixtures/modelBuilder';

/** Limits of supports, from the least scale there is on, and centres in units of them. */
const LIMITS = [2 ** -149, 2 ** -120, 1e-30, 1e-5, 0.9, 1, 1000 / 3, 1e20, 3e38];
const CENTRES = [0, 0.1, -1, 1000 / 7, -3e6];

const bits = new Int32Array(1);
const single = new Float32Array(bits.buffer);
/** A float32, and those next to it in their order by bits. */
function withNeighbours(value: number): number[] {
  single[0] = value;
  const middle = bits[0]!;
  return [-1, 0, 1].map((step) => {
    bits[0] = middle + step;
    return single[0]!;
  });
}

describe.each(GRIDS)('kernel and plain loop give the same codes of a grid that is %s', (grid) => {
  test.each(LIMITS)('up to %d from the centre, on thresholds and levels and next to them', (limit) => {
    for (const width of [2, 3, 4, 8] as BitWidth[]) {
      for (const centre of CENTRES.map((each) => Math.max(Math.min(each * limit, 3e38), -3e38))) {
        const uniform = uniformGrid(grid, width, centre, limit, { min: centre - 0.7 * limit, max: centre + limit });
        const codebook = new GridCodebook(uniform, [-1, 1]);
        const near = [...codebook.thresholds, ...codebook.levels].filter((value) => Math.fround(Math.abs(value)) < Infinity);
        const odd = [0, -0, NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 2 ** -149, -(2 ** -149), uniform.offset];
        const anywhere = laplacian(2000, 3).map((w) => uniform.offset + 10 * w * limit);
        const weights = Float32Array.from([...[...near, ...odd].flatMap(withNeighbours), ...anywhere]);
        const [codes, expected] = [new Uint8Array(weights.length), new Uint8Array(weights.length)];
        plainAssign(weights, codebook, expected);
        expect(assignPiece(pieceOf(weights), codebook, codes)).toBe(true);
        expect(codes).toEqual(expected);
      }
    }
  });
});
