import { closeSync, openSync, writeSync } from 'node:fs';
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

/** A network of square matrices, as many as `gigabytes` of float32 take, an embedding of 268 MB first where that fits. */
export function writeLargeModel(folder: string, name: string, bytes: number, external: boolean): string {
  const matrices: Tensor[] = [];
  const embedding: Tensor = { name: 'embedding.weight', dims: [EMBEDDINGS, EMBEDDED] };
  const isLarge = bytes > 1e9;
  const count = Math.round((bytes - (isLarge ? sizeOf(embedding) : 0)) / (4 * SIDE * SIDE));
  for (let i = 0; i < count; i++) matrices.push({ name: `block.${i}.weight`, dims: [SIDE, SIDE] });
  return write(folder, name, isLarge ? [embedding, ...matrices] : matrices, external);
}

/** As many small matrices, inline: what opening costs where tensors are many. */
export function writeManyTensors(folder: string, name: string, count: number): string {
  return write(folder, name, Array.from({ length: count }, (_, i) => ({ name: `block.${i}.weight`, dims: [128, 128] as [number, number] })), false);
}

function sizeOf({ dims: [rows, columns] }: Tensor): number {
  return 4 * rows * columns;
}

function write(folder: string, name: string, tensors: Tensor[], external: boolean): string {
  const path = join(folder, `${name}.onnx`);
  const location = `${name}.data`;
  let offset = 0;
  const initializer = tensors.map((tensor, i): onnx.ITensorProto => {
    const length = sizeOf(tensor);
    const head = { name: tensor.name, dims: tensor.dims, dataType: 1 };
    if (!external) return { ...head, rawData: new Uint8Array(weights(tensor, i).buffer) };
    const entries = Object.entries({ location, offset: String(offset), length: String(length) });
    offset += length;
    return { ...head, dataLocation: 1, externalData: entries.map(([key, value]) => ({ key, value })) };
  });
  const node = tensors.map(({ name: weight }, i): onnx.INodeProto => (
    weight.startsWith('embedding')
      ? { opType: 'Gather', input: [weight, 'ids'], output: [`x${i}`] }
      : { opType: 'MatMul', input: [i === 0 ? 'x' : `x${i - 1}`, weight], output: [`x${i}`] }
  ));
  const file = openSync(path, 'w');
  const model = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph: { name, initializer, node } };
  writeSync(file, onnx.ModelProto.encode(model).finish());
  closeSync(file);
  if (external) writeWeights(join(folder, location), tensors);
  return path;
}

function writeWeights(path: string, tensors: Tensor[]): void {
  const file = openSync(path, 'w');
  tensors.forEach((tensor, i) => writeSync(file, weights(tensor, i)));
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
