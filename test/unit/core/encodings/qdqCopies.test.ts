import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { GRIDS } from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { buildModel, laplacian, type FixtureNode } from '../../../fixtures/modelBuilder';
import { checkModel, hasChecker } from '../onnx/checker';
import { CHANNELWISE, containerOf, CONV, DEPTHWISE, formatsOf, GROUPED, MATMUL, modelOf, qdqCopy, UNEVEN, type Place } from './qdqModels';

let native: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
});

describe('a copy in qdq', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quantscope-qdq-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.skipIf(!hasChecker())('is accepted by onnx.checker', () => {
    for (const [p, place] of [MATMUL, UNEVEN, CONV].entries()) {
      for (const [opset, granularity] of [[10, 'tensor'], [13, 'channel'], [17, 'channel']] as const) {
        const x = { name: 'x', dims: p === 2 ? [1, 9, 8, 8] : [2, place.dims[0]!] };
        const y = { name: 'y', dims: p === 2 ? [1, 17, 4, 4] : [2, place.dims[1]!] };
        const copy = qdqCopy({ ...modelOf(place, opset), inputs: [x], outputs: [y] }, { bits: 4, grid: GRIDS[p]!, granularity });
        const path = join(folder, 'copy.onnx');
        writeFileSync(path, copy.model);
        expect(formatsOf(copy)).toEqual(['qdq']);
        checkModel(path);
      }
    }
  });

  it('runs, and computes with the dequantized weights where ONNX Runtime does not fuse them', async () => {
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const run = async (model: Uint8Array, input: RuntimeTensor) => {
      const options = { extra: { session: { disable_quant_qdq: '1' } }, logSeverityLevel: 4 } as const;
      const session = await InferenceSession.create(model, options);
      const { y } = await session.run({ x: new Tensor('float32', input.data as Float32Array, input.dims) });
      await session.release();
      return y!.data as Float32Array;
    };
    const places: [Place, number[], number[]][] = [
      [MATMUL, [2, 96], [2, 44]], [CONV, [1, 9, 8, 8], [1, 17, 4, 4]],
      [DEPTHWISE, [1, 17, 2, 2], [1, 17, 6, 6]], [CHANNELWISE, [1, 9, 5], [1, 36, 20]], [GROUPED, [1, 9, 2, 2], [1, 15, 4, 4]],
    ];
    for (const [place, x, y] of places) {
      for (const [opset, bits] of [[13, 8], [21, 4], [25, 2]] as const) {
        const model = { ...modelOf(place, opset), inputs: [{ name: 'x', dims: x }], outputs: [{ name: 'y', dims: y }] };
        const copy = qdqCopy(model, { bits });
        const input: RuntimeTensor = { type: 'float32', dims: x, data: laplacian(x.reduce((a, b) => a * b, 1), 9) };
        const initializers = [{ ...model.initializers![0]!, data: copy.expected.get('w')! }];
        const reference = await run(buildModel({ ...model, initializers }).model, input);
        expect(await run(copy.model, input)).toEqual(reference);
      }
    }
  });

  it('takes each output channel of a ConvTranspose in groups where DequantizeLinear has scales along such axes', () => {
    const formats = (place: Place, opset: number) => formatsOf(qdqCopy(modelOf(place, opset), { bits: 8, granularity: 'channel' }));
    expect([formats(DEPTHWISE, 13), formats(CHANNELWISE, 13), formats(CHANNELWISE, 21), formats(GROUPED, 21)]).toEqual(
      [['qdq'], ['exact'], ['qdq'], ['exact']],
    );
  });

  it('of 2 bits gives sensible products where output channels are a multiple of 4, activations rounded or not', async () => {
    const products: [FixtureNode, (k: number, n: number) => number[]][] = [
      [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, (k, n) => [k, n]],
      [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'] }, (k, n) => [k, n]],
      [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1 } }, (k, n) => [n, k]],
    ];
    for (const [node, dimsOf] of products) {
      for (const [k, n] of [[64, 32], [71, 36], [300, 44]] as const) {
        for (const granularity of ['tensor', 'channel', 'block:32'] as const) {
          const shapes = { inputs: [{ name: 'x', dims: [3, k] }], outputs: [{ name: 'y', dims: [3, n] }] };
          const model = { ...modelOf({ node, dims: dimsOf(k, n) }, 25), ...shapes };
          const copy = qdqCopy(model, { bits: 2, grid: 'symmetric', granularity });
          expect(containerOf(copy)).toBe('int2');
          const input: RuntimeTensor = { type: 'float32', dims: [3, k], data: laplacian(3 * k, 9) };
          const initializers = [{ ...model.initializers![0]!, data: copy.expected.get('w')! }];
          const run = async (bytes: Uint8Array) => (await native.evaluate(bytes, { x: input })).y!.data as Float32Array;
          const y = await run(copy.model);
          const expected = await run(buildModel({ ...model, initializers }).model);
          const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          y.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(0.02 * largest));
        }
      }
    }
  });

  it('shows its layers as quantized already when it is opened again', () => {
    for (const [bits, dtype, width] of [[2, 'int4', 4], [3, 'int4', 4], [4, 'int4', 4], [5, 'int8', 8], [8, 'int8', 8]] as const) {
      const copy = qdqCopy(modelOf(MATMUL, 21), { bits });
      const { layers, parameters } = indexModel(memoryFiles('copy.onnx', copy.model), 'copy.onnx');
      expect(parameters).toBe(copy.source.parameters);
      expect(layers).toMatchObject([
        { dtype, dims: [96, 44], bytes: (96 * 44 * width) / 8, quantizable: { reason: 'already-quantized' }, quantized: { bits } },
      ]);
    }
  });
});
