import { describe, expect, test } from 'vitest';
import { cellCounts, cellInsides, cellOf, countCells, countWithin } from '../../../../src/core/kernels/cells';
import { CELLS } from '../../../../src/core/kernels/memoryMap';
import { piecesOf, type Piece } from '../../../../src/core/kernels/piece';
import { centralPowers, deviations, range } from '../../../../src/core/kernels/sums';
import { laplacian } from '../../../fixtures/modelBuilder';

const LENGTHS = [0, 1, 3, 4, 5, 1000, 65_536, 65_537, 150_001];
const sparse = (length: number): Float32Array => laplacian(length, 5).map((w, i) => (i % 7 === 0 ? 0 : i % 11 === 0 ? -0 : w));
const plain = ({ weights }: Piece): Piece => ({ weights, wasm: null, whole: 0 });
const bitsOf = (weights: Float32Array): Uint32Array => new Uint32Array(weights.buffer);

describe.each(LENGTHS)('kernels and plain loops agree in every bit over %i weights', (length) => {
  const weights = sparse(length);

  test('in range, powers and deviations', () => {
    for (const piece of piecesOf(weights)) {
      expect(range(piece)).toEqual(range(plain(piece)));
      expect(centralPowers(piece, 0.01, true)).toEqual(centralPowers(plain(piece), 0.01, true));
      expect(deviations(piece, -0.02, true)).toBe(deviations(plain(piece), -0.02, true));
    }
  });

  test('in the counts of cells, and of values within', () => {
    const counts = cellCounts();
    const some = [cellOf(0), cellOf(bitsOf(Float32Array.of(0.5))[0]!), cellOf(bitsOf(Float32Array.of(-0.25))[0]!)];
    const insides = cellInsides(some);
    const expected = { counts: new Uint32Array(CELLS), slots: insides.slots.slice(), within: insides.counts.slice() };
    for (const piece of piecesOf(weights)) {
      countCells(piece, counts);
      countCells(plain(piece), expected.counts);
      countWithin(piece, insides);
      countWithin(plain(piece), { slots: expected.slots, counts: expected.within });
    }
    expect(Buffer.compare(Buffer.from(counts), Buffer.from(expected.counts))).toBe(0);
    expect(insides.counts).toEqual(expected.within);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(length);
  });
});

test('one weight that is not finite is counted apart', () => {
  const weights = sparse(1000);
  weights.set([NaN, Infinity, -Infinity], 500);
  const [piece] = [...piecesOf(weights)];
  expect(range(piece!)).toMatchObject({ nan: 1, inf: 2 });
  expect(range(piece!)).toEqual(range(plain(piece!)));
});
