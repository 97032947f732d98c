import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import {
  BIT_WIDTHS, FITS, GRANULARITIES, GRIDS, METHODS, scopeOf, type PartialSettings,
} from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { buildModel, laplacian, type FixtureModel, type FixtureNode } from '../../../fixtures/modelBuilder';
import { copyOf } from '../onnx/copyHelper';

let native: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
});

interface Place {
  node: FixtureNode;
  x: number[];
  weights: Record<string, number[]>;
}

/** Large enough for shared tables to pay; inputs of whole blocks and with a shorter last one. */
const PLACES: Record<string, Place> = {
  'MatMul of whole blocks': {
    node: { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, x: [2, 256], weights: { w: [256, 60] },
  },
  'MatMul with a remainder': {
    node: { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, x: [2, 311], weights: { w: [311, 50] },
  },
  'batched MatMul': {
    node: { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, x: [3, 2, 290], weights: { w: [3, 290, 21] },
  },
  'Gemm transB': {
    node: { op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1 } }, x: [2, 301], weights: { w: [51, 301] },
  },
  'Conv': {
    node: { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }, x: [1, 37, 5, 5], weights: { w: [41, 37, 3, 3] },
  },
  'ConvTranspose': {
    node: { op: 'ConvTranspose', inputs: ['x', 'w'], outputs: ['y'] }, x: [1, 140, 4, 4], weights: { w: [140, 12, 3, 3] },
  },
  'ConvTranspose in groups': {
    node: { op: 'ConvTranspose', inputs: ['x', 'w'], outputs: ['y'], attributes: { group: 4 } },
    x: [1, 140, 4, 4], weights: { w: [140, 12, 3, 3] },
  },
  'depthwise ConvTranspose': {
    node: { op: 'ConvTranspose', inputs: ['x', 'w'], outputs: ['y'], attributes: { group: 140 } },
    x: [1, 140, 4, 4], weights: { w: [140, 1, 9, 9] },
  },
  'LSTM of two directions': {
    node: {
      op: 'LSTM', inputs: ['x', 'w', 'r'], outputs: ['y'], attributes: { hidden_size: 34, direction: 'bidirectional' },
    },
    x: [3, 1, 39], weights: { w: [2, 136, 39], r: [2, 136, 34] },
  },
  'GRU': {
    node: { op: 'GRU', inputs: ['x', 'w', 'r'], outputs: ['y'], attributes: { hidden_size: 66 } },
    x: [2, 1, 64], weights: { w: [1, 198, 64], r: [1, 198, 66] },
  },
};

function fixture({ node, x, weights }: Place, dtype: 'float32' | 'float16', opset: number): FixtureModel {
  return {
    opset,
    inputs: [{ name: 'x', dims: x, dtype }],
    outputs: node.outputs.map((name) => ({ name, dims: [], dtype })),
    initializers: Object.entries(weights).map(([name, dims], i) => (
      { name, dims, dtype, data: laplacian(dims.reduce((a, b) => a * b, 1), i) }
    )),
    nodes: [node],
  };
}

/** Outputs of recurrent operators have an axis more than their inputs. */
const RECURRENT = ['LSTM', 'GRU'];

describe('a copy computes what the float model with dequantized weights computes', () => {
  for (const [p, [name, place]] of Object.entries(PLACES).entries()) {
    it.each(['tensor', 'channel', 'block:16', 'block:128'] as const)(`${name}, %s: every bit width`, async (granularity) => {
      for (const [b, bits] of BIT_WIDTHS.entries()) {
        const grid = GRIDS[(p + b) % GRIDS.length]!;
        const normalize = (p + b) % 2 === 0 ? 'layer' : 'none';
        const dtype = b % 3 === 1 && !RECURRENT.includes(place.node.op) ? 'float16' : 'float32';
        await expectSameOutput(fixture(place, dtype, 13), { bits, grid, granularity, normalize });
      }
    });
  }

  it.each(METHODS)('%s, designed for the model and for the data, per tensor, channel and block', async (method) => {
    for (const [b, bits] of ([3, 4] as const).entries()) {
      for (const [g, granularity] of (['tensor', 'channel', 'block:128'] as const).entries()) {
        const place = PLACES['MatMul with a remainder']!;
        const scope = scopeOf(method, bits);
        if (!scope.bits.includes(bits) || !scope.granularities.includes(granularity)) continue;
        const settings = { method, bits, granularity, fit: FITS[(b + g) % 2]!, normalize: g === 1 ? 'none' as const : 'layer' as const };
        await expectSameOutput(fixture(place, b === 0 ? 'float32' : 'float16', 13), settings);
      }
    }
  });

  it.each([3, 8] as const)('and ONNX Runtime folds the nodes of blocks with a remainder, at %i bits', async (bits) => {
    const { InferenceSession } = await import('onnxruntime-node');
    const { model } = copyOf(buildModel(withOutputDims(fixture(PLACES['MatMul with a remainder']!, 'float16', 13))), {
      bits, grid: 'affine', normalize: 'layer', granularity: 'block:16',
    });
    const folder = mkdtempSync(join(tmpdir(), 'quantscope-grouped-'));
    const optimized = join(folder, 'optimized.onnx');
    const options = { optimizedModelFilePath: optimized, graphOptimizationLevel: 'basic', logSeverityLevel: 4 } as const;
    await (await InferenceSession.create(model, options)).release();
    const { graph } = onnx.ModelProto.decode(readFileSync(optimized));
    rmSync(folder, { recursive: true });
    const values = [...graph!.node!.flatMap(({ output }) => output!), ...graph!.initializer!.map(({ name }) => name!)];
    expect(values.filter((name) => name.includes('.q.'))).toEqual([]);
  });

  it('gives each direction of a recurrent layer scales of its own', () => {
    const { model } = copyOf(buildModel(fixture(PLACES['LSTM of two directions']!, 'float32', 13)), { bits: 8 });
    const { graph } = onnx.ModelProto.decode(model);
    const dims = (name: string) => graph!.initializer!.find((tensor) => tensor.name === name)!.dims!.map(Number);
    expect(dims('w.q.scale')).toEqual([2, 136, 1]);
    expect(dims('r.q.scale')).toEqual([2, 136, 1]);
  });

  it('gives each output channel of a ConvTranspose in groups a scale of its own', () => {
    const scales = (place: string) => {
      const { model, source } = copyOf(buildModel(fixture(PLACES[place]!, 'float32', 13)), { bits: 4, granularity: 'channel' });
      const { graph } = onnx.ModelProto.decode(model);
      expect(indexModel(memoryFiles('copy.onnx', model), 'copy.onnx').layers[0]!.channelGroups).toEqual(source.layers[0]!.channelGroups);
      return graph!.initializer!.find(({ name }) => name === 'w.q.scale')!.dims!.map(Number);
    };
    expect(scales('ConvTranspose in groups')).toEqual([4, 1, 12, 1, 1]);
    expect(scales('depthwise ConvTranspose')).toEqual([140, 1, 1, 1]);
  });

  it('takes a scale more for each block', () => {
    const bytes = GRANULARITIES.map((granularity) => copyOf(
      buildModel(fixture(PLACES['MatMul of whole blocks']!, 'float32', 13)), { bits: 8, granularity },
    ).plan.size.layers[0]!.bytesAfter);
    const perBlock = bytes.slice(3).map((each, i) => each - bytes[2 + i]!);
    const scales = [128, 64, 32, 16].map((block) => 4 * 60 * 256 / block / 2);
    perBlock.forEach((more, i) => expect(Math.abs(more - scales[i]!)).toBeLessThan(120));
  });
});

async function expectSameOutput(model: FixtureModel, settings: PartialSettings): Promise<void> {
  const copy = copyOf(buildModel(withOutputDims(model)), settings);
  expect(copy.plan.size.skipped).toEqual([]);
  expect(copy.model.length).toBe(copy.plan.size.bytesAfter);
  const initializers = model.initializers!.map((tensor) => ({ ...tensor, data: copy.expected.get(tensor.name)! }));
  const reference = buildModel({ ...withOutputDims(model), initializers }).model;
  const inputs = inputOf(model);
  expect(await native.evaluate(copy.model, inputs)).toEqual(await native.evaluate(reference, inputs));
}

/** Dimensions of outputs are named, since only their number has to be right. */
function withOutputDims(model: FixtureModel): FixtureModel {
  const dims = [...model.inputs![0]!.dims, ...(RECURRENT.includes(model.nodes[0]!.op) ? ['directions'] : [])];
  return { ...model, outputs: model.outputs!.map((output) => ({ ...output, dims: dims.map((_, i) => `d${i}`) })) };
}

function inputOf(model: FixtureModel): Record<string, RuntimeTensor> {
  const { dims, dtype } = model.inputs![0]! as { dims: number[]; dtype: 'float32' | 'float16' };
  const values = laplacian(dims.reduce((a, b) => a * b, 1), 99, 1);
  const built = buildModel({ nodes: [], initializers: [{ name: 'x', dims, dtype, data: values }] });
  const bytes = Uint8Array.from(onnx.ModelProto.decode(built.model).graph!.initializer![0]!.rawData!).buffer;
  return { x: { type: dtype, dims, data: dtype === 'float16' ? new Uint16Array(bytes) : new Float32Array(bytes) } };
}
