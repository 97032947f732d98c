import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import { throwIfCancelled, type CancelSignal } from '../job';
import { MAX_NESTING, MAX_RANK, MAX_SKELETON_BYTES, MAX_STRING_BYTES } from './limits';
import { FIELD, fieldKind, type FieldKind, type MessageKind } from './messageSchema';
import type { EnclosingMessage, ExternalReference, Span } from './modelIndex';
import { SkeletonWriter } from './skeletonWriter';
import { WIRE, WireReader } from './wire';

/** A length-delimited field: the whole of it, tag included, and the message inside. */
export interface Field {
  record: Span;
  content: Span;
}

/** One of a TensorProto's data fields. Unpacked elements are spans of (tag, value) pairs, packed ones and bytes of values. */
export interface PayloadSpan {
  field: number;
  packed: boolean;
  spans: Span[];
}

/** A TensorProto and what holds it. */
export interface ScannedTensor extends Field {
  /** The innermost NodeProto around it, if any. */
  node: Field | null;
  /** The SparseTensorProto around it, if any. */
  sparse: Field | null;
  payloads: PayloadSpan[];
  /** Its `external_data` entries, null where it has none. */
  external: ExternalReference | null;
}

/**
 * A model without its payloads. `bytes` is a ModelProto in which `doc_string` of a tensor is its position in `tensors`,
 * of a node its position in `nodes`, and that of a graph or function its position in `messages`.
 */
export interface Skeleton {
  bytes: Uint8Array;
  irVersionRecord: Span | null;
  /** The model first, then graphs, functions and everything around them. */
  messages: EnclosingMessage[];
  /** Fields of `graph.input` in order, by the graph's position in `messages`. */
  inputs: Map<number, Span[]>;
  tensors: ScannedTensor[];
  /** NodeProto fields, tags included. */
  nodes: Span[];
  /** What `onnx-proto` does not know, where it is not empty: of nodes by where their fields begin, of functions by where their lengths lie. */
  overloads: Map<number, string>;
}

/** A message being walked. */
interface Frame extends Field {
  kind: MessageKind;
  parent: Frame | null;
  end: number;
  depth: number;
  lengthOffset: number;
  /** Position in `messages` once it has one. */
  message: number | null;
  tensor: ScannedTensor | null;
  integers: number;
}

/** Fields between two looks at the cancel signal: well below a millisecond of work. */
const FIELDS_PER_CHECK = 4096;
const MAX_INTEGER_BYTES = 10;

/**
 * Walks a ModelProto's wire format once, jumping over payloads.
 * @throws CoreError `truncated`, `malformed` or `limit-exceeded` with the offset; `cancelled`
 */
export function scanModel(source: ByteSource, signal: CancelSignal | undefined): Skeleton {
  return new Scan(source, signal).run();
}

class Scan {
  readonly #reader: WireReader;
  readonly #writer = new SkeletonWriter();
  readonly #messages: EnclosingMessage[] = [];
  readonly #inputs = new Map<number, Span[]>();
  readonly #tensors: ScannedTensor[] = [];
  readonly #nodes: Span[] = [];
  readonly #overloads = new Map<number, string>();
  #irVersionRecord: Span | null = null;
  #fields = 0;
  #graphs = 0;

  constructor(readonly source: ByteSource, readonly signal: CancelSignal | undefined) {
    this.#reader = new WireReader(source);
  }

  run(): Skeleton {
    const whole = { offset: 0, length: this.source.size };
    const model = frame('model', null, 0, whole, whole);
    this.#register(model);
    this.#walk(model);
    return {
      bytes: this.#writer.finish(),
      irVersionRecord: this.#irVersionRecord,
      messages: this.#messages,
      inputs: this.#inputs,
      tensors: this.#tensors,
      nodes: this.#nodes,
      overloads: this.#overloads,
    };
  }

