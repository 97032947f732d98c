import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../../src/core/bytes/memorySource';
import type { EnclosingMessage } from '../../../../src/core/onnx/modelIndex';
import { encodeVarint } from '../../../../src/core/onnx/protoWriter';
import { splice, splicedSize, type Edit } from '../../../../src/core/onnx/splice';
import { memorySink } from '../../../fixtures/memorySink';

/** A protobuf message of byte fields and messages; what is to become of each field, and what goes in before it. */
interface Tree {
  fields: { value: Uint8Array | Tree; fate: 'keep' | 'drop' | 'replace'; insert: Uint8Array[]; fresh: Uint8Array }[];
  /** Inserted after the last field. */
  append: Uint8Array[];
}

/** Lengths on both sides of the step from one to two bytes of varint, and well past it. */
const bytes = fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ minLength: 110, maxLength: 140 }));
const inserts = fc.array(bytes, { maxLength: 2 });
const { tree } = fc.letrec<{ tree: Tree; value: Uint8Array | Tree }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, bytes, tie('tree')),
  tree: fc.record({
    fields: fc.array(fc.record({
      value: tie('value'),
      fate: fc.constantFrom('keep' as const, 'keep' as const, 'drop' as const, 'replace' as const),
      insert: inserts,
      fresh: bytes,
    }), { maxLength: 4 }),
    append: inserts,
  }),
}));

describe('splice', () => {
  it('equals encoding the edited message anew, at any depth', () => {
    fc.assert(fc.property(tree, fc.infiniteStream(fc.nat(1000)), (root, order) => {
      const { file, messages, edits } = sourceOf(root);
      const shuffled = stableShuffle(edits, order);
      const written = spliced(file, messages, shuffled);
      expect(Buffer.compare(written, encodeEdited(root))).toBe(0);
      expect(splicedSize(file.length, messages, shuffled)).toBe(written.length);
    }), { numRuns: 500 });
  });

  it('copies the file as it stands without edits', () => {
    const nested = { ...leaf(3), value: { fields: [leaf(1)], append: [] } };
    const { file, messages } = sourceOf({ fields: [leaf(200), nested], append: [] });
    expect(spliced(file, messages, [])).toEqual(Buffer.from(file));
  });

  it('refuses edits that overlap', () => {
    const { file, messages } = sourceOf({ fields: [leaf(20)], append: [] });
    const edit = (offset: number): TestEdit => ({ message: 0, span: { offset, length: 5 }, length: 0, bytes: new Uint8Array(0) });
    expect(() => spliced(file, messages, [edit(2), edit(4)])).toThrow('overlapping edits');
  });
});

interface TestEdit extends Edit {
  bytes: Uint8Array;
}

function leaf(length: number): Tree['fields'][number] {
  return { value: new Uint8Array(length).fill(7), fate: 'keep', insert: [], fresh: new Uint8Array(0) };
}

function spliced(file: Uint8Array, messages: EnclosingMessage[], edits: TestEdit[]): Buffer {
  const sink = memorySink();
  splice(memorySource('file', file), messages, edits, {
    copy: ({ offset, length }) => sink.write(file.subarray(offset, offset + length)),
    put: sink.write,
    write: (edit) => sink.write(edit.bytes),
  });
  return sink.bytes();
}

function field(content: Uint8Array, number: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(number * 8 + 2), encodeVarint(content.length), content]);
}

const LEAF = 1;
const MESSAGE = 2;

/** The file before any edit, where its messages lie, and the edits. */
function sourceOf(root: Tree): { file: Uint8Array; messages: EnclosingMessage[]; edits: TestEdit[] } {
  const messages: EnclosingMessage[] = [];
  const edits: TestEdit[] = [];
  const file = encodeOriginal(root);
  const walk = (message: Tree, parent: number | null, lengthOffset: number, start: number): void => {
    const content = { offset: start, length: encodeOriginal(message).length };
    const own = messages.push({ parent, lengthOffset, content }) - 1;
    const add = (offset: number, length: number, fresh: Uint8Array): void => {
      edits.push({ message: own, span: { offset, length }, length: fresh.length, bytes: fresh });
    };
    let at = start;
    for (const { value, fate, insert, fresh } of message.fields) {
      for (const inserted of insert) add(at, 0, field(inserted, LEAF));
      const inner = value instanceof Uint8Array ? value : encodeOriginal(value);
      const record = field(inner, value instanceof Uint8Array ? LEAF : MESSAGE);
      if (fate === 'drop') add(at, record.length, new Uint8Array(0));
      else if (fate === 'replace') add(at, record.length, field(fresh, LEAF));
      else if (!(value instanceof Uint8Array)) walk(value, own, at + 1, at + record.length - inner.length);
      at += record.length;
    }
    for (const inserted of message.append) add(at, 0, field(inserted, LEAF));
  };
  walk(root, null, 0, 0);
  return { file, messages, edits };
}

function encodeOriginal(message: Tree): Uint8Array {
  return Buffer.concat(message.fields.map(({ value }) => (
    value instanceof Uint8Array ? field(value, LEAF) : field(encodeOriginal(value), MESSAGE)
  )));
}

function encodeEdited(message: Tree): Uint8Array {
  return Buffer.concat([
    ...message.fields.flatMap(({ value, fate, insert, fresh }) => [
      ...insert.map((inserted) => field(inserted, LEAF)),
      ...(fate === 'drop' ? [] : [
        fate === 'replace' ? field(fresh, LEAF)
          : value instanceof Uint8Array ? field(value, LEAF) : field(encodeEdited(value), MESSAGE),
      ]),
    ]),
    ...message.append.map((inserted) => field(inserted, LEAF)),
  ]);
}

/** Edits in any order, except that insertions at one place keep theirs. */
function stableShuffle(edits: TestEdit[], order: fc.Stream<number>): TestEdit[] {
  const rank = new Map<string, number>();
  const rankOf = ({ message, span }: TestEdit): number => {
    const key = `${message}:${span.offset}:${span.length === 0}`;
    if (!rank.has(key)) rank.set(key, order.next().value as number);
    return rank.get(key)!;
  };
  return edits.map((edit) => ({ edit, rank: rankOf(edit) })).sort((a, b) => a.rank - b.rank).map(({ edit }) => edit);
}
