import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { encodedBytes, planCopy } from '../../../../src/core/onnx/planCopy';
import { readWeights } from '../../../../src/core/onnx/weights';
import { writeCopy } from '../../../../src/core/onnx/writeCopy';
import { BIT_WIDTHS, GRIDS, completeSettings } from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import { memorySink } from '../../../fixtures/memorySink';
import { buildModel, laplacian, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { checkModel, hasChecker } from './checker';
import { copyFrom, copyOf, expectStoredWeights, planAll } from './copyHelper';

let native: Runtime;
let wasm: Runtime;
let folder: string;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  wasm = await wasmRuntime();
  folder = mkdtempSync(join(tmpdir(), 'quantscope-copy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where a weight may stand: channels on the first and on the last axis, counts that packing divides and odd ones. */
const PLACES = {
  'Conv': { dims: [23, 15, 3, 7], x: [1, 15, 9, 9], inputs: ['x', 'w'], attributes: {} },
  'depthwise Conv': { dims: [131, 1, 7, 7], x: [1, 131, 9, 9], inputs: ['x', 'w'], attributes: { group: 131 } },
  'Gemm': { dims: [91, 69], x: [2, 91], inputs: ['x', 'w'], attributes: {} },
  'Gemm transB': { dims: [91, 69], x: [2, 69], inputs: ['x', 'w'], attributes: { transB: 1 } },
  'MatMul': { dims: [90, 70], x: [2, 90], inputs: ['x', 'w'], attributes: {} },
  'left MatMul': { dims: [81, 77], x: [77, 2], inputs: ['w', 'x'], attributes: {} },
};
type Place = keyof typeof PLACES;
const FORMS = ['raw', 'typed', 'external', 'constant'] as const;
type Form = (typeof FORMS)[number];

function fixture(place: Place, form: Form, dtype: 'float32' | 'float16', opset = 13, ir = 7): FixtureModel {
  const { dims, x, inputs, attributes } = PLACES[place];
  const count = dims.reduce((a, b) => a * b, 1);
  const stored = form === 'constant' ? 'raw' : form;
  const weight: FixtureTensor = { name: 'w', dims, dtype, data: laplacian(count, count), form: stored };
  const op = place.split(' ').find((word) => /^[A-Z]/.test(word))!;
  const constant: FixtureNode = { op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: weight } } };
  return {
    opset, ir,
    inputs: [{ name: 'x', dims: x, dtype }],
    outputs: [{ name: 'y', dims: x.map((_, i) => `d${i}`), dtype }],
    initializers: form === 'constant' ? [] : [weight],
    nodes: [...(form === 'constant' ? [constant] : []), { op, inputs, outputs: ['y'], attributes }],
  };
}

/** The fixture with other weights, as raw float initializers. */
function withWeights(model: FixtureModel, weights: Float32Array): FixtureModel {
  const constant = model.nodes.find(({ op }) => op === 'Constant');
  const tensor = constant ? (constant.attributes!.value as { tensor: FixtureTensor }).tensor : model.initializers![0]!;
  return {
    ...model, initializers: [{ ...tensor, data: weights, form: 'raw' }], nodes: model.nodes.filter((node) => node !== constant),
  };
}

function inputOf(model: FixtureModel): Record<string, RuntimeTensor> {
  const { dims, dtype } = model.inputs![0]! as { dims: number[]; dtype: 'float32' | 'float16' };
  const values = laplacian(dims.reduce((a, b) => a * b, 1), 99, 1);
  const built = buildModel({ nodes: [], initializers: [{ name: 'x', dims, dtype, data: values }] });
  const raw = onnx.ModelProto.decode(built.model).graph!.initializer![0]!.rawData!;
  const bytes = Uint8Array.from(raw).buffer;
  return { x: { type: dtype, dims, data: dtype === 'float16' ? new Uint16Array(bytes) : new Float32Array(bytes) } };
}

describe('a copy computes what the float model with dequantized weights computes', () => {
  for (const place of Object.keys(PLACES) as Place[]) {
    for (const form of FORMS) {
      it(`${place}, ${form}: every bit width, grid, granularity and type`, async () => {
        for (const [i, bits] of BIT_WIDTHS.entries()) {
          for (const [j, grid] of GRIDS.entries()) {
            // Both granularities and types meet every bit width and every grid, not every pair of both.
            const granularity = (i + j) % 2 === 0 ? 'channel' : 'tensor';
            const dtype = (Math.floor(i / 2) + j) % 2 === 0 ? 'float32' : 'float16';
            const normalize = (i * 3 + j) % 4 === 0 ? 'layer' : 'none';
            await expectSameOutput(native, fixture(place, form, dtype), { bits, grid, granularity, normalize });
          }
        }
      });
    }
  }

  it.each([7, 8, 9, 10, 11, 14, 18, 21])('at opset %i', async (opset) => {
    for (const bits of [3, 7, 8] as const) await expectSameOutput(native, fixture('MatMul', 'raw', 'float32', opset), { bits });
    await expectSameOutput(native, fixture('Conv', 'raw', 'float32', opset), { bits: 5, grid: 'affine' });
  });

  it.each(BIT_WIDTHS)('in WebAssembly at %i bits', async (bits) => {
    await expectSameOutput(wasm, fixture('Conv', 'raw', 'float32'), { bits });
    await expectSameOutput(wasm, fixture('left MatMul', 'typed', 'float16'), { bits, grid: 'affine', normalize: 'layer' });
  });
});

describe('ONNX Runtime folds all nodes that a copy adds', () => {
  it.each(BIT_WIDTHS)('at %i bits', async (bits) => {
    const { InferenceSession } = await import('onnxruntime-node');
    for (const dtype of ['float32', 'float16'] as const) {
      const { model } = copyOf(buildModel(fixture('MatMul', 'raw', dtype)), { bits, grid: 'affine', normalize: 'layer' });
      const optimized = join(folder, `optimized-${bits}-${dtype}.onnx`);
      const options = { optimizedModelFilePath: optimized, graphOptimizationLevel: 'basic', logSeverityLevel: 4 } as const;
      await (await InferenceSession.create(model, options)).release();
      const { graph } = onnx.ModelProto.decode(readFileSync(optimized));
      const values = [...graph!.node!.flatMap(({ output }) => output!), ...graph!.initializer!.map(({ name }) => name!)];
      expect(values).toContain('w');
      expect(values.filter((name) => name.includes('.q.'))).toEqual([]);
    }
  });
});

async function expectSameOutput(runtime: Runtime, model: FixtureModel, settings: Parameters<typeof copyOf>[1]): Promise<void> {
  const copy = copyOf(buildModel(model), settings);
  expect(copy.plan.size.skipped).toEqual([]);
  expect(copy.model.length).toBe(copy.plan.size.bytesAfter);
  const reference = buildModel(withWeights(model, copy.expected.get('w')!)).model;
  const inputs = inputOf(model);
  expect(await runtime.evaluate(copy.model, inputs)).toEqual(await runtime.evaluate(reference, inputs));
}

/** Two layers, biases, and unknown fields at every level. */
function twoLayers(form: 'raw' | 'external', ir = 7): FixtureModel {
  const initializers: FixtureTensor[] = [
    { name: 'a', dims: [64, 48], data: laplacian(64 * 48, 1), form },
    { name: 'a.bias', dims: [48], data: laplacian(48, 2), form },
    { name: 'b', dims: [48, 40], data: laplacian(48 * 40, 3), form },
    { name: 'b.bias', dims: [40], data: laplacian(40, 4), form },
  ];
  const listed = ir < 4 ? initializers.map(({ name, dims }) => ({ name, dims })) : [];
  return {
    ir, initializers,
    inputs: [{ name: 'x', dims: [1, 64] }, ...listed],
    outputs: [{ name: 'y', dims: [1, 40] }],
    nodes: [
      { op: 'Gemm', inputs: ['x', 'a', 'a.bias'], outputs: ['h'] },
      { op: 'Relu', inputs: ['h'], outputs: ['r'] },
      { op: 'Gemm', inputs: ['r', 'b', 'b.bias'], outputs: ['y'] },
    ],
  };
}

describe('writeCopy', () => {
  it('keeps the original names of weights and adds none that is taken', () => {
    const model = twoLayers('raw');
    model.nodes[0]!.outputs = ['a.q.codes8'];
    model.nodes[1]!.inputs = ['a.q.codes8'];
    const { graph } = onnx.ModelProto.decode(copyOf(buildModel(model), { bits: 4 }).model);
    const produced = [...graph!.node!.flatMap(({ output }) => output!), ...graph!.initializer!.map(({ name }) => name!)];
    expect(new Set(produced).size).toBe(produced.length);
    expect(produced).toEqual(expect.arrayContaining(['a', 'b', 'a.q2.codes8']));
  });

  it('raises IR 3 to 4 and then lists no initializer as an input', async () => {
    const { model } = copyOf(buildModel(twoLayers('raw', 3)), { bits: 4 }, ['a']);
    const { irVersion, graph } = onnx.ModelProto.decode(model);
    expect(Number(irVersion)).toBe(4);
    expect(graph!.input!.map(({ name }) => name)).toEqual(['x']);
    await native.evaluate(model, { x: { type: 'float32', dims: [1, 64], data: laplacian(64, 5) } });
  });

  it('drops only the replaced weight from the inputs of a model that lists some', () => {
    const model = twoLayers('raw', 6);
    model.inputs!.push({ name: 'a', dims: [64, 48] }, { name: 'b', dims: [48, 40] });
    const { graph } = onnx.ModelProto.decode(copyOf(buildModel(model), { bits: 4 }, ['a']).model);
    expect(graph!.input!.map(({ name }) => name)).toEqual(['x', 'b']);
  });

  it('counts names in bytes of UTF-8, however long', async () => {
    for (const name of ['Gewicht/größe', '重み', '🙂', 'w'.repeat(300)]) {
      const model = fixture('MatMul', 'raw', 'float32');
      model.initializers![0]!.name = name;
      model.nodes[0]!.inputs = ['x', name];
      const copy = copyOf(buildModel(model), { bits: 6, grid: 'affine' });
      expect(copy.model.length).toBe(copy.plan.size.bytesAfter);
      expect(copy.plan.layers.length).toBe(1);
      await native.evaluate(copy.model, inputOf(model));
    }
  });

  it('keeps fields it does not know', () => {
    const UNKNOWN = [0xf2, 0xff, 0x03, 3, 1, 2, 3];
    const built = buildModel(twoLayers('raw'));
    const copy = copyOf({ ...built, model: Uint8Array.from([...built.model, ...UNKNOWN]) }, { bits: 4 });
    expect([...copy.model.subarray(-UNKNOWN.length)]).toEqual(UNKNOWN);
  });

  it('copies a model byte for byte when nothing is quantized', () => {
    const built = buildModel(twoLayers('raw'));
    expect(copyOf(built, {}, []).model).toEqual(Buffer.from(built.model));
  });

  it('moves what stays external to one file named after the copy', async () => {
    const built = buildModel(twoLayers('external'));
    const copy = copyOf(built, { bits: 4 }, ['a']);
    const files = memoryFiles('copy.onnx', copy.model, new Map([['copy.onnx.data', copy.data!]]));
    const index = indexModel(files, 'copy.onnx');
    expect(index.externalFiles).toEqual([{ location: 'copy.onnx.data', bytes: copy.data!.length, needed: copy.data!.length }]);
    expect(copy.model.length + copy.data!.length).toBe(copy.plan.size.bytesAfter);
    expect(copy.plan.size.bytesBefore).toBe(built.model.length + built.external.get('weights.bin')!.length);
    const moved = index.tensors.filter(({ storage }) => storage.form === 'external');
    expect(moved.map(({ storage }) => storage.spans[0]!.offset % 64)).toEqual([0, 0, 0]);
    writeFileSync(join(folder, 'copy.onnx'), copy.model);
    writeFileSync(join(folder, 'copy.onnx.data'), copy.data!);
    await native.withModel(join(folder, 'copy.onnx'), [], async () => {});
    await wasm.withModel(join(folder, 'copy.onnx'), ['copy.onnx.data'], async () => {});
    for (const { name, data } of twoLayers('raw').initializers!.slice(1)) {
      expect(readWeights(files, index.tensors.find((tensor) => tensor.name === name)!)).toEqual(data);
    }
  });

  it('has no external data when all of it was quantized', () => {
    const copy = copyOf(buildModel(fixture('MatMul', 'external', 'float32')), { bits: 4 });
    expect(copy.data).toBeNull();
    expect(indexModel(memoryFiles('c', copy.model), 'c').externalFiles).toEqual([]);
  });

  it('moves external data in nested Constants, too', async () => {
    const bias: FixtureTensor = { name: 'k', dims: [70], data: laplacian(70, 8), form: 'external' };
    const model = fixture('MatMul', 'external', 'float32');
    model.nodes[0]!.outputs = ['m'];
    model.nodes.push({ op: 'Constant', inputs: [], outputs: ['k'], attributes: { value: { tensor: bias } } });
    model.nodes.push({ op: 'Add', inputs: ['m', 'k'], outputs: ['y'] });
    const copy = copyOf(buildModel(model), { bits: 4 });
    const index = indexModel(memoryFiles('c', copy.model, new Map([['copy.onnx.data', copy.data!]])), 'c');
    const { storage } = index.tensors.find(({ name }) => name === 'k')!;
    expect(storage).toMatchObject({ file: 'copy.onnx.data', spans: [{ offset: 0, length: 280 }] });
    expect(copy.data!.length).toBe(280);
  });

  it.each([3, 8] as const)('puts codes of %i bits into external data when the model file would be too large', async (bits) => {
    for (const form of ['raw', 'external'] as const) {
      const built = buildModel(twoLayers(form));
      const files = memoryFiles('model.onnx', built.model, built.external);
      const source = indexModel(files, 'model.onnx');
      const copy = copyFrom(files, source, planAll(source, { bits, grid: 'affine' }), { maxModelBytes: 2500 });
      await expectStoredWeights(native, copy);
      const path = join(folder, `outside-${bits}-${form}.onnx`);
      writeFileSync(path, copy.model);
      writeFileSync(join(folder, 'copy.onnx.data'), copy.data!);
      await native.withModel(path, [], async () => {});
      await wasm.withModel(path, ['copy.onnx.data'], async () => {});
      const opened = memoryFiles('copy.onnx', copy.model, new Map([['copy.onnx.data', copy.data!]]));
      const index = indexModel(opened, 'copy.onnx');
      expect(index.layers.map((layer) => readWeights(opened, index.tensors[layer.tensor]!))).toEqual([...copy.expected.values()]);
    }
  });

  it('counts what each layer takes in both files', () => {
    const built = buildModel(twoLayers('raw'));
    const files = memoryFiles('model.onnx', built.model);
    const source = indexModel(files, 'model.onnx');
    const planned = planAll(source, { bits: 8 });
    for (const maxModelBytes of [2 ** 31, 2500]) {
      const { size, external } = planCopy(source, planned, 'copy.onnx', { maxModelBytes });
      expect(external !== null).toBe(maxModelBytes === 2500);
      const saved = size.layers.reduce((sum, { bytesBefore, bytesAfter }) => sum + bytesBefore - bytesAfter, 0);
      // Both weights and the graph's length change the number of bytes of one length prefix at most.
      expect(Math.abs(size.bytesBefore - size.bytesAfter - saved)).toBeLessThanOrEqual(2);
    }
    const [inside, outside] = [2 ** 31, 2500].map((maxModelBytes) => (
      planCopy(source, planned, 'copy.onnx', { maxModelBytes }).size.layers.map(({ bytesAfter }) => bytesAfter)
    ));
    expect(outside!.every((bytes, i) => bytes > inside![i]! + 100)).toBe(true);
  });

  it('refuses a model file past 2 GiB before opening anything', () => {
    const built = buildModel(twoLayers('raw'));
    const files = memoryFiles('model.onnx', built.model);
    const index = indexModel(files, 'model.onnx');
    const plan = { ...planCopy(index, planAll(index, { bits: 4 }), 'copy.onnx'), modelBytes: 2 ** 31 };
    const open = () => { throw new Error('opened'); };
    expect(() => writeCopy(files, index, plan, () => { throw new Error('read'); }, open)).toThrow('limit-exceeded');
  });

  it('stops at a cancel and says how far it is', () => {
    const built = buildModel(twoLayers('raw'));
    const files = memoryFiles('model.onnx', built.model);
    const index = indexModel(files, 'model.onnx');
    const plan = planCopy(index, planAll(index, { bits: 4 }), 'copy.onnx');
    const run = (signal: { aborted: boolean }, onProgress: (fraction: number) => void) => writeCopy(
      files, index, plan, () => { throw new Error('reached'); }, memorySink, { signal, onProgress },
    );
    expect(() => run({ aborted: true }, () => {})).toThrow('cancelled');
    const fractions: number[] = [];
    expect(() => run({ aborted: false }, (fraction) => fractions.push(fraction))).toThrow('reached');
    expect(fractions.every((fraction, i) => fraction > (fractions[i - 1] ?? 0) && fraction < 1)).toBe(true);
  });
});

describe('planCopy', () => {
  it('says why layers stay as they are', () => {
    const model = twoLayers('raw');
    model.initializers!.push({ name: 'tiny', dims: [40, 1], data: laplacian(40, 6) });
    model.nodes.push({ op: 'MatMul', inputs: ['y', 'tiny'], outputs: ['z'] });
    const index = indexModel(memoryFiles('m', buildModel(model).model), 'm');
    const settings = completeSettings({ bits: 4 });
    const { size } = planCopy(index, [{ layer: 0, settings }, { layer: 2, settings }], 'c');
    expect(size.layers.map(({ layer }) => layer)).toEqual([0]);
    expect(size.skipped).toEqual([
      { layer: 1, name: 'b', reason: 'float-in-plan' },
      { layer: 2, name: 'tiny', reason: 'not-smaller' },
    ]);
    const elements = 64 * 48 + 48 * 40 + 40;
    expect(size.averageBits).toBeCloseTo((64 * 48 * 4 + (48 * 40 + 40) * 32) / elements, 12);
    expect(planCopy(index, [{ layer: 0, settings }], 'c', { unusable: new Map([[0, 'not-finite']]) }).size.skipped[0]).toEqual(
      { layer: 0, name: 'a', reason: 'not-finite' },
    );
  });

  it('leaves layers float whose shared tables outweigh what they save together', () => {
    const small = (count: number): FixtureModel => ({
      inputs: [{ name: 'x', dims: [1, 8] }],
      outputs: Array.from({ length: count }, (_, i) => ({ name: `y${i}`, dims: [1, 8] })),
      initializers: Array.from({ length: count }, (_, i) => ({ name: `w${i}`, dims: [8, 8], data: laplacian(64, i) })),
      nodes: Array.from({ length: count }, (_, i) => ({ op: 'MatMul', inputs: ['x', `w${i}`], outputs: [`y${i}`] })),
    });
    const copies = [1, 4].map((count) => copyOf(buildModel(small(count)), { method: 'sptq', bits: 3, granularity: 'tensor' }).plan.size);
    expect(copies.map(({ layers }) => layers.length)).toEqual([0, 4]);
    expect(copies[0]!.bytesAfter).toBe(copies[0]!.bytesBefore);
    expect(copies[1]!.bytesAfter).toBeLessThan(copies[1]!.bytesBefore);
  });

  it('knows what one layer takes even if it would not get smaller', () => {
    const built = buildModel(twoLayers('raw'));
    const index = indexModel(memoryFiles('m', built.model), 'm');
    const planned = planAll(index, { bits: 8 }, ['a']);
    expect(encodedBytes(index, planned[0]!)).toBe(planCopy(index, planned, 'c').size.layers[0]!.bytesAfter);
  });

  it('goes through the names of a model once for all that is asked about its layers', () => {
    const index = indexModel(memoryFiles('m', buildModel(twoLayers('raw')).model), 'm');
    const goingThrough = vi.spyOn(index.names, Symbol.iterator);
    const planned = planAll(index, { bits: 4 });
    for (let time = 0; time < 3; time++) for (const each of planned) encodedBytes(index, each);
    planCopy(index, planned, 'c');
    expect(goingThrough).toHaveBeenCalledOnce();
  });
});

describe.skipIf(!hasChecker())('onnx.checker', () => {
  it.each([2, 3, 7, 8] as const)('accepts copies of %i bits', (bits) => {
    const models = [twoLayers('raw', 3), fixture('Conv', 'constant', 'float16', 9), fixture('Gemm', 'typed', 'float32', 13)];
    for (const [i, model] of models.entries()) {
      const path = join(folder, `checked${bits}-${i}.onnx`);
      writeFileSync(path, copyOf(buildModel(model), { bits, grid: 'affine' }).model);
      checkModel(path);
    }
  });
});
