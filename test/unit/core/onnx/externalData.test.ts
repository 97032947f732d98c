import { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { checkLocation, parseExternalLocation } from '../../../../src/core/onnx/externalData';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { readWeights } from '../../../../src/core/onnx/weights';
import { buildModel, laplacian, type FixtureModel, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';

const PLACE = { file: 'm.onnx', tensor: 'w' };

describe('locations', () => {
  test.each([
    '/etc/passwd', '\\etc\\passwd', '../w.bin', '..\\w.bin', 'a/../../w.bin', 'a\\..\\..\\w.bin', 'a/..', '..',
    'C:/w.bin', 'c:w.bin',
    '//server/share/w.bin', '\\\\server\\share\\w.bin', 'w.bin\0.txt',
  ])('%j leads out of the folder', (location) => {
    const problem = problemOf(() => checkLocation(location, PLACE));
    expect(problem).toMatchObject({ code: 'external-escapes', place: PLACE, detail: { location } });
  });

  test.each(['w.bin', 'a/b/w.bin', './w.bin', '..w.bin', 'a..b/w', 'w.bin..', 'Gewichte für Übung.bin', 'ab:c'])(
    '%j stays inside', (location) => {
      expect(() => checkLocation(location, PLACE)).not.toThrow();
    },
  );

  test('a location is needed', () => {
    expect(problemOf(() => parseExternalLocation(new Map(), PLACE)).code).toBe('malformed');
  });

  test.each(['-1', '1e3', '0x10', ' 1', '1.5', '99999999999999999999'])('offset %j is no byte offset', (offset) => {
    const entries = new Map([['location', 'w'], ['offset', offset]]);
    expect(problemOf(() => parseExternalLocation(entries, PLACE)).code).toBe('malformed');
  });

  test('offset and length may be absent', () => {
    expect(parseExternalLocation(new Map([['location', 'w']]), PLACE)).toEqual({ location: 'w', offset: 0, length: null });
  });
});

const fixture: FixtureModel = {
  initializers: [
    { name: 'a', dims: [3, 5], data: laplacian(15, 1), form: 'external', file: 'one.bin' },
    { name: 'b', dims: [5, 2], data: laplacian(10, 2), form: 'external', file: 'sub/two.bin' },
    { name: 'c', dims: [2, 2], data: laplacian(4, 3), form: 'external', file: 'one.bin' },
  ],
  nodes: ['a', 'b', 'c'].map((w, i) => ({ op: 'MatMul', inputs: [`x${i}`, w], outputs: [`x${i + 1}`] })),
};

describe('models with external data', () => {
  const built = buildModel(fixture);

  test('weights come from several files', () => {
    const files = memoryFiles('m.onnx', built.model, built.external);
    const index = indexModel(files, 'm.onnx');
    expect(index.externalFiles).toEqual([
      { location: 'one.bin', bytes: 76, needed: 76 }, { location: 'sub/two.bin', bytes: 40, needed: 40 },
    ]);
    expect(index.bytes).toBe(built.model.length + 76 + 40);
    const weights = index.tensors.map((tensor) => readWeights(files, tensor));
    expect(weights).toEqual([laplacian(15, 1), laplacian(10, 2), laplacian(4, 3)]);
    expect(index.layers.map(({ storage }) => storage)).toEqual([
      { file: 'one.bin', form: 'external', offset: 0, length: 60 },
      { file: 'sub/two.bin', form: 'external', offset: 0, length: 40 },
      { file: 'one.bin', form: 'external', offset: 60, length: 16 },
    ]);
  });

  test('a file has to be as long as the tensor needs that ends last, wherever in the model it stands', () => {
    const model = onnx.ModelProto.decode(built.model);
    model.graph!.initializer!.reverse();
    const files = memoryFiles('m.onnx', onnx.ModelProto.encode(model).finish(), new Map());
    expect(indexModel(files, 'm.onnx').externalFiles).toContainEqual({ location: 'one.bin', bytes: null, needed: 76 });
  });

  test('a missing file is a state of its layers, and an error when they are read', () => {
    const files = memoryFiles('m.onnx', built.model, new Map([['one.bin', built.external.get('one.bin')!]]));
    const index = indexModel(files, 'm.onnx');
    expect(index.externalFiles).toContainEqual({ location: 'sub/two.bin', bytes: null, needed: 40 });
    expect(index.layers.map(({ quantizable }) => quantizable)).toEqual([true, { reason: 'external-missing' }, true]);
    expect(problemOf(() => readWeights(files, index.tensors[1]!))).toMatchObject({
      code: 'external-missing', place: { file: 'sub/two.bin' },
    });
  });

  test('a file that is too short is refused with the tensor it cuts', () => {
    const cut = new Map(built.external).set('one.bin', built.external.get('one.bin')!.subarray(0, 75));
    expect(problemOf(() => indexModel(memoryFiles('m.onnx', built.model, cut), 'm.onnx'))).toMatchObject({
      code: 'external-too-short', place: { file: 'one.bin', tensor: 'c' }, detail: { expected: 76, actual: 75 },
    });
  });

  test('a location that escapes refuses the model, wherever the tensor is', () => {
    const tensor: FixtureTensor = { name: 'v', dims: [1], dtype: 'int64', data: [1], form: 'external', file: '../../secret' };
    const constant = { op: 'Constant', inputs: [], outputs: ['v'], attributes: { value: { tensor } } };
    const { model } = buildModel({ nodes: [constant] });
    expect(problemOf(() => indexModel(memoryFiles('m.onnx', model), 'm.onnx'))).toMatchObject({
      code: 'external-escapes', place: { tensor: 'v' }, detail: { location: '../../secret' },
    });
  });

  test('the entries to rewrite are told, and the messages around them', () => {
    const { tensors, messages } = indexModel(memoryFiles('m.onnx', built.model, built.external), 'm.onnx');
    const { tensor, storage } = tensors[1]!;
    expect(messages[storage.reference!.message]!.content).toEqual(tensor);
    const entries = storage.reference!.entries.map(({ offset, length }) => (
      new TextDecoder().decode(built.model.subarray(offset, offset + length))
    ));
    expect(entries).toEqual([
      expect.stringContaining('sub/two.bin'), expect.stringContaining('offset'), expect.stringContaining('length'),
    ]);
  });
});
