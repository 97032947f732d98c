import { describe, expect, test } from 'vitest';
import { plainAssign } from '../../../../src/core/assignment/nearest';
import { packingOf, plainPack } from '../../../../src/core/encodings/packing';
import { assignPiece } from '../../../../src/core/kernels/assign';
import { cellCounts, cellInsides, cellOf, countCells, countedRange, countWithin } from '../../../../src/core/kernels/cells';
import { equalCells, gatherPiece } from '../../../../src/core/kernels/equalCells';
import { storedLevels } from '../../../../src/core/encodings/storedLevels';
import { codeErrors, gridErrors } from '../../../../src/core/kernels/errors';
import { CELLS } from '../../../../src/core/kernels/memoryMap';
import { packWhole } from '../../../../src/core/kernels/pack';
import { chunkBuffer, longPiecesOf, piecesOf, type Piece } from '../../../../src/core/kernels/piece';
import { stripeCodeBuffer } from '../../../../src/core/kernels/stripeBuffers';
import { sortPiece } from '../../../../src/core/kernels/sort';
import { centralPowers, absDeviations, range } from '../../../../src/core/kernels/sums';
import { sumByCode } from '../../../../src/core/kernels/sumsByCode';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';
import { GRIDS, type BitWidth } from '../../../../src/core/plan/layerSettings';
import { laplacian } from '../../../fixtures/modelBuilder';

const LENGTHS = [0, 1, 3, 255, 256, 257, 1003, 65_536, 65_537, 150_001];
const sparse = (length: number): Float32Array => laplacian(length, 5).map((w, i) => (i % 7 === 0 ? 0 : i % 11 === 0 ? -0 : w));
const plain = ({ weights }: Piece): Piece => ({ weights, wasm: null, at: 0, whole: 0 });
/** A grid of each kind, and thresholds of which some are weights, from and up to where ties fall either way. */
const codebooks = (weights: Float32Array): [string, Codebook][] => [
  ...GRIDS.flatMap((grid) => ([2, 4, 8] as BitWidth[]).map((bits): [string, Codebook] => (
    [`${grid}, ${bits} bits`, new GridCodebook(uniformGrid(grid, bits, 0.01, 0.9, { min: -2, max: 1 }), [-1, 1])]))),
  ...[1, 2, 15, 255].flatMap((count) => [-10, 0, 0.3].map((centre): [string, Codebook] => {
    const thresholds = Float64Array.from({ length: count }, (_, i) => (i % 2 ? weights[i % weights.length]! : (i - count / 2) / count)).sort();
    return [`${count} thresholds around ${centre}`, { levels: new Float64Array(count + 1), thresholds, centre, support: [-1, 1] }];
  })),
];
const bitsOf = (weights: Float32Array): Uint32Array => new Uint32Array(weights.buffer);

