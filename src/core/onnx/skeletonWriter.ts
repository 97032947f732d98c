import { WIRE } from './wire';

/** Enough for any length below 2³⁵: protobuf readers accept a varint with leading zero groups. */
const LENGTH_BYTES = 5;
/** A 32-bit and a 64-bit value in groups of 7 bits. */
const SHORT_VARINT_BYTES = 5;
const MAX_VARINT_BYTES = 10;

/** A protobuf message being put together in memory. */
export class SkeletonWriter {
  #buffer = new Uint8Array(64 * 1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[this.#size++] = (rest % 128) | 128;
    this.#buffer[this.#size++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /**
   * A number as it is encoded. protobuf.js takes a 32-bit varint of more than 5 bytes for one of 10, whatever its length, and
   * would lose its place: those between are filled up with zero groups.
   */
  scalar(encoded: Uint8Array): void {
    if (encoded.length <= SHORT_VARINT_BYTES || encoded.length === MAX_VARINT_BYTES) return this.bytes(encoded);
    const filled = new Uint8Array(MAX_VARINT_BYTES).fill(0x80, 0, MAX_VARINT_BYTES - 1);
    encoded.forEach((byte, i) => (filled[i] = byte | 0x80));
    this.bytes(filled);
  }

  /** A string field of decimal digits. */
  digits(field: number, value: number): void {
    const text = String(value);
    this.tag(field, WIRE.bytes);
    this.varint(text.length);
    this.bytes(Uint8Array.from(text, (digit) => digit.charCodeAt(0)));
  }

  /** Begins a message field whose length is not known yet; pass the result to `close`. */
  open(field: number): number {
    this.tag(field, WIRE.bytes);
    this.#reserve(LENGTH_BYTES);
    this.#size += LENGTH_BYTES;
    return this.#size;
  }

  close(start: number): void {
    let length = this.#size - start;
    for (let i = LENGTH_BYTES; i > 0; i--) {
      this.#buffer[start - i] = (length % 128) | (i > 1 ? 128 : 0);
      length = Math.floor(length / 128);
    }
  }

  #reserve(bytes: number): void {
    if (this.#size + bytes <= this.#buffer.length) return;
    const grown = new Uint8Array(2 * (this.#size + bytes));
    grown.set(this.finish());
    this.#buffer = grown;
  }
}
