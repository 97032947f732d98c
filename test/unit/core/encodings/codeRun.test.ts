import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat } from '../../../../src/core/bytes/concat';
import { allCodes, codePieces, codeStream } from '../../../../src/core/encodings/codeRun';
import { packPlane, packingOf } from '../../../../src/core/encodings/packing';

const pieces = fc.array(fc.uint8Array({ max: 15, maxLength: 20 }), { maxLength: 8 });

/** As a quantizer hands them out: in memory that the next takes. */
function* passing(some: readonly Uint8Array[]): Generator<Uint8Array> {
  const room = new Uint8Array(20);
  for (const piece of some) {
    room.set(piece);
    yield room.subarray(0, piece.length);
    room.fill(255);
  }
}

const streamOf = (some: readonly Uint8Array[]) => codeStream(concat(some).length, passing(some));

test('a stream gives all codes in whole units, whatever its pieces', () => {
  fc.assert(fc.property(pieces, fc.integer({ min: 1, max: 9 }), (some, unit) => {
    const given = Array.from(codePieces(streamOf(some), unit), (piece) => piece.slice());
    expect(concat(given)).toEqual(concat(some));
    for (const piece of given.slice(0, -1)) expect(piece.length % unit).toBe(0);
  }));
});

test('a stream that was had as a whole is had again, in pieces too', () => {
  fc.assert(fc.property(pieces, (some) => {
    const stream = streamOf(some);
    const codes = allCodes(stream);
    expect(codes).toEqual(concat(some));
    expect(allCodes(stream)).toBe(codes);
    expect(concat([...codePieces(stream, 4)])).toEqual(codes);
  }));
});

test('codes that come are packed as those in memory are', () => {
  fc.assert(fc.property(pieces, fc.constantFrom(2, 4), (some, bits) => {
    const packing = packingOf(bits);
    const small = some.map((piece) => piece.map((code) => code % 2 ** bits));
    const packed = (codes: Parameters<typeof packPlane>[0]) => (
      concat(Array.from(packPlane(codes, packing, packing.planes[0]!, 0), (piece) => piece.slice()))
    );
    expect(packed(streamOf(small))).toEqual(packed(concat(small)));
  }));
});
