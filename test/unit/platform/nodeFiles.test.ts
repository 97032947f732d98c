import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { readWeights } from '../../../src/core/onnx/weights';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { problemOf } from '../../fixtures/problemOf';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quantscope-'));
  folder = join(root, 'models');
  mkdirSync(folder);
});

afterEach(() => rmSync(root, { recursive: true }));

const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);

describe('reading a file', () => {
  function open() {
    writeFileSync(join(folder, 'm.onnx'), bytes);
    return openModelFiles(join(folder, 'm.onnx'));
  }

  test('any range inside it', () => {
    const files = open();
    for (const [offset, length] of [[0, 10_000], [0, 0], [9_999, 1], [10_000, 0], [123, 4567], [4, 8]] as const) {
      expect(files.main.read(offset, length)).toEqual(bytes.subarray(offset, offset + length));
    }
    files.close();
  });

  test('into room of the caller, where it is large enough', () => {
    const files = open();
    const room = new Uint8Array(100);
    const found = files.main.read(123, 90, room);
    expect(found.buffer).toBe(room.buffer);
    expect(found).toEqual(bytes.subarray(123, 213));
    expect(files.main.read(123, 101, room)).toEqual(bytes.subarray(123, 224));
    expect(room.subarray(0, 90)).toEqual(bytes.subarray(123, 213));
    files.close();
  });

  test.each([[9_999, 2], [10_001, 0], [-1, 1], [0, -1], [NaN, 1], [0, 1e12]])('not from %d, %d bytes', (offset, length) => {
    const files = open();
    expect(problemOf(() => files.main.read(offset, length)).code).toBe('truncated');
    files.close();
  });

  test('a read longer than the shared buffer', () => {
    const large = new Uint8Array(9_000_000).map((_, i) => i % 253);
    writeFileSync(join(folder, 'large.onnx'), large);
    const files = openModelFiles(join(folder, 'large.onnx'));
    expect(Buffer.compare(files.main.read(1, 8_999_999), large.subarray(1))).toBe(0);
    files.close();
  });

  test('a file that shrank since it was opened', () => {
    const files = open();
    truncateSync(join(folder, 'm.onnx'), 100);
    expect(problemOf(() => files.main.read(0, 200)).code).toBe('file-changed');
    files.close();
  });

  test('a file that is not there, and a folder', () => {
    expect(problemOf(() => openModelFiles(join(folder, 'none.onnx')))).toMatchObject({ code: 'file-not-found' });
    expect(problemOf(() => openModelFiles(folder)).code).toBe('file-unreadable');
  });

  test('closing twice is harmless, reading afterwards is refused', () => {
    const files = open();
    files.close();
    files.close();
    expect(problemOf(() => files.main.read(0, 1)).code).toBe('file-unreadable');
  });
});

describe('external data beside the model', () => {
  const built = buildModel({
    initializers: [{ name: 'w', dims: [30, 40], data: laplacian(1200, 9), form: 'external', file: 'data/w.bin' }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  });

  test('is opened once and read', () => {
    const files = openModelFiles(writeModel(folder, 'm.onnx', built));
    const index = indexModel(files, 'm.onnx');
    expect(readWeights(files, index.tensors[0]!)).toEqual(laplacian(1200, 9));
    expect(files.external('data/w.bin')).toBe(files.external('data/w.bin'));
    files.close();
  });

  test('may be a link within the folder', () => {
    const path = writeModel(folder, 'm.onnx', built);
    writeFileSync(join(folder, 'real.bin'), built.external.get('data/w.bin')!);
    rmSync(join(folder, 'data/w.bin'));
    symlinkSync('../real.bin', join(folder, 'data/w.bin'));
    const files = openModelFiles(path);
    expect(indexModel(files, 'm.onnx').layers[0]!.quantizable).toBe(true);
    files.close();
  });

  test.each(['file', 'folder'])('must not be a link out of it: %s', (kind) => {
    const path = writeModel(folder, 'm.onnx', built);
    mkdirSync(join(root, 'elsewhere'));
    writeFileSync(join(root, 'elsewhere/w.bin'), built.external.get('data/w.bin')!);
    rmSync(join(folder, 'data'), { recursive: true });
    if (kind === 'folder') symlinkSync(join(root, 'elsewhere'), join(folder, 'data'));
    else {
      mkdirSync(join(folder, 'data'));
      symlinkSync(join(root, 'elsewhere/w.bin'), join(folder, 'data/w.bin'));
    }
    const files = openModelFiles(path);
    const problem = problemOf(() => indexModel(files, 'm.onnx'));
    expect(problem).toMatchObject({ code: 'external-escapes', place: { file: 'data/w.bin' } });
    files.close();
  });

  test('may be missing', () => {
    const path = writeModel(folder, 'm.onnx', built);
    rmSync(join(folder, 'data/w.bin'));
    const files = openModelFiles(path);
    const index = indexModel(files, 'm.onnx');
    expect(index.externalFiles).toEqual([{ location: 'data/w.bin', bytes: null, needed: 4800 }]);
    expect(problemOf(() => readWeights(files, index.tensors[0]!)).code).toBe('external-missing');
    files.close();
  });

  describe('in a file for each of many tensors', () => {
    const names = Array.from({ length: 100 }, (_, i) => `w${i}`);
    const weights = (i: number): Float32Array => laplacian(1200, i + 1);

    function open() {
      return openModelFiles(writeModel(folder, 'm.onnx', buildModel({
        initializers: names.map((name, i) => ({ name, dims: [30, 40], data: weights(i), form: 'external', file: name })),
        nodes: names.map((name) => ({ op: 'MatMul', inputs: ['x', name], outputs: [`y_${name}`] })),
      })));
    }

    test('is read whole, again and again', () => {
      const files = open();
      const { tensors } = indexModel(files, 'm.onnx');
      for (let time = 0; time < 2; time++) {
        expect(tensors.map((tensor) => readWeights(files, tensor))).toEqual(names.map((_, i) => weights(i)));
      }
      files.close();
    });

    test.runIf(existsSync('/proc/self/fd'))('takes few descriptors, and gives them all back', () => {
      const descriptors = (): number => readdirSync('/proc/self/fd').length;
      const before = descriptors();
      const files = open();
      indexModel(files, 'm.onnx').tensors.forEach((tensor) => readWeights(files, tensor));
      expect(descriptors() - before).toBeGreaterThan(0);
      expect(descriptors() - before).toBeLessThan(40);
      files.close();
      expect(descriptors()).toBe(before);
      expect(problemOf(() => files.external('w0').read(0, 1)).code).toBe('file-unreadable');
    });

    test('takes one buffer', () => {
      const files = open();
      expect(files.external('w0').read(0, 10).buffer).toBe(files.external('w99').read(0, 10).buffer);
      files.close();
    });

    test('one of which is replaced meanwhile', () => {
      const files = open();
      indexModel(files, 'm.onnx');
      writeFileSync(join(folder, 'new'), new Uint8Array(4800));
      renameSync(join(folder, 'new'), join(folder, 'w0'));
      expect(problemOf(() => files.external('w0').read(0, 10))).toMatchObject({ code: 'file-changed', place: { file: 'w0' } });
      files.close();
    });
  });
});
