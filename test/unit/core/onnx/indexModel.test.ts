import { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import type { ByteSource, ModelFiles } from '../../../../src/core/bytes/byteSource';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import type { ModelIndex, Span } from '../../../../src/core/onnx/modelIndex';
import { readWeights } from '../../../../src/core/onnx/weights';
import { buildModel, laplacian, type FixtureNode } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import { MATMUL_BY_W, concat, integer, message, modelOf, tag, text, varint } from '../../../fixtures/wireBytes';

const constant: FixtureNode = {
  op: 'Constant', inputs: [], outputs: ['k'], name: 'const',
  attributes: { value: { tensor: { name: 'inner', dims: [2, 2], data: [1, 2, 3, 4] } } },
};

const fixture = buildModel({
  opset: 12,
  ir: 3,
  domains: { f: 2 },
  inputs: [{ name: 'x', dims: ['batch', 8] }, { name: 'w', dims: [8, 4] }],
  outputs: [{ name: 'y', dims: ['batch', 4] }],
  initializers: [
    { name: 'w', dims: [8, 4], data: laplacian(32, 3) },
    { name: 'typed', dims: [4, 4], data: laplacian(16, 4), form: 'typed' },
  ],
  sparseInitializers: [{ name: 's', dims: [3, 4], values: [1, 2], indices: [0, 5] }],
  functions: [{
    domain: 'f', name: 'Body', inputs: ['in'], outputs: ['out'],
    nodes: [constant, { op: 'MatMul', inputs: ['in', 'k'], outputs: ['out'] }],
  }],
  nodes: [
    constant,
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'], name: 'first' },
    {
      op: 'If', inputs: ['c'], outputs: ['y'],
      attributes: { then_branch: { graph: { name: 'then', inputs: [{ name: 'formal', dims: [1] }], nodes: [constant] } } },
    },
  ],
});

function openFixture(): { bytes: Uint8Array; files: ModelFiles; index: ModelIndex } {
  const files = memoryFiles('folder/m.onnx', fixture.model);
  return { bytes: fixture.model, files, index: indexModel(files, 'folder/m.onnx') };
}

const cut = (bytes: Uint8Array, { offset, length }: Span): Uint8Array => bytes.subarray(offset, offset + length);

/** The content of a field of one length-delimited record. */
function contentOf(record: Uint8Array): Uint8Array {
  let at = record.findIndex((byte) => byte < 128) + 1;
  while (record[at]! >= 128) at++;
  return record.subarray(at + 1);
}

describe('what an index says of a model', () => {
  test('header', () => {
    expect(openFixture().index).toMatchObject({
      path: 'folder/m.onnx', bytes: fixture.model.length, producer: 'quantscope-fixtures', irVersion: 3, opsets: { '': 12, f: 2 },
      externalFiles: [], parameters: 32 + 16 + 12 + 3 * 4,
    });
  });

  test('every name in use', () => {
    expect([...openFixture().index.names].filter(Boolean).toSorted()).toEqual(
      ['c', 'const', 'first', 'formal', 'h', 'in', 'k', 'out', 's', 'typed', 'w', 'x', 'y'],
    );
  });

  test('it is plain data that workers can pass on', () => {
    const { index } = openFixture();
    expect(structuredClone(index)).toEqual(index);
  });
});

describe('where things lie, so that they can be replaced', () => {
  const { bytes, files, index } = openFixture();

  test('tensors: record, content and payload', () => {
    const found = index.tensors.map(({ name, holder, scope }) => [index.scopes[scope]!.path, holder, name]);
    expect(found).toEqual([
      ['', 'initializer', 'w'], ['', 'initializer', 'typed'], ['', 'sparse', 's'], ['', 'constant', 'k'],
      ['If#2.then_branch', 'constant', 'k'], ['fn:f::Body', 'constant', 'k'],
    ]);
    for (const { name, holder, record, tensor, dims } of index.tensors) {
      const content = contentOf(cut(bytes, record));
      if (holder === 'constant') {
        const node = onnx.NodeProto.decode(content);
        expect(node).toMatchObject({ opType: 'Constant', output: [name] });
        expect(onnx.TensorProto.decode(cut(bytes, tensor)).name).toBe('inner');
      } else if (holder === 'initializer') {
        expect(content).toEqual(cut(bytes, tensor));
        expect(onnx.TensorProto.decode(content).name).toBe(name);
      } else {
        expect(content).toEqual(cut(bytes, tensor));
        expect(onnx.SparseTensorProto.decode(content).dims!.map(Number)).toEqual(dims);
      }
    }
  });

  test('the payload of a raw tensor', () => {
    const [w] = index.tensors;
    expect(cut(bytes, w!.storage.spans[0]!)).toEqual(new Uint8Array(laplacian(32, 3).buffer));
    expect(readWeights(files, w!)).toEqual(laplacian(32, 3));
  });

  test('messages: the model first, each with the varint that tells its length, up to the model', () => {
    expect(index.messages[0]).toEqual({ parent: null, lengthOffset: 0, content: { offset: 0, length: bytes.length } });
    for (const { parent, lengthOffset, content } of index.messages.slice(1)) {
      const length = varint(content.length);
      expect(cut(bytes, { offset: lengthOffset, length: length.length })).toEqual(length);
      expect(lengthOffset + length.length).toBe(content.offset);
      const outer = index.messages[parent!]!.content;
      expect(content.offset).toBeGreaterThan(outer.offset);
      expect(content.offset + content.length).toBeLessThanOrEqual(outer.offset + outer.length);
    }
  });

  test('scopes: graph or function, and the messages around them', () => {
    expect(index.scopes.map(({ path, kind }) => [path, kind])).toEqual([
      ['', 'main'], ['If#2.then_branch', 'subgraph'], ['fn:f::Body', 'function'],
    ]);
    const contents = index.scopes.map(({ message: at }) => cut(bytes, index.messages[at]!.content));
    expect(onnx.GraphProto.decode(contents[0]!).name).toBe('graph');
    expect(onnx.GraphProto.decode(contents[1]!).name).toBe('then');
    expect(onnx.FunctionProto.decode(contents[2]!).name).toBe('Body');
    const depths = index.scopes.map(({ message: at }) => {
      let depth = 0;
      for (let i: number | null = at; i !== null; i = index.messages[i]!.parent) depth++;
      return depth;
    });
    expect(depths, 'model, graph, node, attribute, graph').toEqual([2, 5, 2]);
  });

  test('graph inputs, whose initializers can be dropped from them', () => {
    const inputs = index.scopes.map((scope) => scope.inputs.map(({ name, record }) => (
      [name, onnx.ValueInfoProto.decode(contentOf(cut(bytes, record))).name]
    )));
    expect(inputs).toEqual([[['x', 'x'], ['w', 'w']], [['formal', 'formal']], []]);
  });

  test('the version, which a copy may have to raise', () => {
    expect(cut(bytes, index.irVersionRecord!)).toEqual(integer(1, 3));
    expect(indexModel(memoryFiles('m', message(7, MATMUL_BY_W)), 'm').irVersionRecord).toBeNull();
  });
});

describe('a cancelled job', () => {
  const FIELDS = 100_000;
  const field = integer(1000, 5);
  test.each([
    ['nodes', modelOf(...new Array<Uint8Array>(FIELDS / 5).fill(MATMUL_BY_W))],
    ['an unknown group', modelOf(concat(tag(1000, 3), ...new Array<Uint8Array>(FIELDS).fill(field), tag(1000, 4)))],
  ])('stops amid %s', (_, bytes) => {
    const LOOKS = 10;
    let looks = 0;
    const signal = {
      get aborted() {
        return ++looks === LOOKS;
      },
    };
    const main = virtualFile(bytes.length, [{ offset: 0, bytes }]);
    const files = { main, external: () => main, close() {} };
    expect(problemOf(() => indexModel(files, 'm', signal)).code).toBe('cancelled');
    expect(looks).toBe(LOOKS);
    expect(main.bytesRead).toBeLessThan(0.7 * bytes.length);
  });
});

type CountedSource = ByteSource & { reads: number; bytesRead: number };

/** A file of which only the given pieces exist; all bytes between them are zeros. Keeps count of reads. */
function virtualFile(size: number, pieces: { offset: number; bytes: Uint8Array }[]): CountedSource {
  return {
    name: 'virtual', size, reads: 0, bytesRead: 0,
    read(offset, length) {
      this.reads++;
      this.bytesRead += length;
      const out = new Uint8Array(length);
      for (const piece of pieces) {
        const from = Math.max(offset, piece.offset);
        const to = Math.min(offset + length, piece.offset + piece.bytes.length);
        if (from < to) out.set(piece.bytes.subarray(from - piece.offset, to - piece.offset), from - offset);
      }
      return out;
    },
    close() {},
  };
}

/** The node that multiplies by weight `w<i>`. */
function matMul(i: number): Uint8Array {
  return message(1, text(1, `x${i}`), text(1, `w${i}`), text(2, `x${i + 1}`), text(4, 'MatMul'));
}

/** 8 GB: 80 weights of 100 MB, each initializer's name and dims before its payload. */
function eightGigabytes() {
  const payload = 100_000_000;
  const heads = Array.from({ length: 80 }, (_, i) => {
    const tensorFields = concat(integer(1, 5000), integer(1, 5000), integer(2, 1), text(8, `w${i}`), tag(9, 2), varint(payload));
    return concat(tag(5, 2), varint(tensorFields.length + payload), tensorFields);
  });
  const nodes = concat(...heads.map((_, i) => matMul(i)));
  const graphLength = nodes.length + heads.reduce((sum, head) => sum + head.length + payload, 0);
  const start = concat(integer(1, 7), message(8, text(1, ''), integer(2, 13)), tag(7, 2), varint(graphLength), nodes);
  const pieces = [{ offset: 0, bytes: start }];
  let offset = start.length;
  for (const head of heads) {
    pieces.push({ offset, bytes: head });
    offset += head.length + payload;
  }
  return virtualFile(offset, pieces);
}

describe('large models are indexed without reading them', () => {
  test('8 GB in one file: one small read a tensor', () => {
    const main = eightGigabytes();
    const index = indexModel({ main, external: () => main, close() {} }, 'big.onnx');
    expect(index.layers).toHaveLength(80);
    expect(index.parameters).toBe(80 * 25_000_000);
    const last = index.tensors.at(-1)!.storage.spans[0]!;
    expect(last.offset + last.length).toBe(main.size);
    expect(last.offset).toBeGreaterThan(2 ** 32);
    expect(main.reads).toBeLessThanOrEqual(80 + 8);
    expect(main.bytesRead).toBeLessThan(main.size / 10_000);
  });

  test('4 GB of external data: none of it is read', () => {
    const size = 4 * 2 ** 30;
    const weights = Array.from({ length: 16 }, (_, i) => message(5,
      integer(1, 8192), integer(1, 8192), integer(2, 1), text(8, `w${i}`), integer(14, 1),
      ...[['location', 'weights.bin'], ['offset', String(i * 2 ** 28)], ['length', String(2 ** 28)]]
        .map(([key, value]) => message(13, text(1, key!), text(2, value!))),
    ));
    const nodes = weights.map((_, i) => matMul(i));
    const bytes = modelOf(...nodes, ...weights);
    const main = virtualFile(bytes.length, [{ offset: 0, bytes }]);
    const external = virtualFile(size, []);
    const index = indexModel({ main, external: () => external, close() {} }, 'big.onnx');
    expect(index.externalFiles).toEqual([{ location: 'weights.bin', bytes: size, needed: size }]);
    expect(index.layers.every(({ quantizable }) => quantizable === true)).toBe(true);
    expect(external.reads).toBe(0);
    expect(main.reads).toBeLessThanOrEqual(5);
    expect(main.bytesRead).toBeLessThan(0.01 * (main.size + external.size));
  });

  test('a dense structure is read in growing windows', () => {
    const bytes = modelOf(...new Array<Uint8Array>(20_000).fill(MATMUL_BY_W));
    const main = virtualFile(bytes.length, [{ offset: 0, bytes }]);
    indexModel({ main, external: () => main, close() {} }, 'm.onnx');
    expect(main.reads).toBeLessThan(bytes.length / 32_768 + 10);
    expect(main.bytesRead).toBeLessThan(1.05 * bytes.length + 10_000);
  });
});
