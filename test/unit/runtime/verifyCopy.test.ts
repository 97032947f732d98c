import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { memoryFiles } from '../../../src/core/bytes/memorySource';
import type { Job } from '../../../src/core/job';
import { indexModel } from '../../../src/core/onnx/indexModel';
import type { TensorRecord } from '../../../src/core/onnx/modelIndex';
import { BIT_WIDTHS, FITS, METHODS, NORMALIZATIONS, scopeOf } from '../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';
import { openRuntime } from '../../../src/runtime/openRuntime';
import type { Runtime } from '../../../src/runtime/runtime';
import { verifyCopy } from '../../../src/runtime/verifyCopy';
import { wasmRuntime } from '../../../src/runtime/wasmRuntime';
import { buildModel, seededRandom, writeModel, type FixtureGraph, type FixtureModel } from '../../fixtures/modelBuilder';
import { copyOf, type MadeCopy } from '../core/onnx/copyHelper';

/** Uniform, so that every entry of every table is in use. */
function weights(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random() - 0.5);
}

const MODEL: FixtureModel = {
  inputs: [{ name: 'x', dims: [1, 60] }],
  outputs: [{ name: 'y', dims: [1, 50] }],
  initializers: [
    { name: 'a', dims: [60, 70], data: weights(4200, 1) },
    { name: 'b', dims: [70, 50], data: weights(3500, 2), dtype: 'float16' },
  ],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'a'], outputs: ['h'] },
    { op: 'Cast', inputs: ['b'], outputs: ['b32'], attributes: { to: 1 } },
    { op: 'MatMul', inputs: ['h', 'b32'], outputs: ['y'] },
  ],
};

