import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { compareModels, type ModelComparison } from '../../../../src/core/compare/compareModels';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { buildModel, laplacian, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';

/** A chain of products, one for each weight. */
function model(initializers: FixtureTensor[], nodes?: FixtureNode[], keepExternal = true) {
  const chain = initializers.map(({ name }, i) => ({ op: 'MatMul', inputs: [`h${i}`, name], outputs: [`h${i + 1}`], name: `n${i}` }));
  const { model: bytes, external } = buildModel({ initializers, nodes: nodes ?? chain });
  const files = memoryFiles('m.onnx', bytes, keepExternal ? external : new Map());
  return { files, index: indexModel(files, 'm.onnx') };
}

type Side = ReturnType<typeof model>;
const first = laplacian(64 * 48, 1);
const second = laplacian(48 * 32, 2);
const original = (): Side => model([{ name: 'fc1', dims: [64, 48], data: first }, { name: 'fc2', dims: [48, 32], data: second }]);

function compared(a: Side, b: Side, tolerance = 0): ModelComparison {
  return compareModels(a, b, { tolerance });
}

/** Name, state and changes, layer by layer. */
function told({ layers }: ModelComparison): string[] {
  return layers.map(({ a, b, state, changes }) => [(a ?? b)!.name, state, ...changes].join(' '));
}

test('a model equals itself, wherever its weights are stored and in whatever order', () => {
  const stored = model(
    [{ name: 'fc2', dims: [48, 32], data: second, form: 'external' }, { name: 'fc1', dims: [64, 48], data: first, form: 'typed' }],
    [{ op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['h'] }, { op: 'MatMul', inputs: ['h', 'fc2'], outputs: ['y'] }],
  );
  const comparison = compared(original(), stored);
  expect(told(comparison)).toEqual(['fc1 equal', 'fc2 equal']);
  expect(comparison.layers.map(({ difference }) => difference)).toMatchObject([{ identical: true }, { identical: true }]);
  expect(comparison).toMatchObject({ states: { equal: 2, changed: 0 }, difference: { sqnrDb: Infinity, count: first.length + second.length } });
});

test('totals are over all compared weights together', () => {
  const noisy = first.map((w, i) => w + (i % 2 === 0 ? 0.01 : -0.01));
  const b = model([{ name: 'fc1', dims: [64, 48], data: noisy }, { name: 'fc2', dims: [48, 32], data: second }]);
  const { layers, difference } = compared(original(), b);
  const squares = (values: Float32Array): number => values.reduce((sum, w) => sum + w * w, 0);
  const noise = first.reduce((sum, w, i) => sum + (w - noisy[i]!) ** 2, 0);
  expect(layers[0]!.difference!.sqnrDb).toBeCloseTo(10 * Math.log10(squares(first) / noise), 9);
  expect(difference!.sqnrDb).toBeCloseTo(10 * Math.log10((squares(first) + squares(second)) / noise), 9);
});

test('layers that one model lacks stand where the first has them, and at the end', () => {
  const a = model([{ name: 'p', dims: [8, 8], data: laplacian(64, 3) }, { name: 'q', dims: [8, 4], data: laplacian(32, 4) }]);
  const b = model([{ name: 'q', dims: [8, 4], data: laplacian(32, 4) }, { name: 'r', dims: [4, 9], data: laplacian(36, 5) }]);
  expect(told(compared(a, b))).toEqual(['p only-a', 'q equal', 'r only-b']);
});

test('half precision changes the type, and weights as far as it rounds them', () => {
  const half = model([{ name: 'fc1', dims: [64, 48], data: first, dtype: 'float16' }, { name: 'fc2', dims: [48, 32], data: second }]);
  expect(told(compared(original(), half))).toEqual(['fc1 changed weights dtype', 'fc2 equal']);
  expect(told(compared(original(), half, 0.01))).toEqual(['fc1 changed dtype', 'fc2 equal']);
});

test('a transposed weight has another shape and no SQNR', () => {
  const transposed = model([{ name: 'fc1', dims: [48, 64], data: first }, { name: 'fc2', dims: [48, 32], data: second }]);
  const { layers } = compared(original(), transposed);
  expect(layers[0]).toMatchObject({ state: 'changed', changes: ['shape'], difference: null, problem: null });
});

test('another operator is a change', () => {
  const gemm = model([{ name: 'fc1', dims: [64, 48], data: first }], [{ op: 'Gemm', inputs: ['x', 'fc1'], outputs: ['y'] }]);
  expect(told(compared(model([{ name: 'fc1', dims: [64, 48], data: first }]), gemm))).toEqual(['fc1 changed op']);
});

test('a NaN in one model is a change whatever the tolerance', () => {
  const broken = first.slice();
  broken[7] = NaN;
  const b = model([{ name: 'fc1', dims: [64, 48], data: broken }]);
  const a = model([{ name: 'fc1', dims: [64, 48], data: first }]);
  expect(compared(a, b, 1e9).layers[0]).toMatchObject({ state: 'changed', difference: { unlike: 1, beyond: 1, count: first.length - 1 } });
  expect(told(compared(b, b))).toEqual(['fc1 equal']);
});

test('a layer whose weights are missing is not compared, and the others are', () => {
  const weights: FixtureTensor[] = [
    { name: 'fc1', dims: [64, 48], data: first, form: 'external' }, { name: 'fc2', dims: [48, 32], data: second },
  ];
  const comparison = compared(original(), model(weights, undefined, false));
  expect(told(comparison)).toEqual(['fc1 not-compared', 'fc2 equal']);
  expect(comparison.layers[0]!.problem).toMatchObject({ code: 'external-missing', place: { file: 'weights.bin' } });
});

test('integer codes without their scale are not taken for weights', () => {
  const codes = (): Side => model(
    [{ name: 'w', dims: [4, 4], data: new Array(16).fill(3), dtype: 'int8' }],
    [{ op: 'MatMulInteger', inputs: ['x', 'w'], outputs: ['y'] }],
  );
  const { layers } = compared(codes(), codes());
  expect(layers.map(({ state, difference, a }) => [state, difference, a!.bits])).toEqual([['not-compared', null, 8]]);
});

describe('long work', () => {
  test('says how far it is, and stops on a cancel', () => {
    const seen: number[] = [];
    compareModels(original(), original(), { tolerance: 0 }, { onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([first.length / (first.length + second.length), 1]);
    const signal = { aborted: true };
    expect(problemOf(() => compareModels(original(), original(), { tolerance: 0 }, { signal })).code).toBe('cancelled');
  });
});
