import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { computedWeights } from '../../../../src/core/onnx/computedWeights';
import type { DataType } from '../../../../src/core/onnx/dataType';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import type { ConstantStep, StoredTensor } from '../../../../src/core/onnx/modelIndex';
import type { Numbers } from '../../../../src/core/onnx/stepOperators';
import { passingChunks, readWeights, runReader, weightChunks } from '../../../../src/core/onnx/weights';
import { SLICE } from '../../../../src/core/statistics/cancelSlices';
import { buildModel, laplacian } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import { copyOf } from './copyHelper';

const BLOCKS = 4;
const ELEMENTS = BLOCKS * SLICE;

type Operand = [dtype: DataType, dims: number[]];
type Step = Pick<ConstantStep, 'op' | 'dtype' | 'dims' | 'parameters'>;

const CODES: Operand = ['uint8', [ELEMENTS / 32, 32]];
const LONG: Operand = ['float32', [1, ELEMENTS]];

const STEPS: [name: string, step: Step, operands: Operand[]][] = [
  ['Cast', { op: 'Cast', dtype: 'float32', dims: CODES[1], parameters: [] }, [CODES]],
  ['Cast to half precision', { op: 'Cast', dtype: 'float16', dims: CODES[1], parameters: [] }, [CODES]],
  ['Gather', { op: 'Gather', dtype: 'float32', dims: CODES[1], parameters: [0] }, [['float32', [256]], CODES]],
  ['Slice', { op: 'Slice', dtype: 'uint8', dims: CODES[1], parameters: [1, 0, 32] }, [CODES]],
  ['Tile', { op: 'Tile', dtype: 'float32', dims: [ELEMENTS / 32, 32], parameters: [1, 32] }, [['float32', [ELEMENTS / 32, 1]]]],
  ['Mul', { op: 'Mul', dtype: 'float32', dims: CODES[1], parameters: [] }, [CODES, ['float32', [ELEMENTS / 32, 1]]]],
  ['Mul along one long axis', { op: 'Mul', dtype: 'float32', dims: LONG[1], parameters: [] }, [LONG, ['float32', [1]]]],
  ['MatMulNBits', { op: 'MatMulNBits', dtype: 'float32', dims: [32, ELEMENTS / 32], parameters: [32, ELEMENTS / 32, 8, 32, 1] }, [
    CODES, ['float32', [ELEMENTS / 32]],
  ]],
];

/** Evaluates one step on zeros, cancelled when the signal is looked at for the n-th time. */
function evaluate(step: Step, operands: Operand[], cancelAt: number): number {
  const constants = operands.map(([dtype, dims]): ConstantStep => (
    { op: 'Constant', inputs: [], dtype, dims, parameters: [], constant: { dtype, dims } as StoredTensor }
  ));
  const zeros = ({ dtype, dims }: StoredTensor): Numbers => {
    const length = dims.reduce((product, dim) => product * dim, 1);
    return dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  };
  let looks = 0;
  const signal = {
    get aborted() {
      return ++looks === cancelAt;
    },
  };
  computedWeights([...constants, { ...step, inputs: operands.map((_, i) => i) }], zeros, signal);
  return looks;
}

describe('computing a weight', () => {
  test.each(STEPS)('looks at its cancel signal for each step and again for each block of it: %s', (_, step, operands) => {
    const looks = evaluate(step, operands, Infinity);
    expect(looks).toBeGreaterThanOrEqual(operands.length + 1 + BLOCKS);
    expect(problemOf(() => evaluate(step, operands, looks)).code).toBe('cancelled');
  });

  const READERS: [string, (...given: Parameters<typeof runReader>) => unknown][] = [
    ['as a whole', readWeights],
    ['in pieces', (...given) => weightChunks(...given).next()],
    ['in passing pieces', (...given) => passingChunks(...given).next()],
    ['in runs', runReader],
  ];
  test.each(READERS)('ends where it is cancelled, read %s', (_, read) => {
    const { model } = copyOf(buildModel({
      initializers: [{ name: 'w', dims: [64, 64], data: laplacian(4096, 1) }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }), { bits: 4 });
    const files = memoryFiles('copy.onnx', model);
    const { tensors, layers } = indexModel(files, 'copy.onnx');
    const tensor = tensors[layers[0]!.tensor]!;
    expect(tensor.computed).toBeDefined();
    let reads = 0;
    const main = { ...files.main, read: (...range: Parameters<typeof files.main.read>) => (reads++, files.main.read(...range)) };
    expect(problemOf(() => read({ ...files, main }, tensor, { aborted: true })).code).toBe('cancelled');
    expect(reads).toBe(0);
  });
});

/** A weight whose codes are the number of their row, each column scaled by its own, with steps between that change nothing. */
function byColumn([rows, ins]: [rows: number, ins: number], columns: number, between: number): Uint8Array {
  return buildModel({
    initializers: [
      { name: 'codes', dims: [rows, ins], dtype: 'uint8', data: Uint8Array.from({ length: rows * ins }, (_, i) => Math.floor(i / ins) % 251) },
      { name: 'zero', dims: [1, 1], data: [0] },
      { name: 'scale', dims: [1, columns], data: Array.from({ length: columns }, (_, column) => column + 1) },
    ],
    nodes: [
      { op: 'Cast', inputs: ['codes'], outputs: ['n0'], attributes: { to: 1 } },
      ...Array.from({ length: between }, (_, i) => ({ op: 'Add', inputs: [`n${i}`, 'zero'], outputs: [`n${i + 1}`] })),
      { op: 'Mul', inputs: [`n${between}`, 'scale'], outputs: ['w'] },
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] },
    ],
  }).model;
}

