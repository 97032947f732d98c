import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** An array of unsigned bytes as MNIST ships it: http://yann.lecun.com/exdb/mnist, section "the IDX file format". */
export interface IdxArray {
  dims: number[];
  data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/** Reads an `.idx.gz` file of unsigned bytes. @throws Error when the header is not that. */
export function readIdx(path: string): IdxArray {
  const bytes = gunzipSync(readFileSync(path));
  if (bytes.readUInt16BE(0) !== 0 || bytes[2] !== UNSIGNED_BYTE) throw new Error(`${path}: not an IDX file of unsigned bytes`);
  const rank = bytes[3] ?? 0;
  const dims = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  return { dims, data: bytes.subarray(4 + 4 * rank) };
}
