import { describe, expect, test } from 'vitest';
import { chunkBuffer, pieceOf } from '../../../../src/core/kernels/piece';
import { neighbours } from '../../../../src/core/kernels/ranks';
import { laplacian } from '../../../fixtures/modelBuilder';

const LENGTHS = [16, 17, 31, 100, 256, 257, 1003, 4095, 4096, 65_535, 65_536];
const from = (length: number, weightAt: (i: number) => number): Float32Array => Float32Array.from({ length }, (_, i) => weightAt(i));

const WEIGHTS: [name: string, weights: (length: number) => Float32Array][] = [
  ['Laplacian', (length) => laplacian(length, 5)],
  ['of one sign', (length) => laplacian(length, 6).map((w) => w + 3)],
  ['zeros of both signs among others', (length) => laplacian(length, 7).map((w, i) => (i % 3 === 0 ? 0 : i % 3 === 1 ? -0 : w))],
  ['equal', (length) => from(length, () => -0.25)],
  ['two, as often as each other', (length) => from(length, (i) => (i < length / 2 ? 1 : -1))],
  ['few', (length) => laplacian(length, 8).map((w) => Math.round(8 * w) / 8)],
  ['ascending', (length) => from(length, (i) => i / 7 - 100)],
  ['descending', (length) => from(length, (i) => 100 - i / 7)],
  ['of all magnitudes', (length) => from(length, (i) => (i % 2 ? -1 : 1) * 2 ** (((i * 37) % 277) - 149))],
  ['the largest and the least there are', (length) => from(length, (i) => [3.4028234663852886e38, -3.4028234663852886e38, 2 ** -149, -(2 ** -149)][i % 4]!)],
];

/** Every weight that is looked at beforehand is below all others. */
function unlikeTheirSample(length: number): Float32Array {
  const size = Math.floor(3 * Math.sqrt(length));
  const weights = laplacian(length, 9);
  for (let i = 0; i < size; i++) weights[Math.floor((i * length) / size)] = -1000 - i;
  return weights;
}

/** With both, with one of them, with none, and none at all. */
function ranges(sorted: Float32Array, rank: number): [number, number][] {
  const [at, next] = [sorted[rank]!, sorted[Math.min(rank + 1, sorted.length - 1)]!];
  return [[at, next], [at - 0.1, next + 0.1], [at, at], [next, next], [next + 0.1, next + 1], [at - 1, at - 0.1], [1, -1], [-Infinity, Infinity]];
}

/** Where the kernels see few, too. */
function inKernels(weights: Float32Array): Float32Array {
  const there = new Float32Array(chunkBuffer()!.buffer, chunkBuffer()!.byteOffset, weights.length);
  there.set(weights);
  return there;
}

describe.each(LENGTHS)('of %i weights', (length) => {
  test.each([...WEIGHTS, ['unlike their sample', unlikeTheirSample] as const])('neighbours in ascending order: %s', (_, weightsOf) => {
    const weights = inKernels(weightsOf(length));
    const piece = pieceOf(weights);
    const sorted = weights.slice().sort();
    const last = length - 1;
    for (const rank of [0, 1, Math.floor(last / 4), Math.floor(last / 2), Math.ceil(last / 2), last - 1, last]) {
      const expected = [sorted[rank], sorted[Math.min(rank + 1, last)]];
      expect(neighbours(piece, rank)).toEqual(expected);
      for (const range of ranges(sorted, rank)) expect(neighbours(piece, rank, range)).toEqual(expected);
    }
  });
});

test('the kernels alone find them', () => {
  expect(neighbours({ weights: laplacian(300, 1), wasm: null, at: 0, whole: 0 }, 0)).toBeNull();
});
