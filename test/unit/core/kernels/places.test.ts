import { expect, test } from 'vitest';
import { cellCounts, countCells, isNegative } from '../../../../src/core/kernels/cells';
import { CELLS } from '../../../../src/core/kernels/memoryMap';
import { piecesOf } from '../../../../src/core/kernels/piece';
import { filledPlaces, type Places } from '../../../../src/core/kernels/places';
import { laplacian } from '../../../fixtures/modelBuilder';

const EXTREMES = [3.4028234663852886e38, -3.4028234663852886e38, 2 ** -149, -(2 ** -149), 0, -0, NaN, Infinity, -Infinity];

function countsOf(weights: Float32Array): Uint32Array {
  const counts = cellCounts();
  for (const piece of piecesOf(weights)) countCells(piece, counts);
  return counts;
}

const WEIGHTS: [name: string, weights: Float32Array][] = [
  ['none', new Float32Array(0)],
  ['one', Float32Array.of(0.3)],
  ['Laplacian', laplacian(150_001, 3)],
  ['of one sign', laplacian(5000, 4).map(Math.abs)],
  ['of the other', laplacian(5000, 4).map((w) => -Math.abs(w))],
  ['of all magnitudes', Float32Array.from({ length: 5000 }, (_, i) => (i % 2 ? -1 : 1) * 2 ** (((i * 37) % 277) - 149))],
  ['extremes, and what is not finite', Float32Array.from(EXTREMES)],
];

test.each(WEIGHTS)('places are those of plain loops, in ascending order, with every finite weight between two of them: %s', (_, weights) => {
  const counts = countsOf(weights);
  for (const lower of [0xfff, 0xf00, 0]) {
    const places = filledPlaces(counts, lower);
    expect(places).toEqual(filledPlaces(counts.slice(), lower));
    expect(places.negatives).toBe(places.cells.filter(isNegative).length);
  }
  const { cells, below, lowest, highest }: Places = filledPlaces(counts, 0xfff);
  const finite = weights.filter((w) => w - w === 0).sort();
  expect(below[cells.length]).toBe(finite.length);
  expect(cells).toHaveLength(new Set(cells).size);
  cells.forEach((cell, place) => {
    expect(below[place + 1]! - below[place]!).toBe(counts[cell]);
    expect(counts[cell]).toBeGreaterThan(0);
    for (const w of [finite[below[place]!]!, finite[below[place + 1]! - 1]!]) {
      expect(lowest[place]! <= w && w <= highest[place]!).toBe(true);
    }
  });
});

test('every cell of a finite weight may be filled at once', () => {
  const counts = cellCounts().fill(1);
  const { cells, below } = filledPlaces(counts, 0xfff);
  expect(cells).toHaveLength((CELLS / 256) * 255);
  expect(below[cells.length]).toBe(cells.length);
});
