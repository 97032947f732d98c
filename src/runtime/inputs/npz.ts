import { crc32, inflateRawSync } from 'node:zlib';
import { invalidInputs, MAX_INPUT_BYTES, type InputArray } from './inputArray';
import { parseNpy } from './npy';

/** Signatures and fixed lengths of PKWARE's .ZIP File Format Specification (APPNOTE 6.3), sections 4.3.7, 4.3.12, 4.3.16. */
const LOCAL = { signature: 0x04034b50, length: 30 };
const CENTRAL = { signature: 0x02014b50, length: 46 };
const END = { signature: 0x06054b50, length: 22, comment: 0xffff };
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

interface ZipEntry {
  name: string;
  method: number;
  flags: number;
  checksum: number;
  compressed: number;
  size: number;
  offset: number;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && [LOCAL.signature, END.signature].includes(view(bytes).getUint32(0, true));
}

/**
 * Reads the arrays of an `.npz` file as `numpy.savez` and `savez_compressed` write it: a zip archive of `.npy` files.
 * @throws CoreError `inputs-invalid`
 */
export function parseNpz(bytes: Uint8Array): InputArray[] {
  const arrays = entriesOf(bytes)
    .filter(({ name }) => name.endsWith('.npy'))
    .map((entry) => parseNpy(contentOf(bytes, entry), entry.name.slice(0, -'.npy'.length)));
  if (arrays.length === 0) throw invalidInputs('it holds no array');
  return arrays;
}

function entriesOf(bytes: Uint8Array): ZipEntry[] {
  const data = view(bytes);
  const end = endOfDirectory(data);
  const entries: ZipEntry[] = [];
  let at = data.getUint32(end + 16, true);
  for (let left = data.getUint16(end + 10, true); left > 0; left--) {
    if (at + CENTRAL.length > end || data.getUint32(at, true) !== CENTRAL.signature) throw damaged();
    const nameLength = data.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + CENTRAL.length, at + CENTRAL.length + nameLength)),
      flags: data.getUint16(at + 8, true),
      method: data.getUint16(at + 10, true),
      checksum: data.getUint32(at + 16, true),
      compressed: data.getUint32(at + 20, true),
      size: data.getUint32(at + 24, true),
      offset: data.getUint32(at + 42, true),
    });
    at += CENTRAL.length + nameLength + data.getUint16(at + 30, true) + data.getUint16(at + 32, true);
  }
  return entries;
}

/** It stands last, but for a comment. */
function endOfDirectory(data: DataView): number {
  const first = Math.max(0, data.byteLength - END.length - END.comment);
  for (let at = data.byteLength - END.length; at >= first; at--) if (data.getUint32(at, true) === END.signature) return at;
  throw damaged();
}

/** Sizes are the central directory's: NumPy leaves them open in the header before the data. */
function contentOf(bytes: Uint8Array, { name, method, flags, checksum, compressed, size, offset }: ZipEntry): Uint8Array {
  const data = view(bytes);
  if (offset + LOCAL.length > bytes.length || data.getUint32(offset, true) !== LOCAL.signature) throw damaged();
  const start = offset + LOCAL.length + data.getUint16(offset + 26, true) + data.getUint16(offset + 28, true);
  if (start + compressed > bytes.length) throw damaged();
  if (size > MAX_INPUT_BYTES) throw invalidInputs(`${name} has ${size} bytes, and at most ${MAX_INPUT_BYTES} are read`);
  if ((flags & ENCRYPTED) !== 0 || (method !== STORED && method !== DEFLATED)) {
    throw invalidInputs(`${name} is encrypted, or packed in another way than NumPy does`);
  }
  const packed = bytes.subarray(start, start + compressed);
  const content = method === STORED ? packed : inflated(packed, size);
  if (content.length !== size || crc32(content) !== checksum) throw damaged();
  return content;
}

function inflated(packed: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw damaged();
  }
}

function damaged(): Error {
  return invalidInputs('the archive is damaged or incomplete');
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
