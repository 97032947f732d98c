import type { ByteSink } from '../bytes/byteSink';
import type { ModelFiles } from '../bytes/byteSource';
import { CoreError } from '../errors';
import { throwIfCancelled, type CancelSignal, type Job } from '../job';
import type { DataType } from '../onnx/dataType';
import { toFloat16Bits } from '../onnx/float16';
import type { TensorRecord } from '../onnx/modelIndex';
import { elementBytes } from '../onnx/payload';
import { sourceOf, weightChunks } from '../onnx/weights';

/** NumPy's names of ONNX's data types, little-endian; bfloat16, which NumPy lacks, is widened to float32 without loss. */
const DESCRIPTIONS: Partial<Record<DataType, string>> = {
  float16: '<f2', float32: '<f4', float64: '<f8', bfloat16: '<f4', bool: '|b1', int8: '|i1', uint8: '|u1', int16: '<i2',
  uint16: '<u2', int32: '<i4', uint32: '<u4', int64: '<i8', uint64: '<u8', complex64: '<c8', complex128: '<c16',
};
/** A megabyte of float32. */
const CHUNK_ELEMENTS = 256 * 1024;
/** Data starts at a multiple of it, as NumPy writes it. */
const ALIGNMENT = 64;

/**
 * Writes a tensor as a `.npy` file of version 1.0 (NumPy enhancement proposal 1), in row-major order and its own data type.
 * @throws CoreError `no-numpy-type`, `cancelled`, and what reading and writing throw
 */
export function writeNpy(files: ModelFiles, tensor: TensorRecord, sink: ByteSink, { signal, onProgress }: Job): void {
  const description = DESCRIPTIONS[tensor.dtype];
  if (description === undefined) throw new CoreError('no-numpy-type', { tensor: tensor.name }, { dtype: tensor.dtype });
  sink.write(npyHeader(description, tensor.dims));
  const expected = tensor.elements * Number(description.slice(2));
  let written = 0;
  for (const bytes of tensorBytes(files, tensor, signal)) {
    throwIfCancelled(signal);
    sink.write(bytes);
    written += bytes.length;
    onProgress?.(written / expected);
  }
  if (written === expected) return;
  throw new CoreError('malformed', { tensor: tensor.name }, { what: 'bytes', expected, actual: written });
}

/** Magic string, version, and a Python dictionary padded with spaces so that the data is aligned. */
export function npyHeader(description: string, dims: readonly number[]): Uint8Array {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  const dictionary = `{'descr': '${description}', 'fortran_order': False, 'shape': ${shape}, }`;
  const prefix = 10;
  const length = Math.ceil((prefix + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT - prefix;
  const header = new Uint8Array(prefix + length);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  header.set(new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`), prefix);
  return header;
}

/** The elements, little-endian. Weights that are not stored as they are (sparse or computed) are floats. */
function* tensorBytes(files: ModelFiles, tensor: TensorRecord, signal: CancelSignal | undefined): Generator<Uint8Array> {
  const { dtype } = tensor;
  if (!tensor.sparse && !tensor.computed && dtype !== 'bfloat16') {
    yield* elementBytes(sourceOf(files, tensor), tensor, CHUNK_ELEMENTS);
    return;
  }
  for (const chunk of weightChunks(files, tensor, signal, CHUNK_ELEMENTS)) {
    const narrowed = dtype === 'float16' ? Uint16Array.from(chunk, toFloat16Bits) : chunk;
    yield new Uint8Array(narrowed.buffer, narrowed.byteOffset, narrowed.byteLength);
  }
}
