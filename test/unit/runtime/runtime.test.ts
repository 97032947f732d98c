import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeModel } from '../../../src/runtime/runtime';
import { wasmRuntime } from '../../../src/runtime/wasmRuntime';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

const folder = mkdtempSync(join(tmpdir(), 'quantscope-runtime-'));
afterAll(() => rmSync(folder, { recursive: true }));
const built = buildModel({
  inputs: [{ name: 'x', dims: ['batch', 4] }],
  outputs: [{ name: 'y', dims: ['batch', 3] }],
  initializers: [{ name: 'w', dims: [4, 3], data: laplacian(12, 1) }],
  nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
});
const path = writeModel(folder, 'm.onnx', built);
const convolving = buildModel({
  inputs: [{ name: 'x', dims: ['batch', 1, 'time'] }],
  outputs: [{ name: 'y', dims: ['batch', 1, 'frames'] }],
  initializers: [{ name: 'w', dims: [1, 1, 5], data: laplacian(5, 1) }],
  nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }],
});
const broken = join(folder, 'broken.onnx');
writeFileSync(broken, 'no model');

const RUNTIMES: [string, () => Promise<Runtime>][] = [['native', async () => (await nativeRuntime())!], ['WebAssembly', wasmRuntime]];

describe.each(RUNTIMES)('ONNX Runtime, %s', (_, open) => {
  test('hands on what the use of a model throws as it is', async () => {
    const runtime = await open();
    const ours = new TypeError('x is undefined');
    const use = async (): Promise<void> => {
      throw ours;
    };
    await expect(runtime.withModel(path, [], use)).rejects.toBe(ours);
    await expect(runtime.withModelBytes(built.model, use)).rejects.toBe(ours);
  });

  test('tells what a model takes and gives, a dimension without a name as open', async () => {
    const unnamed = buildModel({
      inputs: [{ name: 'x', dims: ['', 4] }], outputs: [{ name: 'y', dims: ['', 'n', 4] }],
      nodes: [{ op: 'Unsqueeze', inputs: ['x', 'axes'], outputs: ['y'] }], initializers: [{ name: 'axes', dims: [1], dtype: 'int64', data: [1] }],
    });
    const told = await (await open()).withModelBytes(unnamed.model, async ({ inputs, outputs }) => ({ inputs, outputs }));
    expect(told).toMatchObject({ inputs: [{ name: 'x', type: 'float32', shape: ['', 4] }], outputs: [{ name: 'y', type: 'float32', shape: ['', 1, 4] }] });
  });

  test.each([
    ['a model that cannot be loaded', broken, async () => {}],
    ['inputs of another shape', path, ({ run }: RuntimeModel) => run({ x: { type: 'float32', dims: [1, 5], data: new Float32Array(5) } })],
    ['inputs too short for its kernel', writeModel(folder, 'kernel.onnx', convolving), ({ run }: RuntimeModel) => run({
      x: { type: 'float32', dims: [1, 1, 1], data: new Float32Array(1) },
    })],
    ['a tensor that is not what it says', path, ({ run }: RuntimeModel) => run({ x: { type: 'float32', dims: [1, 4], data: new Float32Array(5) } })],
  ])('fails on %s with a problem that names the file, and logs nothing', async (__, file, use) => {
    const runtime = await open();
    const written = vi.spyOn(fs, 'writeSync');
    await expect(runtime.withModel<unknown>(file, [], use)).rejects.toMatchObject({ problem: {
      code: 'runtime-failed', place: { file }, detail: { message: expect.stringMatching(/./) as string },
    } });
    expect(written).not.toHaveBeenCalled();
  });
});
