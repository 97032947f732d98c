import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import { FIELD } from './messageSchema';
import { WIRE, WireReader } from './wire';

const HEAD_BYTES = 1024;
/** First line of a pointer file (git-lfs, docs/spec.md). */
const LFS_VERSION = 'version https://git-lfs.github.com/spec/';
/** FlatBuffers file identifier at bytes 4–7 (ONNX Runtime, ort.fbs). */
const ORT_IDENTIFIER = 'ORTM';
const HTML = /^\s*<(!doctype html|html|head|body|\?xml)/i;

/**
 * Names what a file is when it is no ONNX model.
 * @throws CoreError `empty-file`, `lfs-pointer`, `ort-format`, `html-page`, `not-onnx`
 */
export function sniff(source: ByteSource): void {
  const place = { file: source.name };
  if (source.size === 0) throw new CoreError('empty-file', place);
  const head = latin1(source.read(0, Math.min(HEAD_BYTES, source.size)));
  if (head.startsWith(LFS_VERSION)) {
    throw new CoreError('lfs-pointer', place, { bytes: Number(/^size (\d+)$/m.exec(head)?.[1] ?? 0) });
  }
  if (head.slice(4, 8) === ORT_IDENTIFIER) throw new CoreError('ort-format', place);
  if (HTML.test(head.replace(/^\u00ef\u00bb\u00bf/, ''))) throw new CoreError('html-page', place);
  if (!startsLikeModel(source)) throw new CoreError('not-onnx', place);
}

/**
 * Whether the fields are a ModelProto's: a graph is reached over numbers and strings, or there was a version before the
 * file broke off.
 */
function startsLikeModel(source: ByteSource): boolean {
  const reader = new WireReader(source);
  let versioned = false;
  try {
    while (reader.position < source.size) {
      const tag = reader.varint();
      if (tag === FIELD.model.graph * 8 + WIRE.bytes) return true;
      if (tag === FIELD.model.irVersion * 8 + WIRE.varint) versioned = true;
      if (tag < 8 || (tag % 8 !== WIRE.varint && tag % 8 !== WIRE.bytes)) return versioned;
      const value = reader.varint();
      if (tag % 8 === WIRE.bytes) reader.position += value;
    }
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return versioned;
  }
  return versioned && reader.position > source.size;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
