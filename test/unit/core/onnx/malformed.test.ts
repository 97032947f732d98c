import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { CoreError, type ProblemCode } from '../../../../src/core/errors';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { readWeights } from '../../../../src/core/onnx/weights';
import { judge } from '../../../fuzz/judge';
import { buildModel, laplacian, seededRandom, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import { MATMUL_BY_W, concat, initializerOf, integer, message, modelOf, tag, text, varint } from '../../../fixtures/wireBytes';

const FLOAT = integer(2, 1);
const OVERLONG = new Uint8Array(11).fill(0x80, 0, 10);
/** −1 as an int64. */
const MINUS_ONE = new Uint8Array(10).fill(0xff).with(9, 1);
/** 2⁶³ − 1. */
const LONGEST = new Uint8Array(9).fill(0xff).with(8, 0x7f);
const INDICES = message(2, integer(1, 0), integer(2, 7));
const NO_VALUES = message(1, text(8, 'w'), integer(1, 0), FLOAT);

const text8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const repeat = (count: number, part: Uint8Array): Uint8Array => concat(...new Array<Uint8Array>(count).fill(part));
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const square = (side: number): Uint8Array => concat(integer(1, side), integer(1, side));
const index = (bytes: Uint8Array) => indexModel(memoryFiles('m.onnx', bytes), 'm.onnx');

function nestedGraphs(levels: number): Uint8Array {
  let graph = text(2, 'innermost');
  for (let i = 0; i < levels; i++) graph = message(1, text(4, 'If'), message(5, text(1, 'then_branch'), message(6, graph)));
  return modelOf(graph);
}

const small = buildModel({
  inputs: [{ name: 'x', dims: [1, 8] }],
  outputs: [{ name: 'y', dims: [1, 4] }],
  initializers: [
    { name: 'w', dims: [8, 4], data: laplacian(32, 7) },
    { name: 'b', dims: [4], data: [1, 2, 3, 4], form: 'typed' },
  ],
  nodes: [{ op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: { alpha: { float: 1 } } }],
}).model;

describe('files that are no ONNX model are named for what they are', () => {
  const cases: [string, Uint8Array, ProblemCode][] = [
    ['empty', new Uint8Array(0), 'empty-file'],
    ['Git LFS pointer', text8('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n'), 'lfs-pointer'],
    ['ORT flatbuffer', concat(Uint8Array.of(32, 0, 0, 0), text8('ORTM'), new Uint8Array(40)), 'ort-format'],
    ['HTML page', text8('\n<!DOCTYPE html><html><body>404</body></html>'), 'html-page'],
    ['HTML page with a byte order mark', concat(Uint8Array.of(0xef, 0xbb, 0xbf), text8('<html>')), 'html-page'],
    ['JSON', text8('{"message": "Not Found"}'), 'not-onnx'],
    ['plain text', text8('this is not a model'), 'not-onnx'],
    ['zeros', new Uint8Array(4096), 'not-onnx'],
    ['zip', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0), 'not-onnx'],
    ['PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'not-onnx'],
    ['a lone TensorProto', concat(integer(1, 2), integer(2, 1), text(8, 'input_0'), message(9, new Uint8Array(8))), 'not-onnx'],
    ['a model without a graph', concat(integer(1, 7), text(2, 'producer')), 'not-onnx'],
  ];
  test.each(cases)('%s', (_, bytes, code) => {
    expect(problemOf(() => index(bytes)).code).toBe(code);
  });

  test('the size that a Git LFS pointer stands for is told', () => {
    expect(problemOf(() => index(text8('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n'))).detail)
      .toEqual({ bytes: 12345 });
  });
});

describe('broken models are refused with a place', () => {
  const cases: [string, Uint8Array, ProblemCode][] = [
    ['length beyond the end of the file', concat(integer(1, 7), tag(7, 2), varint(1000), text(2, 'g')), 'truncated'],
    ['length of 2⁶³ bytes', concat(integer(1, 7), tag(7, 2), LONGEST), 'truncated'],
    ['length beyond the enclosing message', modelOf(concat(tag(1, 2), varint(1000), text(4, 'Relu'))), 'malformed'],
    ['overlong varint', modelOf(initializerOf(tag(1, 0), OVERLONG, FLOAT)), 'malformed'],
    ['overlong packed integer', modelOf(initializerOf(message(1, OVERLONG), FLOAT)), 'malformed'],
    ['packed integer past the end of its field', modelOf(initializerOf(message(1, Uint8Array.of(0x80)), FLOAT)), 'malformed'],
    ['field number 0', modelOf(tag(0, 2), varint(0)), 'malformed'],
    ['unknown wire type', modelOf(tag(1, 7)), 'malformed'],
    ['end of a group that never began', modelOf(tag(90, 4)), 'malformed'],
    ['group without an end', modelOf(tag(90, 3)), 'truncated'],
    ['two graphs', concat(modelOf(MATMUL_BY_W), message(7, MATMUL_BY_W)), 'malformed'],
    ['nesting', nestedGraphs(40), 'limit-exceeded'],
    ['nested groups', modelOf(repeat(200, tag(90, 3))), 'limit-exceeded'],
    ['dimensions that multiply past 2⁵³', modelOf(initializerOf(square(2 ** 40), FLOAT)), 'malformed'],
    ['impossible dimensions beside an empty one', modelOf(initializerOf(square(2 ** 40), integer(1, 0), FLOAT)), 'malformed'],
    ['terabytes claimed, nothing there', modelOf(initializerOf(square(2 ** 20), FLOAT)), 'malformed'],
    ['negative dimension', modelOf(initializerOf(tag(1, 0), MINUS_ONE, FLOAT, message(9, zeros(4)))), 'malformed'],
    ['too many dimensions', modelOf(initializerOf(repeat(65, integer(1, 1)), FLOAT)), 'limit-exceeded'],
    ['too many packed dimensions', modelOf(initializerOf(message(1, zeros(1000)), FLOAT)), 'limit-exceeded'],
    ['name of a megabyte', modelOf(text(2, 'n'.repeat(2 ** 20))), 'limit-exceeded'],
    ['name that is no text', modelOf(message(1, message(1, Uint8Array.of(0xed, 0xa0, 0x80)), text(1, 'w'))), 'malformed'],
    ['raw data too short', modelOf(initializerOf(square(2), FLOAT, message(9, zeros(15)))), 'malformed'],
    ['raw data too long', modelOf(initializerOf(square(2), FLOAT, message(9, zeros(17)))), 'malformed'],
    ['float data too short', modelOf(initializerOf(integer(1, 4), FLOAT, message(4, zeros(12)))), 'malformed'],
    ['float data in the wrong field', modelOf(initializerOf(integer(1, 2), FLOAT, message(10, zeros(16)))), 'malformed'],
    ['half floats fewer than claimed', modelOf(initializerOf(square(2), integer(2, 10), message(5, zeros(3)))), 'malformed'],
    ['mixed packing', modelOf(initializerOf(square(1), FLOAT, message(4, zeros(4)), tag(4, 5), zeros(4))), 'malformed'],
    ['sparse tensor of terabytes', modelOf(message(15, NO_VALUES, INDICES, integer(3, 2 ** 40))), 'limit-exceeded'],
  ];
  test.each(cases)('%s', (_, bytes, code) => {
    const { code: actual, place, detail } = problemOf(() => index(bytes));
    expect({ actual, detail }).toMatchObject({ actual: code });
    expect(place.offset).toBeLessThanOrEqual(bytes.length);
  });

  test('a payload that does not fit its dimensions is named with both numbers', () => {
    const problem = problemOf(() => index(modelOf(initializerOf(square(2), FLOAT, message(9, zeros(15))))));
    expect(problem).toMatchObject({ place: { tensor: 'w' }, detail: { expected: 16, actual: 15 } });
  });

  test('a sparse tensor without indices is named', () => {
    const bytes = modelOf(message(15, NO_VALUES, integer(3, 4)));
    expect(problemOf(() => index(bytes))).toMatchObject({ code: 'malformed', place: { tensor: 'w' } });
  });

  test('half floats that end early are noticed when read', () => {
    const bytes = modelOf(MATMUL_BY_W, initializerOf(square(2), integer(2, 10), message(5, Uint8Array.of(0x80, 1, 1, 1))));
    const files = memoryFiles('m.onnx', bytes);
    const { tensors } = indexModel(files, 'm.onnx');
    expect(problemOf(() => readWeights(files, tensors[0]!)).code).toBe('malformed');
  });
});

/** What reading, statistics, a copy in each format, and reading that copy come to; `external` beside the model. */
function outcomesOf(model: Uint8Array, external = new Map<string, Uint8Array>()): Set<string> {
  return new Set([0, 1, 2, 3, 4, 5].map((choice) => judge(model, external, choice)));
}

describe('what cannot be told from the structure ends in a value or one problem, up to the copy', () => {
  const matrix = (name: string): FixtureTensor => ({ name, dims: [16, 16], data: laplacian(256, 3) });
  const multiply = (by: string): FixtureNode => ({ op: 'MatMul', inputs: ['x', by], outputs: ['y'] });
  const int64 = (name: string, data: number[]): FixtureTensor => ({ name, dims: [data.length], dtype: 'int64', data });
  /** Codes and a table of ones, then `nodes` that make `f` of `g0`. */
  const computed = (codes: number[], initializers: FixtureTensor[], nodes: FixtureNode[]): FixtureModel => ({
    initializers: [{ name: 't', dims: [4], data: [1, 2, 3, 4] }, { name: 'i', dims: codes, dtype: 'uint8', data: new Uint8Array(codes.reduce((count, dim) => count * dim, 1)) }, ...initializers],
    nodes: [{ op: 'Gather', inputs: ['t', 'i'], outputs: ['g0'] }, ...nodes, multiply('f')],
  });
  const chain = (count: number, step: (from: string, to: string) => FixtureNode): FixtureNode[] => (
    Array.from({ length: count }, (_, i) => step(`g${i}`, i === count - 1 ? 'f' : `g${i + 1}`))
  );
  const call = (name: string): FixtureNode => ({ op: name, domain: 'local', inputs: ['x', 'w'], outputs: ['y'] });
  const recursive = (name: string, ...calls: string[]) => ({
    domain: 'local', name, inputs: ['x', 'w'], outputs: ['y'],
    nodes: calls.map((callee, i) => ({ ...call(callee), outputs: [i === 0 ? 'y' : `y${i}`] })),
  });

  const cases: [string, FixtureModel, string][] = [
    ['operators named as what every object has', {
      initializers: [matrix('w')],
      nodes: ['constructor', 'toString', '__proto__', 'valueOf'].flatMap((op) => [
        { op, inputs: ['w', 'w'], outputs: [`${op}:0`] }, { op, domain: '__proto__', inputs: ['w'], outputs: [`${op}:1`] },
        { op: 'MatMul', inputs: ['x', `${op}:0`], outputs: [`${op}:2`] },
      ]),
    }, 'layers'],
    ['a look-up without indices', { initializers: [matrix('w')], nodes: [{ op: 'Gather', inputs: ['w'], outputs: ['y'] }] }, 'copy'],
    ['a product without an output', { initializers: [matrix('w')], nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: [] }] }, 'copy'],
    ...['Add', 'Cast', 'Gather', 'Reshape', 'Slice', 'Tile'].map((op): [string, FixtureModel, string] => (
      [`${op} without operands, where a weight is computed`, computed([16], [], [{ op, inputs: [], outputs: ['f'] }]), 'layers']
    )),
    ['Tile less than no times', computed([4, 4], [int64('r', [-1, -1])], [{ op: 'Tile', inputs: ['g0', 'r'], outputs: ['f'] }]), 'layers'],
    ['a computed weight of 2²⁸ elements in each of 200 steps', computed([4, 4], [int64('r', [2 ** 12, 2 ** 12])], [
      { op: 'Tile', inputs: ['g0', 'r'], outputs: ['g1'] }, ...chain(200, (from, to) => ({ op: 'Mul', inputs: [from, from], outputs: [to] })).slice(1),
    ]), 'layers'],
    ['an axis more with every look-up: 2⁶⁰ of them', computed([1, 1], [], chain(60, (from, to) => (
      { op: 'Gather', inputs: [from, from], outputs: [to] }
    ))), 'layers'],
    ['a shape that is made of itself', computed([4, 4], [int64('n', [1])], [
      { op: 'Shape', inputs: ['ids'], outputs: ['s'] }, { op: 'Sub', inputs: ['s', 's'], outputs: ['zeros'] },
      { op: 'Concat', inputs: ['zeros', 'row'], outputs: ['row'] }, { op: 'Gather', inputs: ['g0', 'ids'], outputs: ['f.rows'] },
      { op: 'Reshape', inputs: ['f.rows', 'row'], outputs: ['f'] },
    ]), 'layers'],
    ['a graph with weights inside a Constant', { nodes: [
      { op: 'Constant', inputs: [], outputs: ['w'], attributes: {
        value: { tensor: matrix('') },
        more: { graph: { initializers: [matrix('v')], nodes: [multiply('v')] } },
      } }, multiply('w'),
    ] }, 'copy'],
    ['a graph with weights inside a product', { initializers: [matrix('w')], nodes: [
      { ...multiply('w'), attributes: { more: { graph: { initializers: [matrix('v')], nodes: [multiply('v')] } } } },
    ] }, 'copy'],
    ['nodes in a circle', { initializers: [matrix('w')], nodes: [
      { op: 'Transpose', inputs: ['b'], outputs: ['a'] }, { op: 'Transpose', inputs: ['a'], outputs: ['b'] },
      { op: 'Add', inputs: ['c', 'c'], outputs: ['c'] }, multiply('a'), multiply('c'), multiply('w'),
    ] }, 'copy'],
    ['a function that calls itself', { domains: { local: 1 }, initializers: [matrix('w')], nodes: [call('f')], functions: [recursive('f', 'f')] }, 'layers'],
    ['functions that call each other twice', {
      domains: { local: 1 }, initializers: [matrix('w')], nodes: [call('f')], functions: [recursive('f', 'g', 'g'), recursive('g', 'f', 'f')],
    }, 'layers'],
    ['tensors of the same name', { initializers: [matrix('w'), matrix('w')], nodes: [multiply('w')] }, 'copy'],
    ['values of the same name', { initializers: [matrix('w')], nodes: [multiply('w'), multiply('w')] }, 'copy'],
    ['a tensor without elements', { initializers: [{ name: 'w', dims: [16, 0], data: [] }], nodes: [multiply('w')] }, 'layers'],
    ['a name that turns the text round, another that ends it', {
      initializers: [{ ...matrix('w\u202e\0\u001b[2J'), name: 'w\u202e\0\u001b[2J' }], nodes: [multiply('w\u202e\0\u001b[2J')],
    }, 'copy'],
    ['sparse values outside the tensor', {
      sparseInitializers: [{ name: 'w', dims: [16, 16], values: [1, 2], indices: [0, 256] }], nodes: [multiply('w')],
    }, 'malformed'],
  ];
  test.each(cases)('%s', (_, fixture, outcome) => {
    expect(outcomesOf(buildModel(fixture).model)).toEqual(new Set([outcome]));
  });

  // protobuf.js takes a 32-bit number of 6 to 9 bytes for one of 10: the fields behind it would be swallowed.
  test.each([2 ** 36 + 1, 2 ** 45 + 1, 2 ** 52 + 1])('a data type of %d, of which the lowest 32 bits count', (type) => {
    const bytes = modelOf(MATMUL_BY_W, initializerOf(square(16), integer(2, type), message(9, zeros(1024))));
    expect(index(bytes).layers).toMatchObject([{ name: 'w', dtype: 'float32', dims: [16, 16] }]);
  });

  test('half floats at an odd place of a file that is one Buffer', () => {
    const built = (producer: number) => concat(modelOf(MATMUL_BY_W, initializerOf(square(2), integer(2, 10), message(9, zeros(8)))), text(2, 'n'.repeat(producer)));
    for (const lead of [0, 1]) {
      const bytes = Buffer.concat([text(2, 'n'.repeat(lead)), built(1)]);
      const files = memoryFiles('m.onnx', bytes);
      expect(readWeights(files, indexModel(files, 'm.onnx').tensors[0]!)).toEqual(new Float32Array(4));
    }
  });
});

