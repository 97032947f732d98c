import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';

/** Protobuf wire types (protobuf.dev, Encoding, Message Structure). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Room for what stands before a payload: of many small tensors a file's index is to read less than a hundredth. */
const MIN_WINDOW_BYTES = 256;
const MAX_WINDOW_BYTES = 64 * 1024;
/** A 64-bit value in groups of 7 bits. */
const MAX_VARINT_BYTES = 10;

/**
 * Reads protobuf's wire format through a window on a file. After a jump the window is small, since a payload is likely to
 * be jumped over next; as long as reading goes on without one it doubles. Offsets are doubles: files exceed 4 GB.
 */
export class WireReader {
  position = 0;
  #window: Uint8Array = new Uint8Array(0);
  #start = -1;
  #step = MIN_WINDOW_BYTES;

  constructor(readonly source: ByteSource) {}

  byte(): number {
    const at = this.position - this.#start;
    if (at < 0 || at >= this.#window.length) {
      this.#load(1);
      return this.#window[this.position++ - this.#start]!;
    }
    this.position++;
    return this.#window[at]!;
  }

  /** An unsigned varint. Exact up to 2⁵³: more than any tag, length or offset. @throws CoreError `malformed` when overlong. */
  varint(): number {
    const start = this.position;
    let value = 0;
    for (let scale = 1, count = 0; count < MAX_VARINT_BYTES; scale *= 128, count++) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw this.malformed('overlong varint', start);
  }

  /** The next `length` bytes, valid until the next call. */
  bytes(length: number): Uint8Array {
    const at = this.position - this.#start;
    if (at < 0 || at + length > this.#window.length) this.#load(length);
    const from = this.position - this.#start;
    this.position += length;
    return this.#window.subarray(from, from + length);
  }

  malformed(what: string, offset = this.position): CoreError {
    return new CoreError('malformed', { file: this.source.name, offset }, { what });
  }

  truncated(expected: number, offset = this.position): CoreError {
    return new CoreError('truncated', { file: this.source.name, offset }, { expected, actual: this.source.size });
  }

  #load(needed: number): void {
    const { position, source } = this;
    if (position + needed > source.size) throw this.truncated(position + needed);
    const sequential = position >= this.#start && position <= this.#start + this.#window.length;
    this.#step = sequential ? Math.min(2 * this.#step, MAX_WINDOW_BYTES) : MIN_WINDOW_BYTES;
    this.#window = source.read(position, Math.min(Math.max(this.#step, needed), source.size - position));
    this.#start = position;
  }
}
