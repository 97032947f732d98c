import { concat } from '../bytes/concat';
import { slicesOf } from '../statistics/cancelSlices';

/** Codes that come as a layer is quantized, in stored order: in pieces, once, each valid until the next, or all together. */
export interface CodeStream {
  length: number;
  pieces(): Iterable<Uint8Array>;
  /** Takes the memory that pieces spare. */
  all(): Uint8Array;
}

/** A layer's codes, in memory or as they come. */
export type CodeRun = Uint8Array | CodeStream;

/** @param pieces `length` codes in all; gone through once */
export function codeStream(length: number, pieces: Iterable<Uint8Array>): CodeStream {
  let known: Uint8Array | undefined;
  return {
    length,
    pieces: () => (known ? slicesOf(known) : pieces),
    all() {
      if (known) return known;
      const codes = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        codes.set(piece, at);
        at += piece.length;
      }
      return (known = codes);
    },
  };
}

export function allCodes(codes: CodeRun): Uint8Array {
  return codes instanceof Uint8Array ? codes : codes.all();
}

/** Codes in pieces; all but the last have a multiple of `unit`. */
export function* codePieces(codes: CodeRun, unit: number): Generator<Uint8Array, void> {
  let left: Uint8Array = new Uint8Array(0);
  for (const piece of codes instanceof Uint8Array ? slicesOf(codes) : codes.pieces()) {
    const completing = left.length === 0 ? 0 : Math.min(piece.length, unit - left.length);
    if (completing > 0) left = concat([left, piece.subarray(0, completing)]);
    if (left.length === unit) {
      yield left;
      left = new Uint8Array(0);
    }
    const whole = piece.length - ((piece.length - completing) % unit);
    if (whole > completing) yield piece.subarray(completing, whole);
    if (whole < piece.length) left = piece.slice(whole);
  }
  if (left.length > 0) yield left;
}
