import type { ByteSink } from '../bytes/byteSink';
import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import { throwIfCancelled, type CancelSignal } from '../job';
import type { EnclosingMessage, Span } from './modelIndex';
import { encodeVarint, varintSize } from './protoWriter';

/**
 * A change to a protobuf file: the bytes of `span` (none for an insertion) give way to `length` new ones. `message` is the
 * innermost enclosing message, an index into `ModelIndex.messages`; whole fields are replaced, so that what remains
 * parses.
 */
export interface Edit {
  message: number;
  span: Span;
  length: number;
}

/** Bytes copied per step: bounds memory and the time to see a cancel. */
const COPY_CHUNK = 1 << 20;

/** Size of a file of `size` bytes once `edits` are made and the lengths of all enclosing messages follow. */
export function splicedSize(size: number, messages: EnclosingMessage[], edits: Edit[]): number {
  const changed = lengthEdits(messages, edits);
  return [...edits, ...changed].reduce((sum, edit) => sum + edit.length - edit.span.length, size);
}

/** What a spliced file is made of, each to be put in its turn. */
export interface SpliceTarget<E extends Edit> {
  /** Bytes of the source as they stand. */
  copy(span: Span): void;
  /** A length that changed. */
  put(bytes: Uint8Array): void;
  /** An edit's bytes, exactly its `length`. */
  write(edit: E): void;
}

/**
 * Puts a file of `size` bytes with `edits` made, each in file order; insertions at one place keep their order. All other bytes
 * are copied.
 * @throws CoreError `internal` when edits overlap, and whatever the target throws
 */
export function splice<E extends Edit>(
  { name, size }: Pick<ByteSource, 'name' | 'size'>, messages: EnclosingMessage[], edits: E[], target: SpliceTarget<E>,
): void {
  const all = inFileOrder(messages, [
    ...edits.map((edit) => ({ ...edit, write: () => target.write(edit) })),
    ...lengthEdits(messages, edits).map((edit) => ({ ...edit, write: () => target.put(encodeVarint(edit.value)) })),
  ]);
  let at = 0;
  for (const { span, write: writeEdit } of all) {
    if (span.offset < at) {
      throw new CoreError('internal', { file: name, offset: span.offset }, { reason: 'overlapping edits' });
    }
    target.copy({ offset: at, length: span.offset - at });
    writeEdit();
    at = span.offset + span.length;
  }
  target.copy({ offset: at, length: size - at });
}

/** Copies a run of bytes in steps of bounded size. @throws CoreError `cancelled` */
export function copyRange(source: ByteSource, span: Span, sink: ByteSink, signal?: CancelSignal): void {
  const end = span.offset + span.length;
  for (let at = span.offset; at < end; at += COPY_CHUNK) {
    throwIfCancelled(signal);
    sink.write(source.read(at, Math.min(COPY_CHUNK, end - at)));
  }
}

interface LengthEdit extends Edit {
  value: number;
}

/** The length prefixes that change, each growing or shrinking its own parent in turn. ModelProto has none. */
function lengthEdits(messages: EnclosingMessage[], edits: Edit[]): LengthEdit[] {
  const growth = new Map<number, number>();
  const grow = (message: number, by: number): void => {
    growth.set(message, (growth.get(message) ?? 0) + by);
  };
  for (const edit of edits) grow(edit.message, edit.length - edit.span.length);
  const changed: LengthEdit[] = [];
  for (const message of deepestFirst(messages, growth.keys())) {
    const { parent, lengthOffset, content } = messages[message]!;
    const by = growth.get(message) ?? 0;
    if (by === 0 || parent === null) continue;
    const value = content.length + by;
    const edit = {
      message: parent, span: { offset: lengthOffset, length: content.offset - lengthOffset }, length: varintSize(value), value,
    };
    changed.push(edit);
    grow(parent, by + edit.length - edit.span.length);
  }
  return changed;
}

/** The messages given and all that enclose them. */
function deepestFirst(messages: EnclosingMessage[], some: Iterable<number>): number[] {
  const touched = new Map<number, number>();
  for (const message of some) {
    for (let at: number | null = message; at !== null && !touched.has(at); at = messages[at]!.parent) {
      touched.set(at, depth(messages, at));
    }
  }
  return [...touched].sort(([, a], [, b]) => b - a).map(([message]) => message);
}

function depth(messages: EnclosingMessage[], message: number): number {
  let levels = 0;
  for (let at = messages[message]!.parent; at !== null; at = messages[at]!.parent) levels++;
  return levels;
}

/** By offset; where a message ends and the next thing begins at one offset, what lies in the message comes first. */
function inFileOrder<E extends Edit>(messages: EnclosingMessage[], edits: E[]): E[] {
  return edits
    .map((edit) => ({ edit, depth: depth(messages, edit.message) }))
    .sort((a, b) => a.edit.span.offset - b.edit.span.offset || b.depth - a.depth || emptyFirst(a.edit, b.edit))
    .map(({ edit }) => edit);
}

function emptyFirst(a: Edit, b: Edit): number {
  return Number(a.span.length > 0) - Number(b.span.length > 0);
}