describe.each(LENGTHS)('kernels and plain loops agree in every bit over %i weights', (length) => {
  const weights = sparse(length);

  test('in range, powers and absDeviations', () => {
    for (const piece of piecesOf(weights)) {
      expect(range(piece)).toEqual(range(plain(piece)));
      expect(centralPowers(piece, 0.01, true)).toEqual(centralPowers(plain(piece), 0.01, true));
      expect(absDeviations(piece, -0.02, true)).toBe(absDeviations(plain(piece), -0.02, true));
    }
  });

  test('in codes and their errors, and in those of a grid', () => {
    for (const [, codebook] of length > 0 ? codebooks(weights) : []) {
      const levels = Float32Array.from(codebook.levels, (level, i) => level || i / 100);
      for (const piece of piecesOf(weights)) {
        const expected = new Uint8Array(piece.weights.length);
        plainAssign(piece.weights, codebook, expected);
        for (const codes of [new Uint8Array(piece.weights.length), stripeCodeBuffer(piece.weights.length)!]) {
          expect(assignPiece(piece, codebook, codes)).toBe(piece.wasm !== null);
          if (piece.wasm) expect(Buffer.compare(codes, expected)).toBe(0);
          codes.set(expected);
          expect(codeErrors(piece, codes, levels)).toEqual(codeErrors(plain(piece), expected, levels));
          if (!codebook.uniform) continue;
          const ofGrid = codeErrors(piece, codes, codebook.uniform);
          expect(ofGrid).toEqual(codeErrors(plain(piece), expected, codebook.uniform));
          expect(ofGrid).toEqual(codeErrors(piece, codes, storedLevels(codebook, 'float32')));
        }
      }
    }
    const steps = { inverse: 7.3, origin: 0.21, lowest: -3, highest: 4 };
    for (const piece of piecesOf(weights)) expect(gridErrors(piece, steps)).toBe(gridErrors(plain(piece), steps));
  });

  test('in how many weights have a code, and their sums', () => {
    for (const count of [1, 16, 256]) {
      const codes = Uint8Array.from(weights, (w, i) => (w > 0.1 ? 0 : i * 7 + (i >> 3)) % count);
      const [mass, moment, expectedMass, expectedMoment] = [0, 1, 2, 3].map(() => new Float64Array(count).fill(1)) as Float64Array[];
      let at = 0;
      for (const piece of piecesOf(weights)) {
        const some = codes.subarray(at, (at += piece.weights.length));
        sumByCode(piece, some, mass!, moment!);
        sumByCode(plain(piece), some, expectedMass!, expectedMoment!);
      }
      expect([mass, moment]).toEqual([expectedMass, expectedMoment]);
      expect(mass!.reduce((sum, n) => sum + n, 0)).toBe(length + count);
    }
  });

  test('in equal cells, and what lies beyond them', () => {
    const found = equalCells(-0.5, 1000, 1200);
    const expected = { ...found, pairs: new Float64Array(2400) };
    const [beyond, expectedBeyond]: number[][] = [[], []];
    for (const piece of piecesOf(weights)) {
      gatherPiece(piece, found, beyond!);
      gatherPiece(plain(piece), expected, expectedBeyond!);
    }
    expect(found).toEqual(expected);
    expect(beyond).toEqual(expectedBeyond);
  });

  test('in ascending order', () => {
    for (const { weights: piece } of piecesOf(weights)) {
      const sorted = piece.slice() as Float32Array;
      expect(sortPiece(sorted)).toBe(true);
      expect(Buffer.compare(Buffer.from(sorted.buffer), Buffer.from(piece.slice().sort().buffer))).toBe(0);
    }
    expect(sortPiece(sparse(65_537))).toBe(false);
  });

  test('in packed codes', () => {
    for (const bits of [2, 3, 4, 5, 6, 7]) {
      const { codesPerGroup, planes } = packingOf(bits);
      const codes = Uint8Array.from(weights, (_, i) => (i * 37 + (i >> 3)) % (2 ** bits - 1));
      for (const plane of planes) {
        const layout = { codesPerGroup, bits, offset: 1, ...plane };
        const [packed, expected] = [0, 1].map(() => new Uint8Array(Math.ceil(length / ((codesPerGroup * 8) / plane.width)))) as [Uint8Array, Uint8Array];
        plainPack(codes, layout, expected, 0);
        const whole = packWhole(codes, layout, packed);
        expect(whole).toBe(Math.floor(length / ((codesPerGroup * 8) / plane.width)));
        expect(Buffer.compare(packed.subarray(0, whole), expected.subarray(0, whole))).toBe(0);
      }
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

  test.each([0xfff, 0xfc0, 0x800, 0])('in the range and the counts of cells, of weights with bits of %i below these', (lower) => {
    const rounded = new Float32Array(bitsOf(weights).map((bits) => bits & (0xfffff000 | lower)).buffer);
    const counts = cellCounts();
    const expected = new Uint32Array(CELLS);
    for (const piece of piecesOf(rounded)) {
      const found = countedRange(piece, counts);
      expect(found).toEqual(countedRange(plain(piece), expected));
      expect(found).toEqual({ ...range(piece), lower: bitsOf(piece.weights.slice() as Float32Array).reduce((or, bits) => or | bits, 0) & 0xfff });
      expect(found.lower & ~lower).toBe(0);
    }
    expect(Buffer.compare(Buffer.from(counts), Buffer.from(expected))).toBe(0);
  });
});

test('a chunk that is read into the room for it is taken where it is, in one piece or in several', () => {
  const weights = sparse(150_001);
  const room = chunkBuffer()!;
  room.set(new Uint8Array(weights.buffer));
  const inPlace = new Float32Array(room.buffer, room.byteOffset, weights.length);
  expect([...piecesOf(inPlace)].map((piece) => piece.at)).toEqual([0, 1, 2].map((i) => room.byteOffset + 4 * 65_536 * i));
  expect([...piecesOf(inPlace)].map(range)).toEqual(Array.from(piecesOf(weights), range));
  const [whole, ...others] = longPiecesOf(inPlace);
  expect(others).toEqual([]);
  expect(range(whole!)).toEqual(range(plain(whole!)));
});

test('one weight that is not finite is counted apart', () => {
  const weights = sparse(1000);
  weights.set([NaN, Infinity, -Infinity], 500);
  const [piece] = [...piecesOf(weights)];
  expect(range(piece!)).toMatchObject({ nan: 1, inf: 2 });
  expect(range(piece!)).toEqual(range(plain(piece!)));
  expect(countedRange(piece!, cellCounts())).toEqual(countedRange(plain(piece!), new Uint32Array(CELLS)));
});
