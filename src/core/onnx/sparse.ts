import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import type { FloatArray } from './dataType';
import { readIntegers } from './integers';
import type { StoredTensor } from './modelIndex';

/**
 * Puts a sparse tensor's values where its indices say: linear ones [NNZ], or coordinates [NNZ, rank] (onnx.proto,
 * SparseTensorProto.indices).
 * @param dense zeros on entry
 * @throws CoreError `malformed` when an index lies outside the tensor
 */
export function scatter(
  values: FloatArray, indexSource: ByteSource, indices: StoredTensor, tensor: StoredTensor, dense: FloatArray,
): void {
  const flat = readIntegers(indexSource, indices);
  const coordinates = indices.dims.length === 2;
  const rank = tensor.dims.length;
  values.forEach((value, i) => {
    const index = coordinates ? linear(flat.subarray(i * rank, (i + 1) * rank), tensor.dims) : flat[i]!;
    if (!(index >= 0 && index < dense.length)) throw outside(tensor, i);
    dense[index] = value;
  });
}

/** NaN when a coordinate is out of range. */
function linear(coordinates: Float64Array, dims: number[]): number {
  return dims.reduce((index, dim, axis) => {
    const coordinate = coordinates[axis]!;
    return coordinate >= 0 && coordinate < dim ? index * dim + coordinate : NaN;
  }, 0);
}

function outside(tensor: StoredTensor, position: number): CoreError {
  return new CoreError('malformed', { file: tensor.storage.file }, { what: 'sparse index outside the tensor', position });
}
