import { fieldKind, type FieldKind, type MessageKind } from '../../src/core/onnx/messageSchema';
import { WIRE } from '../../src/core/onnx/wire';
import { concat, varint } from '../fixtures/wireBytes';

/** One field of a protobuf message, open to any change. */
export interface WireField {
  /** As in onnx.proto; undefined where the reader does not know the field. */
  kind: FieldKind | undefined;
  number: number;
  wireType: number;
  /** What follows the tag; of a length-delimited field, what follows its length. */
  content: Uint8Array;
  /** The fields of a message instead of `content`. */
  fields: WireField[] | null;
  /** Written instead of the content's length. */
  claimedLength: number | null;
}

/** Whether a field holds a message that the reader walks into. */
export function isMessage(kind: FieldKind | undefined): kind is MessageKind {
  return kind !== undefined && !['varint', 'fixed32', 'bytes', 'integers', 'payload'].includes(kind);
}

/** The fields of a sound message. */
export function parseWire(bytes: Uint8Array, message: MessageKind): WireField[] {
  const fields: WireField[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, afterTag] = readVarint(bytes, at);
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    const [start, end] = contentRange(bytes, afterTag, wireType);
    const kind = fieldKind(message, number);
    const content = bytes.subarray(start, end);
    const inner = wireType === WIRE.bytes && isMessage(kind) ? parseWire(content, kind) : null;
    fields.push({ kind, number, wireType, content, fields: inner, claimedLength: null });
    at = end;
  }
  return fields;
}

/** The message again, lengths right unless `claimedLength` says otherwise. */
export function encodeWire(fields: readonly WireField[]): Uint8Array {
  return concat(...fields.flatMap(({ number, wireType, content, fields: inner, claimedLength }) => {
    const body = inner ? encodeWire(inner) : content;
    const tag = varint(number * 8 + wireType);
    return wireType === WIRE.bytes ? [tag, varint(claimedLength ?? body.length), body] : [tag, body];
  }));
}

/** Every field of a message and of those inside it. */
export function allFields(fields: readonly WireField[]): WireField[] {
  return fields.flatMap((field) => [field, ...allFields(field.fields ?? [])]);
}

function contentRange(bytes: Uint8Array, at: number, wireType: number): [start: number, end: number] {
  switch (wireType) {
    case WIRE.varint: return [at, readVarint(bytes, at)[1]];
    case WIRE.fixed32: return [at, at + 4];
    case WIRE.fixed64: return [at, at + 8];
    case WIRE.bytes: {
      const [length, start] = readVarint(bytes, at);
      return [start, start + length];
    }
    default: throw new Error(`wire type ${wireType} in a sound model`);
  }
}

function readVarint(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let scale = 1, i = at; i < bytes.length; scale *= 128, i++) {
    value += (bytes[i]! & 127) * scale;
    if (bytes[i]! < 128) return [value, i + 1];
  }
  throw new Error('a sound model ends inside a number');
}
