import { closeSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { laplacian } from '../test/fixtures/laplacian';

const SIDE = 4096;
/** Rows of an embedding of 268 MB: more than is sorted or held at once. */
const EMBEDDINGS = 65_536;
const EMBEDDED = 1024;

interface Tensor {
  name: string;
  dims: [rows: number, columns: number];
}

/** A network of square matrices, as many as `bytes` of float32 take, behind an embedding of 268 MB where they are many. */
export function writeLargeModel(folder: string, name: string, bytes: number, external: boolean): void {
  const embedding: Tensor = { name: 'embedding.weight', dims: [EMBEDDINGS, EMBEDDED] };
  const first = bytes > 1.5e9 ? [embedding] : [];
  const rest = bytes - first.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
  write(folder, name, [...first, ...blocks(Math.round(rest / (4 * SIDE * SIDE)), SIDE)], external);
}

/** As many small matrices, inline: what opening costs where tensors are many. */
export function writeManyTensors(folder: string, name: string, count: number): void {
  write(folder, name, blocks(count, 128), false);
}

function blocks(count: number, side: number): Tensor[] {
  return Array.from({ length: count }, (_, i) => ({ name: `block.${i}.weight`, dims: [side, side] }));
}

function sizeOf({ dims: [rows, columns] }: Tensor): number {
  return 4 * rows * columns;
}

/** The model file appears when all is written, so that one that is there is whole. */
function write(folder: string, name: string, tensors: Tensor[], external: boolean): void {
  const location = `${name}.data`;
  const initializer = external ? references(tensors, location) : tensors.map((tensor, i) => (
    { ...head(tensor), rawData: new Uint8Array(weights(tensor, i).buffer) }
  ));
  if (external) writeWeights(join(folder, location), tensors);
  const graph = { name, initializer, node: tensors.map(nodeOf) };
  const model = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph }).finish();
  const path = join(folder, `${name}.onnx`);
  writeFileSync(`${path}.part`, model);
  renameSync(`${path}.part`, path);
}

function head({ name, dims }: Tensor): onnx.ITensorProto {
  return { name, dims, dataType: onnx.TensorProto.DataType.FLOAT };
}

function references(tensors: Tensor[], location: string): onnx.ITensorProto[] {
  let offset = 0;
  return tensors.map((tensor) => {
    const length = sizeOf(tensor);
    const entries = Object.entries({ location, offset: String(offset), length: String(length) });
    offset += length;
    return {
      ...head(tensor), dataLocation: onnx.TensorProto.DataLocation.EXTERNAL, externalData: entries.map(([key, value]) => ({ key, value })),
    };
  });
}

function nodeOf({ name }: Tensor, i: number): onnx.INodeProto {
  const output = [`x${i}`];
  if (name.startsWith('embedding')) return { opType: 'Gather', input: [name, 'ids'], output };
  return { opType: 'MatMul', input: [i === 0 ? 'x' : `x${i - 1}`, name], output };
}

/** One tensor in memory at a time. */
function writeWeights(path: string, tensors: Tensor[]): void {
  const file = openSync(path, 'w');
  tensors.forEach((tensor, i) => writeFileSync(file, weights(tensor, i)));
  closeSync(file);
}

let draws: Float32Array | undefined;

/** Sums of two Laplacian draws, with a scale for each row: like trained weights between Laplacian and Gaussian. */
function weights({ dims: [rows, columns] }: Tensor, seed: number): Float32Array {
  draws ??= laplacian(1 << 20, 7);
  const all = new Float32Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const scale = (1 + 0.2 * (seed % 5)) * (0.7 + 0.7 * ((row * 0.618) % 1));
    const from = (row * 7919 + seed * 104_729) % draws.length;
    const other = (row * 104_729 + seed * 7919) % draws.length;
    for (let column = 0; column < columns; column++) {
      all[at++] = scale * (draws[(from + column) % draws.length]! + draws[(other + 3 * column) % draws.length]!);
    }
  }
  return all;
}
