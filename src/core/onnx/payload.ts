import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import { bitsPerElement } from './dataType';
import type { Span, StoredTensor } from './modelIndex';
import { WireReader } from './wire';

/**
 * A tensor's elements as little-endian bytes, at most `chunkElements` at a time, whatever the payload's form. Each chunk
 * is valid until the next. Elements must take whole bytes.
 * @param into for chunks of bytes that are read as they are
 * @throws CoreError `malformed`, `truncated`, `file-unreadable`, `file-changed`
 */
export function elementBytes(
  source: ByteSource, tensor: StoredTensor, chunkElements: number, into?: Uint8Array,
): Generator<Uint8Array> {
  const { storage, dtype } = tensor;
  const width = bitsPerElement(dtype) / 8;
  if (storage.form !== 'typed') return plainBytes(source, storage.spans, width * chunkElements, into);
  if (dtype === 'float32' || dtype === 'float64') {
    return storage.packed
      ? plainBytes(source, storage.spans, width * chunkElements, into)
      : untaggedBytes(source, storage.spans, width, chunkElements);
  }
  return varintBytes(source, tensor, width, chunkElements);
}

/** So many elements from number `start` on, as `elementBytes` has them. @param into as there */
type ElementsAt = (start: number, count: number, into?: Uint8Array) => Uint8Array;

/** Null where they do not lie in one piece as they are. */
export function elementsAt(source: ByteSource, tensor: StoredTensor): ElementsAt | null {
  const { storage: { form, packed, spans }, dtype } = tensor;
  const isPlain = form === 'raw' || form === 'external' || (form === 'typed' && packed && (dtype === 'float32' || dtype === 'float64'));
  if (!isPlain || spans.length !== 1) return null;
  const width = bitsPerElement(dtype) / 8;
  return (start, count, into) => source.read(spans[0]!.offset + start * width, count * width, into);
}

function* plainBytes(source: ByteSource, spans: Span[], chunkBytes: number, into?: Uint8Array): Generator<Uint8Array> {
  for (const { offset, length } of spans) {
    for (let done = 0; done < length; done += chunkBytes) {
      yield source.read(offset + done, Math.min(chunkBytes, length - done), into);
    }
  }
}

/** Unpacked fixed-width elements: a tag of one byte, the field number being below 16, stands before each. */
function* untaggedBytes(source: ByteSource, spans: Span[], width: number, chunkElements: number): Generator<Uint8Array> {
  const stride = width + 1;
  for (const tagged of plainBytes(source, spans, stride * chunkElements)) {
    const count = Math.floor(tagged.length / stride);
    const bytes = new Uint8Array(count * width);
    for (let i = 0; i < count; i++) bytes.set(tagged.subarray(i * stride + 1, (i + 1) * stride), i * width);
    yield bytes;
  }
}

/** Elements written as varints, packed or each behind its tag, in two's complement. */
function* varintBytes(source: ByteSource, tensor: StoredTensor, width: number, chunkElements: number): Generator<Uint8Array> {
  const { spans, packed, file } = tensor.storage;
  const reader = new WireReader(source);
  const chunk = new Uint8Array(width * chunkElements);
  let filled = 0;
  let total = 0;
  for (const { offset, length } of spans) {
    reader.position = offset;
    while (reader.position < offset + length) {
      if (!packed) reader.varint();
      readVarint(reader, chunk, filled, width);
      filled += width;
      total++;
      if (filled === chunk.length) {
        yield chunk;
        filled = 0;
      }
    }
  }
  if (total !== tensor.elements) {
    throw new CoreError('malformed', { file }, { what: 'elements', expected: tensor.elements, actual: total });
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Writes the low `width` bytes of a varint of up to 64 bits, little-endian. */
function readVarint(reader: WireReader, out: Uint8Array, at: number, width: number): void {
  out.fill(0, at, at + width);
  let bit = 0;
  let byte: number;
  do {
    if (bit >= 70) throw reader.malformed('overlong varint');
    byte = reader.byte();
    for (let i = 0; i < 7; i++, bit++) {
      const target = bit >> 3;
      if (target < width && (byte >> i) & 1) out[at + target]! |= 1 << (bit & 7);
    }
  } while (byte >= 128);
}
