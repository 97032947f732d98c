import { fieldKind, type FieldKind, type MessageKind } from '../../src/core/onnx/messageSchema';
import { WIRE } from '../../src/core/onnx/wire';

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
  const lengths: number[] = [];
  const bytes = new Uint8Array(measure(fields, lengths));
  write(fields, lengths.values(), bytes, 0);
  return bytes;
}

/** Fields that can be changed while these stay; they share their contents, which are only ever replaced. */
export function copyFields(fields: readonly WireField[]): WireField[] {
  // Spelt out, since a spread takes three times as long, and this runs over every field in every case.
  return fields.map(({ kind, number, wireType, content, fields: inner, claimedLength }) => (
    { kind, number, wireType, content, fields: inner && copyFields(inner), claimedLength }
  ));
}

/** Every field of a message and of those inside it. */
export function allFields(fields: readonly WireField[], found: WireField[] = []): WireField[] {
  for (const field of fields) {
    found.push(field);
    if (field.fields) allFields(field.fields, found);
  }
  return found;
}

/** How many bytes the fields take; `bodies` gets the length of each field's content, in the order in which they are written. */
function measure(fields: readonly WireField[], bodies: number[] = []): number {
  let sum = 0;
  for (const field of fields) {
    const place = bodies.push(0) - 1;
    const body = field.fields ? measure(field.fields, bodies) : field.content.length;
    bodies[place] = body;
    sum += varintLength(tagOf(field)) + body;
    if (field.wireType === WIRE.bytes) sum += varintLength(field.claimedLength ?? body);
  }
  return sum;
}

/** The length of a field without tag and length. */
export function bodyLength({ fields, content }: WireField): number {
  return fields ? measure(fields) : content.length;
}

function tagOf({ number, wireType }: WireField): number {
  return number * 8 + wireType;
}

/** Returns where the fields end in `bytes`. */
function write(fields: readonly WireField[], bodies: Iterator<number>, bytes: Uint8Array, start: number): number {
  let at = start;
  for (const field of fields) {
    const body = bodies.next().value as number;
    at = writeVarint(tagOf(field), bytes, at);
    if (field.wireType === WIRE.bytes) at = writeVarint(field.claimedLength ?? body, bytes, at);
    if (field.fields) at = write(field.fields, bodies, bytes, at);
    else {
      bytes.set(field.content, at);
      at += body;
    }
  }
  return at;
}

function writeVarint(value: number, bytes: Uint8Array, start: number): number {
  let [rest, at] = [value, start];
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
  bytes[at++] = rest;
  return at;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest /= 128) length++;
  return length;
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
