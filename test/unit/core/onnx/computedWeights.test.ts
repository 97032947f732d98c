import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { computedWeights, type Numbers } from '../../../../src/core/onnx/computedWeights';
import type { DataType } from '../../../../src/core/onnx/dataType';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import type { ConstantStep, StoredTensor } from '../../../../src/core/onnx/modelIndex';
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