describe('external data is judged like the rest, up to the copy', () => {
  const entry = (key: string, value: string): Uint8Array => message(13, text(1, key), text(2, value));
  const matrixAt = (...entries: Uint8Array[]): Uint8Array => (
    modelOf(MATMUL_BY_W, initializerOf(square(16), FLOAT, integer(14, 1), ...entries))
  );
  const location = entry('location', 'w.bin');
  const data = new Map([['w.bin', new Uint8Array(laplacian(256, 3).buffer)]]);
  const cases: [string, Uint8Array[], string][] = [
    ['as it should be', [location, entry('offset', '0'), entry('length', '1024')], 'copy'],
    ['a length of its own', [location, entry('length', '1000')], 'malformed'],
    ['a negative offset', [location, entry('offset', '-4')], 'malformed'],
    ['a negative length', [location, entry('length', '-1024')], 'malformed'],
    ['an offset past the end', [location, entry('offset', '4')], 'external-too-short'],
    ['an offset of 2⁵³', [location, entry('offset', '9007199254740992')], 'malformed'],
    ['no location', [entry('offset', '0')], 'malformed'],
    ['two locations, of which the last counts', [entry('location', 'none.bin'), location], 'copy'],
    ['a folder above', [entry('location', '../w.bin')], 'external-escapes'],
    ['an absolute path', [entry('location', '/etc/passwd')], 'external-escapes'],
    ['a server', [entry('location', '\\\\server\\share\\w.bin')], 'external-escapes'],
    ['a name that ends early', [entry('location', 'w.bin\0')], 'external-escapes'],
    ['a file that is not there', [entry('location', 'none.bin')], 'layers'],
    ['a key that every object has', [location, entry('__proto__', 'x'), entry('constructor', 'y')], 'copy'],
  ];
  test.each(cases)('%s', (_, entries, outcome) => {
    expect(outcomesOf(matrixAt(...entries), data)).toEqual(new Set([outcome]));
  });
});

