import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { InputArray } from '../../../../src/runtime/inputs/inputArray';
import { parseInputs, readInputs } from '../../../../src/runtime/inputs/readInputs';
import { idxFile, npyFile, npyFloats, WRITTEN_BY_NUMPY } from '../../../fixtures/inputFiles';
import { problemOf } from '../../../fixtures/problemOf';

const numpy = (name: keyof typeof WRITTEN_BY_NUMPY): Uint8Array => Buffer.from(WRITTEN_BY_NUMPY[name], 'base64');
const only = (bytes: Uint8Array): InputArray => {
  const arrays = parseInputs(bytes);
  expect(arrays).toHaveLength(1);
  return arrays[0]!;
};

describe('arrays written by NumPy', () => {
  test('in a compressed archive, by their names', () => {
    expect(parseInputs(numpy('compressed'))).toEqual([
      { name: 'x', dims: [2, 3], values: Float32Array.of(0, 1, 2, 3, 4, 5), pixels: false },
      { name: 'ids', dims: [2], values: BigInt64Array.of(7n, -8n), pixels: false },
    ]);
  });

  test('in the other order of axes and of bytes', () => {
    expect(only(numpy('fortran'))).toMatchObject({ dims: [2, 3, 4], values: Int16Array.from({ length: 24 }, (_, i) => i) });
  });

  test('in half precision, widened', () => {
    expect(only(numpy('half')).values).toEqual(Float32Array.of(0.5, -2, 65504, 2 ** -24));
  });

  test('a scalar', () => {
    expect(only(numpy('scalar'))).toMatchObject({ dims: [], values: Float64Array.of(3.5) });
  });
});

describe('IDX files', () => {
  test('of bytes are pixels, compressed or not', () => {
    const file = idxFile([2, 2, 1], [0, 128, 255, 3]);
    const expected = { name: null, dims: [2, 2, 1], values: Uint8Array.of(0, 128, 255, 3), pixels: true };
    expect(only(file)).toEqual(expected);
    expect(only(gzipSync(file))).toEqual(expected);
  });

  test('of floats are big-endian', () => {
    const file = Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0]);
    expect(only(file)).toMatchObject({ values: Float32Array.of(1, -2.5), pixels: false });
  });

  const mnist = '../shared/data/mnist/t10k-labels-idx1-ubyte.gz';
  test.skipIf(!existsSync(mnist))('MNIST\'s labels', () => {
    const [{ dims, values } = { dims: [], values: new Uint8Array() }] = readInputs(mnist);
    expect(dims).toEqual([10_000]);
    expect([...values.slice(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });
});

describe('a malformed file is one clear problem', () => {
  const zipped = numpy('compressed');
  const changed = (at: number, value: number): Uint8Array => zipped.map((byte, i) => (i === at ? value : byte));
  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /is empty/],
    ['text', Buffer.from('1,2,3\n'), /neither \.npy nor \.npz nor IDX/],
    ['a truncated .npy', numpy('half').subarray(0, -1), /8 bytes follow from its dimensions 4, and it has 7/],
    ['a .npy without its header', numpy('half').subarray(0, 40), /header ends early/],
    ['a .npy of objects', npyFile('|O', [1], new Uint8Array(8)), /of type '\|O'/],
    ['a .npy of complex numbers', npyFile('<c8', [1], new Uint8Array(8)), /of type '<c8'/],
    ['a .npy of more than there can be', npyFile('<f4', [2 ** 40], new Uint8Array(8)), /at most/],
    ['a .npy of endless dimensions', npyFile('<f4', [2 ** 40, 2 ** 40], new Uint8Array(8)), /header is damaged/],
    ['a truncated IDX file', idxFile([2, 2], [1, 2, 3]), /4 bytes follow from its dimensions 2x2, and it has 3/],
    ['an IDX file that is too long', idxFile([2], [1, 2, 3]), /2 bytes follow/],
    ['an IDX header', Uint8Array.of(0, 0, 8, 3, 0, 0), /header ends early/],
    ['a truncated gzip file', gzipSync(idxFile([4], [1, 2, 3, 4])).subarray(0, -6), /compressed contents are damaged/],
    ['a truncated .npz', zipped.subarray(0, 200), /archive is damaged or incomplete/],
    ['a .npz with a changed byte', changed(70, zipped[70]! ^ 1), /archive is damaged or incomplete/],
    ['a .npz whose directory points elsewhere', changed(zipped.length - 6, 7), /archive is damaged or incomplete/],
    ['an empty .npz', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'), /holds no array/],
  ])('%s', (_, bytes, message) => {
    const { code, detail } = problemOf(() => parseInputs(bytes));
    expect(code).toBe('inputs-invalid');
    expect(detail.message).toMatch(message);
  });

  test('no cut of a file is read as something else or crashes', () => {
    for (const whole of [zipped, numpy('fortran'), gzipSync(npyFloats([3], [1, 2, 3]))]) {
      for (let length = 0; length < whole.length; length++) {
        expect(problemOf(() => parseInputs(whole.subarray(0, length))).code).toBe('inputs-invalid');
      }
    }
  });

  test('the problem names the file', () => {
    expect(problemOf(() => readInputs('nowhere.npy'))).toMatchObject({ code: 'file-not-found', place: { file: 'nowhere.npy' } });
    expect(problemOf(() => readInputs(__filename))).toMatchObject({ code: 'inputs-invalid', place: { file: __filename } });
  });
});
