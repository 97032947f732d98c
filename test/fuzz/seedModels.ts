import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, laplacian, type BuiltModel, type FixtureGraph, type FixtureTensor } from '../fixtures/modelBuilder';

const weight = (name: string, more: Partial<FixtureTensor> = {}): FixtureTensor => (
  { name, dims: [16, 16], data: laplacian(256, 5), ...more }
);
const matMul = (w: string, input = 'x', output = 'y') => ({ op: 'MatMul', inputs: [input, w], outputs: [output] });

/** One small model for every way in which a file holds weights. */
export function generatedSeeds(): BuiltModel[] {
  const inner: FixtureGraph = { initializers: [weight('v')], nodes: [matMul('v', 'x', 'z')], outputs: [{ name: 'z', dims: [1, 16] }] };
  return [
    { initializers: [weight('w'), { name: 'b', dims: [16], data: laplacian(16, 2), form: 'typed' as const }],
      inputs: [{ name: 'x', dims: [1, 16] }], outputs: [{ name: 'y', dims: [1, 16] }],
      nodes: [{ op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: { alpha: { float: 1 }, transB: 1 } }] },
    { initializers: [weight('w', { form: 'typed' as const })], nodes: [matMul('w')] },
    { initializers: [weight('w', { dtype: 'float16' })], nodes: [matMul('w')] },
    { initializers: [weight('w', { dtype: 'bfloat16', form: 'typed' as const })], nodes: [matMul('w')] },
    { initializers: [weight('w', { dtype: 'float64' })], nodes: [matMul('w')] },
    { initializers: [weight('w', { form: 'external' as const }), weight('v', { form: 'external' as const, file: 'sub/v.bin' })],
      nodes: [matMul('w'), matMul('v', 'y', 'z')] },
    { nodes: [{ op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor: weight('') } } }, matMul('w')] },
    { sparseInitializers: [{ name: 'w', dims: [16, 16], values: [1, 2, 3], indices: [0, 40, 255] }], nodes: [matMul('w')] },
    { sparseInitializers: [{ name: 'w', dims: [16, 16], values: [1, 2], indices: [0, 1, 5, 7], rank2Indices: true }], nodes: [matMul('w')] },
    { nodes: [{ op: 'If', inputs: ['c'], outputs: ['y'], attributes: { then_branch: { graph: inner }, else_branch: { graph: inner } } }] },
    { domains: { local: 1 }, initializers: [weight('w')], nodes: [{ op: 'Twice', domain: 'local', inputs: ['x', 'w'], outputs: ['y'] }],
      functions: [{ domain: 'local', name: 'Twice', inputs: ['a', 'b'], outputs: ['d'], nodes: [matMul('b', 'a', 'c'), matMul('b', 'c', 'd')] }] },
    { initializers: [weight('w', { dtype: 'int8' as const, data: new Int8Array(256).fill(3) }), { name: 's', dims: [], data: [0.5] },
      { name: 'z', dims: [], dtype: 'int8' as const, data: [0] }],
    nodes: [{ op: 'DequantizeLinear', inputs: ['w', 's', 'z'], outputs: ['f'] }, matMul('f')] },
    { initializers: [{ name: 't', dims: [4], data: [-1, 0, 1, 2] }, { name: 'i', dims: [16, 16], dtype: 'uint8' as const, data: new Uint8Array(256).fill(2) },
      { name: 's', dims: [16, 1], data: laplacian(16, 3) }],
    nodes: [{ op: 'Cast', inputs: ['i'], outputs: ['k'], attributes: { to: 6 } }, { op: 'Gather', inputs: ['t', 'k'], outputs: ['g'], attributes: { axis: 0 } },
      { op: 'Mul', inputs: ['g', 's'], outputs: ['f'] }, matMul('f')] },
    { initializers: [weight('w', { dims: [4, 4, 4, 4] })], inputs: [{ name: 'x', dims: [1, 4, 8, 8] }],
      nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { kernel_shape: [4, 4], group: 1 } }] },
    { initializers: [weight('w'), weight('r', { dims: [1, 64, 16], data: laplacian(1024, 3) }), weight('k', { dims: [1, 64, 16], data: laplacian(1024, 4) })],
      nodes: [{ op: 'Gather', inputs: ['w', 'x'], outputs: ['e'] }, { op: 'LSTM', inputs: ['e', 'k', 'r'], outputs: ['y'], attributes: { hidden_size: 16 } }] },
    { initializers: [weight('w')], nodes: [{ op: 'Transpose', inputs: ['w'], outputs: ['t'], attributes: { perm: [1, 0] } },
      { op: 'Reshape', inputs: ['t', 's'], outputs: ['u'] }, matMul('u')] },
  ].map((fixture) => buildModel(fixture));
}

/** Real models of a folder, those of at most `mostBytes`; none where there is no such folder. */
export function realSeeds(folder: string, mostBytes: number): BuiltModel[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  const bytesOf = (name: string): Uint8Array => Uint8Array.from(readFileSync(join(folder, name)));
  const external = new Map(names.filter((name) => name.endsWith('.bin')).map((name) => [name, bytesOf(name)]));
  return names
    .filter((name) => name.endsWith('.onnx') && name !== 'lfs_pointer.onnx' && statSync(join(folder, name)).size <= mostBytes)
    .map((name) => ({ model: bytesOf(name), external }));
}
