import type { StripeRuns } from '../groups/stripes';
import type { ByteSource, ModelFiles } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { PIECE } from '../kernels/memoryMap';
import { computedRuns, computedWeights } from './computedWeights';
import { bitsPerElement, floatType, isFloatType, rawBytes, type DataType, type FloatArray, type FloatType } from './dataType';
import { fromFloat16Bits } from './float16';
import type { StoredTensor, TensorRecord } from './modelIndex';
import { elementBytes, elementsAt } from './payload';
import { scatter } from './sparse';
import type { Numbers } from './stepOperators';
import type { ConstantReader } from './stepResults';

/** A megabyte of float32: large reads, and still several looks at the cancel signal in the time of a frame. */
const CHUNK_ELEMENTS = 256 * 1024;

/**
 * A tensor's weights in order, in pieces that are the caller's to keep. float32, float16 and bfloat16 come as float32,
 * float64 as float64, all exact.
 * @param signal looked at where the first piece takes all of the tensor, since that is sparse, or parts of it that are computed;
 *   whoever asks for pieces looks at it between them
 * @throws CoreError `external-missing`, `malformed`, `truncated`, `file-unreadable`, `file-changed`, `cancelled`; `internal`
 *   when the tensor is not of a float type
 */
export function* weightChunks(
  files: ModelFiles, tensor: TensorRecord, signal: CancelSignal | undefined, chunkElements = CHUNK_ELEMENTS,
): Generator<FloatArray> {
  for (const chunk of passingChunks(files, tensor, signal, chunkElements)) yield chunk.slice();
}

/**
 * The same in pieces that are valid only until the next is asked for: memory is that of one.
 * @param into room for a piece, such as `chunkBuffer`, used where it is large enough
 */
export function* passingChunks(
  files: ModelFiles, tensor: TensorRecord, signal: CancelSignal | undefined, chunkElements = PIECE, into?: Uint8Array,
): Generator<FloatArray> {
  if (tensor.computed) {
    throwIfCancelled(signal);
    yield* computedRuns(tensor.computed, constantReader(files, signal), chunkElements, signal);
    return;
  }
  if (tensor.sparse) {
    const dense = readWeights(files, tensor, signal);
    for (let at = 0; at < dense.length; at += chunkElements) yield dense.subarray(at, at + chunkElements);
    return;
  }
  const dtype = floatType(tensor);
  const isRead = dtype === 'float32' || dtype === 'float64';
  let wide = into && !isRead ? new Float32Array(into.buffer, into.byteOffset, into.length / 4) : newFloats(dtype, 0);
  for (const bytes of elementBytes(sourceOf(files, tensor), tensor, chunkElements, isRead ? into : undefined)) {
    const count = bytes.length / (bitsPerElement(dtype) / 8);
    if (isInPlace(dtype, bytes)) {
      const { buffer, byteOffset } = bytes;
      yield dtype === 'float32' ? new Float32Array(buffer, byteOffset, count) : new Float64Array(buffer, byteOffset, count);
      continue;
    }
    if (wide.length < count) wide = newFloats(dtype, count);
    widen(dtype, bytes, wide, 0);
    yield wide.subarray(0, count);
  }
}

/** Whether bytes are weights as they lie. */
function isInPlace(dtype: FloatType, { byteOffset }: Uint8Array): boolean {
  return (dtype === 'float32' && byteOffset % 4 === 0) || (dtype === 'float64' && byteOffset % 8 === 0);
}

/**
 * All weights of a tensor, dense, in the layout of its dims.
 * @throws CoreError as `weightChunks`
 */
export function readWeights(files: ModelFiles, tensor: TensorRecord, signal?: CancelSignal): FloatArray {
  if (tensor.computed) return computedWeights(tensor.computed, (constant) => readElements(files, constant, signal), signal);
  if (!tensor.sparse) return readStored(files, tensor, signal);
  const { values, indices } = tensor.sparse;
  const dense = newFloats(floatType(tensor), tensor.elements);
  scatter(readStored(files, values, signal), sourceOf(files, indices), indices, tensor, dense);
  return dense;
}

/** Copies runs of weights, one behind another, to `into` from `at` on. @throws CoreError as `weightChunks` */
export type RunReader = (runs: StripeRuns, into: FloatArray, at: number) => void;

/** What lies between runs is read too where it is no more than this many times as much: that takes less time than more reads do. */
export const READ_BETWEEN = 8;

/**
 * Reads from anywhere in a tensor; one that does not lie as it is has to be had as a whole for that.
 * @throws CoreError as `weightChunks`
 */