let native: Runtime;
let folder: string;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  folder = mkdtempSync(join(tmpdir(), 'quantscope-verify-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Verifies `bytes` as the copy, on disk beside its source. */
async function verify(runtime: Runtime, model: FixtureModel, copy: MadeCopy, bytes = copy.model, job: Job = {}) {
  const sourcePath = writeModel(folder, 'source.onnx', buildModel(model));
  const path = join(folder, 'copy.onnx');
  writeFileSync(path, bytes);
  return verifyCopy(runtime, {
    path,
    name: path,
    source: { ...copy.source, path: sourcePath },
    layers: copy.plan.layers,
    expected: ({ name }) => copy.expected.get(name)!,
  }, job);
}

/** The native runtime; tells of each model file once it is loaded, and of each run of one before it fails or ends. */
function watched({ loaded, ran }: { loaded?: (path: string) => void; ran?: () => void }): Runtime {
  return {
    ...native,
    withModel: (path, locations, use) => native.withModel(path, locations, (model) => {
      loaded?.(path);
      return use({ ...model, run: (inputs) => model.run(inputs).finally(ran) });
    }),
  };
}

describe('verifyCopy', () => {
  it.each([2, 3, 4, 5, 6, 7, 8] as const)('finds no difference in a right copy of %i bits', async (bits) => {
    const copy = copyOf(buildModel(MODEL), { bits });
    const verified = await verify(native, MODEL, copy);
    expect(verified).toEqual({ maxAbsDifference: 0, layers: 2, runtime: 'native', wholeModel: 'ran' });
  });

  it('finds none in WebAssembly either', async () => {
    const copy = copyOf(buildModel(MODEL), { bits: 5, grid: 'affine', normalize: 'layer' });
    const verified = await verify(await wasmRuntime(), MODEL, copy);
    expect(verified).toEqual({ maxAbsDifference: 0, layers: 2, runtime: 'wasm', wholeModel: 'ran' });
  });

  it.each(METHODS)('finds none in WebAssembly in copies by %s either, at each width and in each mode', async (method) => {
    const wasm = await wasmRuntime();
    const verified = new Set<number>();
    for (const bits of BIT_WIDTHS) {
      const { bits: widths, granularities, modes } = scopeOf(method, bits);
      if (!widths.includes(bits)) continue;
      const free = modes.filter((mode) => mode !== 'calibrated');
      for (const [m, mode] of (free.length === 0 ? [undefined] : free).entries()) {
        const granularity = granularities[(bits + m) % Math.min(2, granularities.length)]!;
        const normalize = NORMALIZATIONS[(bits + m) % 2]!;
        const copy = copyOf(buildModel(MODEL), { method, bits, granularity, normalize, fit: FITS[m % 2]!, ...(mode && { mode }) });
        if (copy.plan.layers.length === 0) continue;
        expect(await verify(wasm, MODEL, copy)).toMatchObject({ maxAbsDifference: 0, layers: copy.plan.layers.length, runtime: 'wasm' });
        verified.add(bits);
      }
    }
    expect(verified.size).toBeGreaterThanOrEqual(3);
  });

  it.each([3, 7, 8] as const)('notices one wrong bit in any initializer of a copy of %i bits', async (bits) => {
    // Large enough for codes of 3 and 7 bits to have planes of their own.
    const large: FixtureModel = {
      ...MODEL,
      inputs: [{ name: 'x', dims: [1, 160] }],
      outputs: [{ name: 'y', dims: [1, 160] }],
      initializers: [
        { name: 'a', dims: [160, 240], data: weights(38400, 1) },
        { name: 'b', dims: [240, 160], data: weights(38400, 2), dtype: 'float16' },
      ],
    };
    const copy = copyOf(buildModel(large), { bits, grid: 'affine', normalize: 'layer' });
    const index = indexModel(memoryFiles('copy', copy.model), 'copy');
    const numbers = index.tensors.filter(({ dtype, computed }) => dtype !== 'int64' && !computed);
    const planes = numbers.filter(({ name }) => name.includes('.codes')).length;
    expect(planes).toBe({ 3: 2 * 2, 7: 2 * 3, 8: 2 }[bits]);
    for (const tensor of numbers) {
      await expect(verify(native, large, copy, withBitFlipped(copy.model, tensor))).rejects.toThrow('verification-failed');
    }
  });

  it('notices one wrong bit in any initializer of a copy in DequantizeLinear', async () => {
    const copy = copyOf(buildModel(MODEL), { bits: 8, grid: 'affine' }, undefined, { format: 'qdq' });
    const index = indexModel(memoryFiles('copy', copy.model), 'copy');
    expect(await verify(native, MODEL, copy)).toMatchObject({ maxAbsDifference: 0, layers: 2 });
    expect(index.tensors.map(({ dtype }) => dtype)).toEqual(['uint8', 'float32', 'uint8', 'uint8', 'float32', 'uint8']);
    for (const tensor of index.tensors) {
      await expect(verify(native, MODEL, copy, withBitFlipped(copy.model, tensor))).rejects.toThrow('verification-failed');
    }
  });

  it('evaluates all rows of an embedding that the copy only gathers, at each of its consumers', async () => {
    const ids = { name: 'i', dims: ['n'], dtype: 'int64' as const };
    const embedding: FixtureModel = {
      inputs: [ids],
      outputs: [{ name: 'y', dims: ['n', 70] }, { name: 'z', dims: ['n', 70] }],
      initializers: [{ name: 'e', dims: [90, 70], data: weights(6300, 4) }],
      nodes: [{ op: 'Gather', inputs: ['e', 'i'], outputs: ['y'] }, { op: 'Gather', inputs: ['e', 'i'], outputs: ['z'] }],
    };
    for (const bits of [3, 8] as const) {
      const copy = copyOf(buildModel(embedding), { bits, grid: 'affine', normalize: 'layer', granularity: 'block:16' });
      expect(await verify(native, embedding, copy)).toMatchObject({ maxAbsDifference: 0, layers: 1, wholeModel: 'ran' });
      const numbers = indexModel(memoryFiles('copy', copy.model), 'copy').tensors
        .filter(({ dtype, computed }) => dtype !== 'int64' && !computed);
      for (const tensor of numbers) {
        await expect(verify(native, embedding, copy, withBitFlipped(copy.model, tensor))).rejects.toThrow('verification-failed');
      }
    }
    const copy = copyOf(buildModel(embedding), { bits: 4 });
    const wrong = Buffer.from(Buffer.from(copy.model).toString('latin1').replace('z.q.line', 'x.q.line'), 'latin1');
    await expect(verify(native, embedding, copy, wrong)).rejects.toMatchObject({ problem: { place: { tensor: 'e' } } });
  });

  it.each([3, 4] as const)('notices one wrong bit in any initializer of a fast copy of %i bits', async (bits) => {
    const products: FixtureModel = {
      ...MODEL,
      initializers: [MODEL.initializers![0]!, { name: 'b', dims: [50, 70], data: weights(3500, 2) }],
      nodes: [MODEL.nodes[0]!, { op: 'Gemm', inputs: ['h', 'b'], outputs: ['y'], attributes: { transB: 1 } }],
    };
    const copy = copyOf(buildModel(products), { bits, grid: 'affine' }, undefined, { format: 'fast' });
    expect(copy.plan.size.layers.map(({ format }) => format)).toEqual(['fast', 'fast']);
    expect(await verify(native, products, copy)).toMatchObject({ maxAbsDifference: 0, layers: 2, wholeModel: 'ran' });
    const numbers = indexModel(memoryFiles('copy', copy.model), 'copy').tensors
      .filter(({ dtype, computed }) => dtype !== 'int64' && !computed);
    expect(numbers.length).toBeGreaterThanOrEqual(6);
    for (const tensor of numbers) {
      // With one block, the upper half of a byte of 4-bit zero points is for a block that is not there.
      await expect(verify(native, products, copy, withBitFlipped(copy.model, tensor, 1))).rejects.toThrow('verification-failed');
    }
  });

  it('names the layer that differs', async () => {
    const copy = copyOf(buildModel(MODEL), { bits: 4 });
    const scale = indexModel(memoryFiles('copy', copy.model), 'copy').tensors.find(({ name }) => name === 'b.q.scale')!;
    await expect(verify(native, MODEL, copy, withBitFlipped(copy.model, scale))).rejects.toMatchObject({
      problem: { code: 'verification-failed', place: { tensor: 'b' } },
    });
  });

  it('notices that a weight is not there', async () => {
    const copy = copyOf(buildModel(MODEL), { bits: 4 });
    const other = copyOf(buildModel(MODEL), { bits: 4 }, ['b']);
    copy.expected.set('a', new Float32Array(4200));
    await expect(verify(native, MODEL, copy, other.model)).rejects.toThrow('verification-failed');
  });

  it('says when not even the source loads, and fails when only the copy does not', async () => {
    const unknown = { op: 'Unknown', domain: 'custom', inputs: ['y'], outputs: ['z'] };
    const foreign: FixtureModel = { ...MODEL, domains: { custom: 1 }, nodes: [...MODEL.nodes, unknown] };
    const copy = copyOf(buildModel(foreign), { bits: 4 });
    expect((await verify(native, foreign, copy)).wholeModel).toBe('source-does-not-load');
    await expect(verify(native, MODEL, copy)).rejects.toThrow('verification-failed');
  });

  describe('runs the copy', () => {
    const reshaping = (columns: number): FixtureModel => ({
      ...MODEL,
      inputs: [{ name: 'x', dims: ['batch', 60] }],
      outputs: [{ name: 'z', dims: ['rows', 'columns'] }],
      initializers: [...MODEL.initializers!, { name: 's', dims: [2], dtype: 'int64', data: [-1, columns] }],
      nodes: [...MODEL.nodes, { op: 'Reshape', inputs: ['y', 's'], outputs: ['z'] }],
    });
    const convolving = (pads: number): FixtureModel => ({
      inputs: [{ name: 'x', dims: ['batch', 4, 'time'] }],
      outputs: [{ name: 'y', dims: ['batch', 60, 'frames'] }],
      initializers: [{ name: 'w', dims: [60, 4, 5], data: weights(1200, 3) }],
      nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { pads: [pads, pads] } }],
    });
    /** 51 of 60 plain inputs are not zero, which no one knows before. */
    const counting = (found: number, counted: string): FixtureModel => ({
      ...MODEL,
      outputs: [...MODEL.outputs!, { name: 'at', dims: [2, found], dtype: 'int64' }],
      nodes: [
        ...MODEL.nodes, { op: 'Sub', inputs: ['x', 'x'], outputs: ['nothing'] }, { op: 'NonZero', inputs: [counted], outputs: ['at'] },
      ],
    });
    const bytesOf = (model: FixtureModel): Uint8Array => copyOf(buildModel(model), { bits: 4 }).model;
    const verifyAs = async (source: FixtureModel, copy: FixtureModel, runtime = native) => (
      (await verify(runtime, source, copyOf(buildModel(source), { bits: 4 }), bytesOf(copy))).wholeModel
    );

    it('and fails when it does not run though its source does, in the words of ONNX Runtime', async () => {
      for (const runtime of [native, await wasmRuntime()]) {
        expect(await verifyAs(reshaping(25), reshaping(25), runtime)).toBe('ran');
        await expect(verifyAs(reshaping(50), reshaping(49), runtime)).rejects.toMatchObject({ problem: {
          code: 'verification-failed', place: { file: join(folder, 'copy.onnx') }, detail: { message: expect.stringContaining('Reshape') as string },
        } });
      }
    });

    it('and says when not even the source runs on inputs that can be made up', async () => {
      expect(await verifyAs(reshaping(49), reshaping(49))).toBe('loaded');
    });

    it('on larger inputs when it does not take the smallest, but only where its source does not either', async () => {
      expect(await verifyAs(convolving(0), convolving(0))).toBe('ran');
      await expect(verifyAs(convolving(2), convolving(0))).rejects.toThrow('verification-failed');
    });

    it('and fails on an output of another shape than declared, unless the source has one, too', async () => {
      expect(await verifyAs(counting(51, 'x'), counting(51, 'x'))).toBe('ran');
      expect(await verifyAs(counting(7, 'x'), counting(7, 'x'))).toBe('ran');
      await expect(verifyAs(counting(51, 'x'), counting(51, 'nothing'))).rejects.toMatchObject({
        problem: { code: 'verification-failed', detail: { message: 'its output at is of shape 2x0, not 2x51' } },
      });
    });

    it('unless it loops', async () => {
      const body: FixtureGraph = {
        inputs: [{ name: 'i', dims: [], dtype: 'int64' }, { name: 'on', dims: [], dtype: 'bool' }, { name: 'v', dims: [1, 50] }],
        outputs: [{ name: 'still', dims: [], dtype: 'bool' }, { name: 'w', dims: [1, 50] }],
        nodes: [{ op: 'Identity', inputs: ['on'], outputs: ['still'] }, { op: 'Identity', inputs: ['v'], outputs: ['w'] }],
      };
      const looping: FixtureModel = {
        ...MODEL,
        outputs: [{ name: 'z', dims: [1, 50] }],
        initializers: [...MODEL.initializers!, { name: 'times', dims: [], dtype: 'int64', data: [2] }],
        nodes: [...MODEL.nodes, { op: 'Loop', inputs: ['times', '', 'y'], outputs: ['z'], attributes: { body: { graph: body } } }],
      };
      const ran = vi.fn();
      expect(await verifyAs(looping, looping, watched({ ran }))).toBe('loaded');
      expect(ran).not.toHaveBeenCalled();
    });

    it('in the session that it was loaded in', async () => {
      const [loaded, ran] = [vi.fn(), vi.fn()];
      expect(await verifyAs(MODEL, MODEL, watched({ loaded, ran }))).toBe('ran');
      expect(loaded.mock.calls).toEqual([[join(folder, 'copy.onnx')]]);
      expect(ran).toHaveBeenCalledOnce();
    });

    it.each([
      ['between loading and running', 'loaded', MODEL, ['copy.onnx'], 0],
      ['between the copy and its source', 'ran', reshaping(49), ['copy.onnx'], 1],
    ] as const)('and is stopped by a cancel %s', async (_, after, model, files, runs) => {
      const signal = { aborted: false };
      const [loaded, ran] = [vi.fn(), vi.fn()];
      const cancel = (): void => void (signal.aborted = true);
      ({ loaded, ran })[after].mockImplementation(cancel);
      const copy = copyOf(buildModel(model), { bits: 4 });
      await expect(verify(watched({ loaded, ran }), model, copy, copy.model, { signal })).rejects.toMatchObject({ problem: { code: 'cancelled' } });
      expect(loaded.mock.calls).toEqual(files.map((name) => [join(folder, name)]));
      expect(ran).toHaveBeenCalledTimes(runs);
    });
  });

  it('does not load a large model whole', async () => {
    const copy = copyOf(buildModel(MODEL), { bits: 4 });
    const large = { ...copy, source: { ...copy.source, bytes: 2 ** 40 } };
    expect((await verify(native, MODEL, large)).wholeModel).toBe('skipped-too-large');
  });
});

/** The highest exponent bit of the first float or integer, or the highest bit of the first byte of codes. */
function withBitFlipped(model: Uint8Array, { dtype, storage }: TensorRecord, inByte = 0x80): Uint8Array {
  const changed = Uint8Array.from(model);
  const { offset } = storage.spans[0]!;
  if (dtype === 'uint8') changed[offset]! ^= inByte;
  else changed[offset + 3]! ^= 0x40;
  return changed;
}

describe('openRuntime', () => {
  it('prefers the native build', async () => {
    expect((await openRuntime()).name).toBe('native');
  });

  it('reports what ONNX Runtime says of a model it cannot read', async () => {
    for (const runtime of [native, await wasmRuntime()]) {
      await expect(runtime.evaluate(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ problem: { code: 'runtime-failed' } });
    }
  });
});
