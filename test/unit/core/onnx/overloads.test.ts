import { onnx } from 'onnx-proto';
import { expect, it } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { concat } from '../../../../src/core/bytes/concat';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { encodeVarint } from '../../../../src/core/onnx/protoWriter';
import { readWeights } from '../../../../src/core/onnx/weights';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import { laplacian } from '../../../fixtures/modelBuilder';
import { copyOf, expectStoredWeights } from './copyHelper';

const SIZE = 40;
const SEEDS: Record<string, number> = { A: 1, B: 2 };
const weightsOf = (overload: string): Float32Array => laplacian(SIZE * SIZE, SEEDS[overload]!);

/** A length-delimited field. Overloads are newer than `onnx-proto`. */
const field = (number: number, bytes: Uint8Array): Uint8Array => concat([encodeVarint(8 * number + 2), encodeVarint(bytes.length), bytes]);
const text = (number: number, value: string): Uint8Array => field(number, new TextEncoder().encode(value));

/** Calls one of two functions that differ in their overload alone, and each in the weights it multiplies by. */
function overloaded(): Uint8Array {
  const call = (overload: string, from: string, to: string): Uint8Array => concat([
    onnx.NodeProto.encode({ domain: 'f', opType: 'Linear', input: [from], output: [to] }).finish(), text(8, overload),
  ]);
  const body = (overload: string): Uint8Array => concat([
    onnx.FunctionProto.encode({
      name: 'Linear', domain: 'f', input: ['a'], output: ['o'], opsetImport: [{ domain: '', version: 18 }],
      node: [
        { opType: 'Constant', output: ['w'], attribute: [{ name: 'value', type: 4, t: {
          name: 'w', dims: [SIZE, SIZE], dataType: 1, rawData: new Uint8Array(weightsOf(overload).buffer),
        } }] },
        { opType: 'MatMul', input: ['a', 'w'], output: ['o'] },
      ],
    }).finish(), text(13, overload),
  ]);
  const value = (name: string): onnx.IValueInfoProto => (
    { name, type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }, { dimValue: SIZE }] } } } }
  );
  const graph = concat([
    field(1, call('A', 'x', 'h')), field(1, call('B', 'h', 'y')),
    onnx.GraphProto.encode({ name: 'g', input: [value('x')], output: [value('y')] }).finish(),
  ]);
  return concat([
    onnx.ModelProto.encode({ irVersion: 10, opsetImport: [{ domain: '', version: 18 }, { domain: 'f', version: 1 }] }).finish(),
    field(7, graph), field(25, body('A')), field(25, body('B')),
  ]);
}

const MODEL = overloaded();

it('functions of one name have weights of their own by their overloads', () => {
  const files = memoryFiles('m.onnx', MODEL);
  const index = indexModel(files, 'm.onnx');
  expect(index.layers.map(({ scope, name }) => [scope, name])).toEqual([['fn:f::Linear::A', 'w'], ['fn:f::Linear::B', 'w']]);
  for (const [i, overload] of ['A', 'B'].entries()) {
    expect(readWeights(files, index.tensors[index.layers[i]!.tensor]!)).toEqual(weightsOf(overload));
  }
});

it('a copy calls each with its own weights quantized', async () => {
  const runtime = (await nativeRuntime())!;
  const copy = copyOf({ model: MODEL, external: new Map() }, { bits: 8 });
  await expectStoredWeights(runtime, copy);
  const x = { type: 'float32' as const, dims: [2, SIZE], data: laplacian(2 * SIZE, 3) };
  const [before, after] = await Promise.all([MODEL, copy.model].map(async (model) => (await runtime.evaluate(model, { x })).y!.data as Float32Array));
  const [noise, signal] = [before!.map((value, i) => (value - after![i]!) ** 2), before!.map((value) => value ** 2)]
    .map((squares) => squares.reduce((sum, square) => sum + square, 0));
  expect(noise! / signal!).toBeGreaterThan(0);
  expect(noise! / signal!).toBeLessThan(1e-3);
});
