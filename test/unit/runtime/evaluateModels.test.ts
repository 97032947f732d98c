import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { evaluateModels } from '../../../src/runtime/evaluateModels';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';
import { wasmRuntime } from '../../../src/runtime/wasmRuntime';
import { idxFile, npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-evaluate-test-'));
  return () => rmSync(folder, { recursive: true });
});

function network(name: string, seed: number): { path: string; bytes: number; externalFiles: [] } {
  writeModel(folder, name, buildModel({
    inputs: [{ name: 'x', dims: ['batch', 32] }],
    outputs: [{ name: 'y', dims: ['batch', 10] }],
    initializers: [{ name: 'w', dims: [32, 10], data: laplacian(320, seed) }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
  return { path: join(folder, name), bytes: 0, externalFiles: [] };
}

test('WebAssembly and the native build predict the same', async () => {
  const [file, labels] = [join(folder, 'x.npy'), join(folder, 'y.idx')];
  writeFileSync(file, npyFloats([150, 32], laplacian(150 * 32, 3)));
  writeFileSync(labels, idxFile([150], Array.from({ length: 150 }, (_, i) => i % 10)));
  const [model, reference] = [network('model.onnx', 1), network('reference.onnx', 2)];
  const [native, wasm] = await Promise.all([(await nativeRuntime())!, await wasmRuntime()].map((runtime) => (
    evaluateModels(runtime, model, reference, { file, labels })
  )));
  expect([native!.runtime, wasm!.runtime]).toEqual(['native', 'wasm']);
  expect(wasm!.samples).toBe(150);
  expect(wasm!.evaluated).toEqual(native!.evaluated);
  expect(wasm!.reference!.accuracy).toEqual(native!.reference!.accuracy);
  expect(wasm!.reference!.agreement).toBe(native!.reference!.agreement);
});

test('classes are of floating point numbers, not of places or truth values that stand before them', async () => {
  const file = join(folder, 'x.npy');
  writeFileSync(file, npyFloats([40, 32], laplacian(40 * 32, 3)));
  const model = (name: string, seed: number): { path: string; bytes: number; externalFiles: [] } => {
    writeModel(folder, name, buildModel({
      inputs: [{ name: 'x', dims: ['batch', 32] }],
      outputs: [{ name: 'places', dims: ['batch', 5], dtype: 'int64' }, { name: 'y', dims: ['batch', 10] }],
      initializers: [{ name: 'w', dims: [32, 10], data: laplacian(320, seed) }, { name: 'five', dims: [1], dtype: 'int64', data: [5] }],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }, { op: 'TopK', inputs: ['y', 'five'], outputs: ['top', 'places'] },
      ],
    }));
    return { path: join(folder, name), bytes: 0, externalFiles: [] };
  };
  const { reference } = await evaluateModels((await nativeRuntime())!, model('a.onnx', 1), model('b.onnx', 2), { file });
  const agreementOf = new Map(reference!.outputs.map(({ a, top1Agreement }) => [a, top1Agreement]));
  expect(agreementOf.get('places')).toBeNull();
  expect(reference!.agreement).toBe(agreementOf.get('y'));
});

test('a model that does not run is named', async () => {
  writeFileSync(join(folder, 'text.onnx'), 'text');
  const broken = { path: join(folder, 'text.onnx'), bytes: 4, externalFiles: [] };
  await expect(evaluateModels((await nativeRuntime())!, broken, null, {})).rejects.toMatchObject({
    problem: { code: 'model-does-not-run', place: { file: broken.path } },
  });
});
