import { describe, expect, test } from 'vitest';
import { roundHalfEven } from '../../../../src/core/kernels/roundHalfEven';
import { gridGain, orderedPiece } from '../../../../src/core/kernels/orderedPiece';
import { pieceOf } from '../../../../src/core/kernels/piece';
import { laplacian } from '../../../fixtures/modelBuilder';

const LENGTHS = [32, 33, 254, 1003, 65_536];
const WEIGHTS: [name: string, weights: (length: number) => Float32Array][] = [
  ['Laplacian', (length) => laplacian(length, 5)],
  ['far from zero', (length) => laplacian(length, 6).map((w) => w / 100 + 3)],
  ['few values', (length) => laplacian(length, 7).map((w) => Math.round(8 * w) / 8)],
  ['nearly all in one cell', (length) => laplacian(length, 8).map((w, i) => (i === 17 ? 1e6 : w))],
  ['as small as there are', (length) => laplacian(length, 9).map((w) => Math.round(20 * w) * 2 ** -149)],
  ['as large as there are', (length) => laplacian(length, 10).map((w) => Math.max(-1, Math.min(1, w)) * 3.4e38)],
];
/** Levels, and where the first is. */
const GRIDS: [count: number, zeroPoint: number][] = [[2, 0.5], [4, 1.5], [15, 7], [16, 3], [255, 127]];

describe.each(LENGTHS)('of %i weights', (length) => {
  test.each(WEIGHTS)('what grids leave of the squares is their squared error: %s', (_, weightsOf) => {
    const weights = weightsOf(length);
    const range = { min: weights.reduce((a, b) => Math.min(a, b)), max: weights.reduce((a, b) => Math.max(a, b)) };
    for (const origin of [0, range.min / 3]) {
      const reach = Math.max(range.max - origin, origin - range.min);
      const squares = weights.reduce((sum, w) => sum + (w - origin) ** 2, 0);
      const [byKernels, byLoops] = [pieceOf(weights, 0), { weights, wasm: null, at: 0, whole: 0 }].map((piece) => orderedPiece(piece, range, origin));
      expect(byKernels!.most).toBe(byLoops!.most);
      for (const [count, zeroPoint] of GRIDS) {
        for (const scale of [0.3, 0.9, 1, 2.5].map((part) => (part * reach * 2) / count)) {
          let error = 0;
          for (const w of weights) {
            const code = Math.max(0, Math.min(count - 1, roundHalfEven((w - origin) / scale + zeroPoint)));
            error += (w - origin - scale * (code - zeroPoint)) ** 2;
          }
          const gain = gridGain(byKernels!, scale, zeroPoint, count);
          expect(gain).toBe(gridGain(byLoops!, scale, zeroPoint, count));
          expect(Math.abs(squares - gain - error)).toBeLessThanOrEqual(1e-11 * (squares + error));
        }
      }
    }
  });
});