describe('what is unknown is skipped', () => {
  test('unknown fields of every wire type, in every message', () => {
    const unknown = concat(
      integer(1000, 5), concat(tag(1001, 1), new Uint8Array(8)), text(1002, 'later'), concat(tag(1003, 5), new Uint8Array(4)),
      concat(tag(1004, 3), integer(1, 2), text(2, 'in a group'), concat(tag(3, 3), tag(3, 4)), tag(1004, 4)),
    );
    const weight = initializerOf(unknown, square(2), FLOAT, message(9, zeros(16)));
    const node = message(1, text(1, 'x'), text(1, 'w'), unknown, text(2, 'y'), text(4, 'MatMul'));
    const input = message(11, text(1, 'x'), unknown);
    const bytes = concat(integer(1, 7), unknown, modelOf(unknown, weight, node, input), unknown);
    expect(index(bytes).layers).toMatchObject([{ name: 'w', dims: [2, 2], channelAxis: 1 }]);
  });

  test('known fields of the wrong wire type', () => {
    const weight = initializerOf(integer(8, 3), square(1), FLOAT, message(9, zeros(4)));
    const bytes = modelOf(MATMUL_BY_W, integer(2, 9), weight);
    expect(index(bytes).layers).toMatchObject([{ name: 'w' }]);
  });

  test('an attribute with a million integers', () => {
    const long = message(5, text(1, 'nodes'), message(8, new Uint8Array(1e6).fill(1)));
    const weight = initializerOf(square(1), FLOAT, message(9, zeros(4)));
    const bytes = modelOf(MATMUL_BY_W, message(1, text(4, 'TreeEnsembleClassifier'), long), weight);
    expect(index(bytes).layers).toHaveLength(1);
  });

  test('33 nested subgraphs are still read', () => {
    expect(index(nestedGraphs(32)).scopes).toHaveLength(33);
  });
});

describe('whatever the bytes, there is an index or a problem', () => {
  function indexOrProblem(bytes: Uint8Array): string {
    try {
      return `${index(bytes).layers.length} layers`;
    } catch (error) {
      if (error instanceof CoreError && error.problem.code !== 'internal') return error.problem.code;
      throw error;
    }
  }

  test('a model cut anywhere', () => {
    const outcomes = new Set(Array.from(small, (_, length) => indexOrProblem(small.subarray(0, length))));
    // Cut exactly between two fields of ModelProto, what remains may be whole: without its opset, say.
    expect([...outcomes].toSorted()).toEqual(['1 layers', 'empty-file', 'not-onnx', 'truncated']);
    for (let part = 1; part < 7; part++) {
      expect(indexOrProblem(small.subarray(0, Math.floor((small.length * part) / 7)))).toBe('truncated');
    }
  });

  test('a model with bytes changed', () => {
    const random = seededRandom(11);
    const outcomes = new Map<string, number>();
    for (let run = 0; run < 5000; run++) {
      const bytes = small.slice();
      for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const outcome = indexOrProblem(bytes);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(outcomes.get('1 layers')).toBeGreaterThan(0);
    expect(outcomes.get('malformed')).toBeGreaterThan(0);
  });
});