export function runReader(files: ModelFiles, tensor: TensorRecord, signal: CancelSignal | undefined): RunReader {
  const bytesAt = tensor.sparse || tensor.computed ? null : elementsAt(sourceOf(files, tensor), tensor);
  if (!bytesAt) {
    const dense = readWeights(files, tensor, signal);
    return ({ from, count, distance, runs }, into, at) => {
      for (let i = 0; i < runs; i++) into.set(dense.subarray(from + i * distance, from + i * distance + count), at + i * count);
    };
  }
  const dtype = floatType(tensor);
  const width = bitsPerElement(dtype) / 8;
  return ({ from, count, distance, runs }, into, at) => {
    const together = distance <= READ_BETWEEN * count ? Math.max(1, Math.floor(PIECE / distance)) : 1;
    for (let first = 0; first < runs; first += together) {
      const some = Math.min(together, runs - first);
      const bytes = bytesAt(from + first * distance, (some - 1) * distance + count);
      for (let i = 0; i < some; i++) {
        const start = i * distance * width;
        widen(dtype, bytes.subarray(start, start + count * width), into, at + (first + i) * count);
      }
    }
  };
}

function readStored(files: ModelFiles, tensor: StoredTensor, signal: CancelSignal | undefined): FloatArray {
  const dtype = floatType(tensor);
  const weights = newFloats(dtype, tensor.elements);
  const width = bitsPerElement(dtype) / 8;
  let at = 0;
  for (const bytes of elementBytes(sourceOf(files, tensor), tensor, CHUNK_ELEMENTS)) {
    throwIfCancelled(signal);
    widen(dtype, bytes, weights, at);
    at += bytes.length / width;
  }
  return weights;
}

/** Elements of a constant that a weight is computed from: floats, codes or int32. */
function readElements(files: ModelFiles, tensor: StoredTensor, signal: CancelSignal | undefined): Numbers {
  const { dtype, elements } = tensor;
  if (isFloatType(dtype)) return readStored(files, tensor, signal);
  const bytes = new Uint8Array(rawBytes(dtype, elements));
  let at = 0;
  for (const chunk of elementBytes(sourceOf(files, tensor), tensor, CHUNK_ELEMENTS)) {
    throwIfCancelled(signal);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return numbersOf(dtype, bytes);
}

function constantReader(files: ModelFiles, signal: CancelSignal | undefined): ConstantReader {
  return {
    all: (tensor) => readElements(files, tensor, signal),
    run: (tensor, from, count) => {
      const bytes = elementsAt(sourceOf(files, tensor), tensor)?.(from, count);
      return bytes ? numbersOf(tensor.dtype, bytes) : null;
    },
  };
}

/** Little-endian bytes as numbers of their own. */
function numbersOf(dtype: DataType, bytes: Uint8Array): Numbers {
  if (isFloatType(dtype)) {
    const floats = newFloats(dtype, bytes.length / (bitsPerElement(dtype) / 8));
    widen(dtype, bytes, floats, 0);
    return floats;
  }
  const own = new Uint8Array(bytes);
  return dtype === 'uint8' ? own : dtype === 'int8' ? new Int8Array(own.buffer) : new Int32Array(own.buffer);
}

/** The file that a tensor's payload is in. */
export function sourceOf(files: ModelFiles, { storage }: StoredTensor): ByteSource {
  return storage.reference === null ? files.main : files.external(storage.file);
}

export function newFloats(dtype: FloatType, elements: number): FloatArray {
  return dtype === 'float64' ? new Float64Array(elements) : new Float32Array(elements);
}

/**
 * Little-endian bytes, aligned or not, to `out` from element `at` on. Assumes a little-endian machine, as all engines do.
 * @throws RangeError where `out` ends before them: it may be a view, behind which other weights are
 */
export function widen(dtype: FloatType, bytes: Uint8Array, out: FloatArray, at: number): void {
  if (at + bytes.length / (bitsPerElement(dtype) / 8) > out.length) throw new RangeError('weights past the end of their array');
  if (out instanceof Float64Array || dtype === 'float32') {
    new Uint8Array(out.buffer, out.byteOffset).set(bytes, at * out.BYTES_PER_ELEMENT);
  } else if (dtype === 'float16') {
    widenFloat16(halves(bytes), out, at);
  } else {
    widenBfloat16(halves(bytes), new Uint32Array(out.buffer, out.byteOffset, out.length), at);
  }
}

/** The same bytes as 16-bit words: a view where alignment allows it. `slice` would be one as well where they are a Buffer. */
function halves(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

function widenFloat16(words: Uint16Array, out: Float32Array, at: number): void {
  const values = float16Table();
  for (let i = 0; i < words.length; i++) out[at + i] = values[words[i]!]!;
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat16(words: Uint16Array, bits: Uint32Array, at: number): void {
  for (let i = 0; i < words.length; i++) bits[at + i] = words[i]! << 16;
}

let table: Float32Array | undefined;

/** The value of every float16 bit pattern, made on first use. */
function float16Table(): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromFloat16Bits(bits));
  return table;
}