describe('a weight that nodes compute', () => {
  const elements = 24 * 32;
  const WEIGHTS: [use: string, dims: number[], node: { op: string; inputs: string[] }][] = [
    ['a product', [24, 32], { op: 'MatMul', inputs: ['x', 'w'] }],
    ['an embedding', [24, 32], { op: 'Gather', inputs: ['w', 'x'] }],
    ['an embedding of padded rows', [32, 23], { op: 'Gather', inputs: ['w', 'x'] }],
    ['a convolution', [8, 16, 3, 2], { op: 'Conv', inputs: ['x', 'w'] }],
  ];
  const GRANULARITIES = ['tensor', 'channel', 'block:16'] as const;
  const DTYPES = ['float32', 'float16', 'bfloat16'] as const;

  test.each(WEIGHTS)('is the same in pieces as it is whole: %s', (_, dims, node) => {
    for (const bits of [2, 3, 4, 5, 6, 7, 8] as const) {
      for (const granularity of GRANULARITIES) {
        for (const dtype of DTYPES) {
          for (const grid of ['symmetric', 'affine'] as const) {
            const { model } = copyOf(buildModel({
              opset: 13,
              initializers: [{ name: 'w', dims, dtype, data: laplacian(elements, bits).slice(0, dims.reduce((a, b) => a * b)) }],
              nodes: [{ ...node, outputs: ['y'] }],
            }), { bits, granularity, grid });
            const files = memoryFiles('copy.onnx', model);
            const { tensors, layers } = indexModel(files, 'copy.onnx');
            const tensor = tensors[layers[0]!.tensor]!;
            const pieces = [...weightChunks(files, tensor, undefined, 37)].flatMap((piece) => [...piece]);
            expect(pieces).toEqual([...readWeights(files, tensor)]);
          }
        }
      }
    }
  });

  test('is found and read in pieces where its steps are too many for memory', () => {
    const [rows, columns] = [2 ** 12, 2 ** 10 + 8];
    const files = memoryFiles('large.onnx', byColumn([rows, columns], columns, 62));
    const { tensors, layers } = indexModel(files, 'large.onnx');
    expect(layers).toMatchObject([{ name: 'w', dims: [rows, columns], channelAxis: 1 }]);
    const tensor = tensors[layers[0]!.tensor]!;
    const pieces = passingChunks(files, tensor, undefined, columns);
    for (const row of [0, 1, 2]) expect(Array.from((pieces.next().value as Float32Array).slice(0, 3))).toEqual([row, 2 * row, 3 * row]);
    expect(problemOf(() => readWeights(files, tensor)).code).toBe('limit-exceeded');
  });

  test('is no layer where few bytes would make so many', () => {
    const found = (rows: number): number => indexModel(memoryFiles('m.onnx', byColumn([rows, 1], 2 ** 14, 0)), 'm.onnx').layers.length;
    expect([2 ** 10, 2 ** 15].map(found)).toEqual([1, 0]);
  });

  test('takes no longer where each step is used twice by the next', () => {
    const doubled = Array.from({ length: 60 }, (_, i) => ({ op: 'Add', inputs: [`n${i}`, `n${i}`], outputs: [`n${i + 1}`] }));
    const { model } = buildModel({
      initializers: [{ name: 'codes', dims: [2, 2], dtype: 'uint8', data: [1, 2, 3, 4] }],
      nodes: [
        { op: 'Cast', inputs: ['codes'], outputs: ['n0'], attributes: { to: 1 } }, ...doubled,
        { op: 'MatMul', inputs: ['x', 'n60'], outputs: ['y'] },
      ],
    });
    const files = memoryFiles('doubled.onnx', model);
    const { tensors, layers } = indexModel(files, 'doubled.onnx');
    expect([...passingChunks(files, tensors[layers[0]!.tensor]!, undefined)].flatMap((piece) => [...piece]))
      .toEqual([1, 2, 3, 4].map((code) => code * 2 ** 60));
  });
});