  #walk(message: Frame): void {
    const reader = this.#reader;
    while (reader.position < message.end) {
      this.#checkpoint();
      const start = reader.position;
      const tag = reader.varint();
      const field = Math.floor(tag / 8);
      const wireType = tag % 8;
      if (field === 0) throw reader.malformed('field number 0', start);
      if (wireType === WIRE.bytes) this.#delimited(message, field, start);
      else this.#scalar(message, field, wireType, start);
      if (reader.position > message.end) throw reader.malformed('field past the end of its message', start);
    }
  }

  #delimited(message: Frame, field: number, start: number): void {
    const reader = this.#reader;
    const lengthOffset = reader.position;
    const length = reader.varint();
    const content = { offset: reader.position, length };
    if (content.offset + length > message.end) throw this.#pastEnd(message, content, lengthOffset);
    const kind = fieldKind(message.kind, field);
    const record = { offset: start, length: content.offset + length - start };
    switch (kind) {
      case 'bytes':
        this.#copyString(message, field, length);
        break;
      case 'integers':
        this.#copyPackedIntegers(message, field, length);
        break;
      case 'payload':
        addPayload(message.tensor, field, true, content);
        break;
      case 'overload':
        this.#overloads.set(message.kind === 'node' ? message.record.offset : message.lengthOffset, UTF8.decode(this.#name(message, length)));
        break;
      case 'varint':
      case 'fixed32':
      case undefined:
        break;
      default:
        this.#nested(frame(kind, message, lengthOffset, record, content), field);
    }
    reader.position = content.offset + length;
  }

  /** A length past the end of the file means a cut file, one past the end of the enclosing message a broken one. */
  #pastEnd(message: Frame, content: Span, lengthOffset: number): CoreError {
    const end = content.offset + content.length;
    return message.parent === null
      ? this.#reader.truncated(end, lengthOffset)
      : this.#reader.malformed('length past the end of its message', lengthOffset);
  }

  #nested(message: Frame, field: number): void {
    if (message.depth > MAX_NESTING) throw this.#limit('nesting', MAX_NESTING, message.record.offset);
    const start = this.#writer.open(field);
    this.#enter(message, field);
    this.#walk(message);
    this.#writer.close(start);
  }

  /** Notes where a message lies and numbers it in the skeleton. */
  #enter(message: Frame, field: number): void {
    const { kind, parent, record, content } = message;
    if (kind === 'graph' && parent?.kind === 'model' && this.#graphs++ > 0) {
      throw this.#reader.malformed('second graph', record.offset);
    }
    if (kind === 'graph' || kind === 'function') {
      this.#register(message);
      this.#writer.digits(FIELD[kind].docString, message.message!);
    } else if (kind === 'tensor') {
      const [node, sparse] = [around(message, 'node'), around(message, 'sparseTensor')];
      message.tensor = { record, content, node, sparse, payloads: [], external: null };
      this.#writer.digits(FIELD.tensor.docString, this.#tensors.push(message.tensor) - 1);
    } else if (kind === 'node') {
      this.#writer.digits(FIELD.node.docString, this.#nodes.push(record) - 1);
    } else if (kind === 'entry' && parent?.tensor) {
      parent.tensor.external ??= { message: this.#register(parent), entries: [] };
      parent.tensor.external.entries.push(record);
    } else if (parent?.kind === 'graph' && field === FIELD.graph.input) {
      const inputs = this.#inputs.get(parent.message!) ?? [];
      inputs.push(record);
      this.#inputs.set(parent.message!, inputs);
    }
  }

  /** Gives a message, and first everything around it, a place in `messages`. */
  #register(message: Frame): number {
    if (message.message === null) {
      const parent = message.parent === null ? null : this.#register(message.parent);
      const { lengthOffset, content } = message;
      message.message = this.#messages.push({ parent, lengthOffset, content }) - 1;
    }
    return message.message;
  }

  #scalar(message: Frame, field: number, wireType: number, start: number): void {
    const reader = this.#reader;
    const valueStart = reader.position;
    this.#skipScalar(field, wireType, message.depth, start);
    const end = reader.position;
    const kind = fieldKind(message.kind, field);
    if (kind === 'payload') {
      addPayload(message.tensor, field, false, { offset: start, length: end - start });
    } else if (wireType === keptAs(kind) && (kind !== 'integers' || this.#hasRoom(message, 1))) {
      reader.position = valueStart;
      this.#writer.tag(field, wireType);
      this.#writer.scalar(reader.bytes(end - valueStart));
    }
    if (message.kind === 'model' && field === FIELD.model.irVersion) {
      this.#irVersionRecord = { offset: start, length: end - start };
    }
  }

  #skipScalar(field: number, wireType: number, depth: number, start: number): void {
    const reader = this.#reader;
    if (wireType === WIRE.varint) reader.varint();
    else if (wireType === WIRE.fixed32) reader.position += 4;
    else if (wireType === WIRE.fixed64) reader.position += 8;
    else if (wireType === WIRE.startGroup) this.#skipGroup(field, depth + 1);
    else throw reader.malformed(`wire type ${wireType}`, start);
    if (reader.position > this.source.size) throw reader.truncated(reader.position, start);
  }

  /** Groups are long deprecated, but a reader has to get past an unknown one. */
  #skipGroup(group: number, depth: number): void {
    const reader = this.#reader;
    if (depth > MAX_NESTING) throw this.#limit('nesting', MAX_NESTING, reader.position);
    for (;;) {
      this.#checkpoint();
      const start = reader.position;
      const tag = reader.varint();
      const field = Math.floor(tag / 8);
      if (tag % 8 === WIRE.endGroup && field === group) return;
      if (tag % 8 === WIRE.bytes) {
        const length = reader.varint();
        reader.position += length;
      } else {
        this.#skipScalar(field, tag % 8, depth, start);
      }
    }
  }

  #copyString(message: Frame, field: number, length: number): void {
    const bytes = this.#name(message, length);
    this.#writer.tag(field, WIRE.bytes);
    this.#writer.varint(length);
    this.#writer.bytes(bytes);
  }

  /** A copy names again what it replaces: a name that text cannot hold would come out as another, with another length. */
  #name(message: Frame, length: number): Uint8Array {
    const start = this.#reader.position;
    if (length > MAX_STRING_BYTES) throw this.#limit('string bytes', MAX_STRING_BYTES, start);
    const bytes = this.#reader.bytes(length);
    if (message.kind !== 'model' && !isUtf8(bytes)) throw this.#reader.malformed('name that is not UTF-8', start);
    return bytes;
  }

  #copyPackedIntegers(message: Frame, field: number, length: number): void {
    if (!this.#hasRoom(message, Math.ceil(length / MAX_INTEGER_BYTES))) return;
    const end = this.#reader.position + length;
    const bytes = Uint8Array.from(this.#reader.bytes(length));
    this.#writer.tag(field, WIRE.bytes);
    this.#writer.varint(length);
    this.#writer.bytes(bytes);
    this.#reader.position = end - length;
    while (this.#reader.position < end) this.#reader.varint();
    if (this.#reader.position > end) throw this.#reader.malformed('integers past the end of their field', end);
  }

  /** Dims beyond the rank limit are refused; so long an attribute cannot be a permutation and is left out. */
  #hasRoom(message: Frame, integers: number): boolean {
    message.integers += integers;
    if (message.integers <= MAX_RANK) return true;
    if (message.kind === 'attribute') return false;
    throw this.#limit('dimensions', MAX_RANK, message.record.offset);
  }

  #checkpoint(): void {
    if (++this.#fields % FIELDS_PER_CHECK !== 0) return;
    throwIfCancelled(this.signal);
    if (this.#writer.size <= MAX_SKELETON_BYTES) return;
    throw this.#limit('bytes of structure', MAX_SKELETON_BYTES, this.#reader.position);
  }

  #limit(what: string, limit: number, offset: number): CoreError {
    return new CoreError('limit-exceeded', { file: this.source.name, offset }, { what, limit });
  }
}

/** The wire type that a scalar of this kind is copied in; null where it is not. */
function keptAs(kind: FieldKind | undefined): number | null {
  if (kind === 'fixed32') return WIRE.fixed32;
  return kind === 'varint' || kind === 'integers' ? WIRE.varint : null;
}

function frame(kind: MessageKind, parent: Frame | null, lengthOffset: number, record: Span, content: Span): Frame {
  const depth = parent === null ? 0 : parent.depth + 1;
  const end = content.offset + content.length;
  return { kind, parent, end, depth, lengthOffset, record, content, message: null, tensor: null, integers: 0 };
}

function around(message: Frame, kind: MessageKind): Field | null {
  for (let outer = message.parent; outer !== null; outer = outer.parent) {
    if (outer.kind === kind) return { record: outer.record, content: outer.content };
  }
  return null;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  if (bytes.every((byte) => byte < 0x80)) return true;
  try {
    UTF8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Adjacent unpacked elements become one span. */
function addPayload(tensor: ScannedTensor | null, field: number, packed: boolean, span: Span): void {
  if (tensor === null) return;
  const payload = tensor.payloads.find((candidate) => candidate.field === field && candidate.packed === packed);
  if (payload === undefined) {
    tensor.payloads.push({ field, packed, spans: [span] });
    return;
  }
  const last = payload.spans.at(-1)!;
  if (!packed && last.offset + last.length === span.offset) last.length += span.length;
  else payload.spans.push(span);
}
