import { beforeAll, describe, expect, it } from 'vitest';
import { BIT_WIDTHS, GRIDS, METHODS, scopeOf } from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import { laplacian, type FixtureModel } from '../../../fixtures/modelBuilder';
import { expectStoredWeights } from '../onnx/copyHelper';
import { BATCHED, CONV, formatsOf, LSTM, MATMUL, modelOf, proto, qdqCopy, UNEVEN } from './qdqModels';

let native: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
});

describe('ONNX Runtime reads the expected weights from DequantizeLinear', () => {
  it.each([
    [10, 'tensor'], [13, 'channel'], [21, 'tensor'], [21, 'channel'], [21, 'block:16'], [21, 'block:32'],
    [25, 'tensor'], [25, 'channel'], [25, 'block:32'],
  ] as const)('opset %i, %s: every grid and bit width', async (opset, granularity) => {
    for (const [p, place] of [MATMUL, UNEVEN, BATCHED, CONV, LSTM].entries()) {
      const axes = opset < 21 && granularity === 'channel' && (place === BATCHED || place === LSTM) ? 'opset-too-old' : null;
      const blocks = granularity.startsWith('block') && place === CONV ? 'groups' : null;
      for (const grid of GRIDS) {
        for (const [b, bits] of BIT_WIDTHS.entries()) {
          const copy = qdqCopy(modelOf(place, opset, (p + b) % 4 === 3 ? 'float16' : 'float32'), { bits, grid, granularity });
          const obstacle = grid === 'mid-rise' && bits === 8 ? 'too-many-levels' : axes ?? blocks;
          const stored = { obstacle, format: obstacle ? 'exact' : 'qdq' };
          for (const layer of copy.plan.size.layers) expect(layer).toMatchObject(stored);
          await expectStoredWeights(native, copy);
        }
      }
    }
  });

  it('in WebAssembly too', async () => {
    const wasm = await wasmRuntime();
    for (const opset of [10, 13, 21, 25]) {
      for (const granularity of ['tensor', 'channel', 'block:32'] as const) {
        for (const [b, bits] of ([2, 4, 8] as const).entries()) {
          const model = modelOf(b === 0 ? UNEVEN : MATMUL, opset);
          await expectStoredWeights(wasm, qdqCopy(model, { bits, grid: GRIDS[b]!, granularity }));
        }
      }
    }
  });

  it.each(METHODS)('of %s, whichever format its levels get', async (method) => {
    for (const bits of scopeOf(method, 2).bits) {
      for (const mode of [undefined, ...scopeOf(method, bits).modes.filter((each) => each !== 'calibrated')]) {
        const settings = { method, bits, granularity: 'tensor' as const, ...(mode && { mode }) };
        await expectStoredWeights(native, qdqCopy(modelOf(MATMUL, 21), settings));
      }
    }
  });

  it('of float64 and float16 weights, by a Cast after it', async () => {
    for (const dtype of ['float64', 'float16'] as const) {
      const copy = qdqCopy(modelOf(CONV, 21, dtype), { bits: 4 });
      await expectStoredWeights(native, copy);
      expect(proto(copy).graph!.node!.map(({ opType }) => opType)).toEqual(['DequantizeLinear', 'Cast', 'Conv']);
    }
  });

  it('where the weight is external, in a subgraph or in a function', async () => {
    const w = { name: 'w', dims: MATMUL.dims, data: laplacian(96 * 44, 3) };
    const inner = { nodes: [MATMUL.node], initializers: [w], outputs: [{ name: 'y', dims: [1, 44] }] };
    const other = { nodes: [{ op: 'Identity', inputs: ['z'], outputs: ['v'] }], outputs: [{ name: 'v', dims: [1, 44] }] };
    const models: FixtureModel[] = [
      { ...modelOf(MATMUL, 21), initializers: [{ ...w, form: 'external' }] },
      {
        opset: 21, inputs: [{ name: 'x', dims: [1, 96] }, { name: 'z', dims: [1, 44] }, { name: 'c', dims: [], dtype: 'bool' }],
        outputs: [{ name: 'o', dims: [1, 44] }],
        nodes: [{
          op: 'If', inputs: ['c'], outputs: ['o'], attributes: { then_branch: { graph: inner }, else_branch: { graph: other } },
        }],
      },
      {
        opset: 21, domains: { local: 1 }, ir: 8, inputs: [{ name: 'x', dims: [1, 96] }], outputs: [{ name: 'y', dims: [1, 44] }],
        nodes: [{ op: 'Dense', domain: 'local', inputs: ['x'], outputs: ['y'] }],
        functions: [{
          domain: 'local', name: 'Dense', inputs: ['x'], outputs: ['y'],
          nodes: [{ op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: w } } }, MATMUL.node],
        }],
      },
    ];
    for (const model of models) {
      for (const bits of [4, 8] as const) {
        const copy = qdqCopy(model, { bits });
        expect(formatsOf(copy)).toEqual(['qdq']);
        await expectStoredWeights(native, copy);
      }
    }
  });
});
