import { elementCount } from './elementCount';
import type { onnx } from 'onnx-proto';
import { CoreError, type Place } from '../errors';
import { dataTypeOf, rawBytes, bitsPerElement, type DataType } from './dataType';
import { parseExternalLocation } from './externalData';
import { MAX_UNBACKED_ELEMENTS } from './limits';
import { numberOf } from './int64';
import { FIELD } from './messageSchema';
import type { SparseParts, StoredTensor, TensorStorage } from './modelIndex';
import type { PayloadSpan, ScannedTensor } from './skeleton';

type Unstored = Omit<StoredTensor, 'storage'>;

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;
/** Bytes of an element in the typed fields of fixed width; the others hold varints. */
const FIXED_WIDTH: Record<number, number> = { [FIELD.tensor.floatData]: 4, [FIELD.tensor.doubleData]: 8 };
const MAX_VARINT_BYTES = 10;

/**
 * A tensor's type and payload, with dims, type and payload length checked against each other.
 * @throws CoreError `malformed`, `external-escapes`, both with the tensor's name
 */
export function storedTensor(proto: onnx.ITensorProto, scanned: ScannedTensor, file: string, name: string): StoredTensor {
  const place: Place = { file, offset: scanned.record.offset, tensor: name };
  const dims = readDims(proto.dims, place);
  const dtype = dataTypeOf(proto.dataType ?? 0);
  const elements = countElements(dims, place);
  const stored = { dims, dtype, elements };
  if (proto.dataLocation === EXTERNAL) return { ...stored, storage: externalStorage(proto, scanned, stored, place) };
  return { ...stored, storage: inlineStorage(scanned.payloads, stored, place) };
}

/** A SparseTensorProto as the dense tensor it stands for. @throws CoreError `malformed`, `limit-exceeded` */
export function sparseTensor(
  proto: onnx.ISparseTensorProto, parts: SparseParts, place: Place,
): StoredTensor & { sparse: SparseParts } {
  const dims = readDims(proto.dims, place);
  const elements = countElements(dims, place);
  if (elements > MAX_UNBACKED_ELEMENTS) {
    throw new CoreError('limit-exceeded', place, { what: 'elements of a sparse tensor', limit: MAX_UNBACKED_ELEMENTS });
  }
  const expected = parts.indices.dims.length === 2 ? parts.values.elements * dims.length : parts.values.elements;
  if (parts.indices.elements !== expected) throw mismatch('sparse indices', expected, parts.indices.elements, place);
  return { dims, dtype: parts.values.dtype, elements, storage: { ...parts.values.storage, form: 'sparse' }, sparse: parts };
}

function readDims(dims: onnx.ITensorProto['dims'], place: Place): number[] {
  return (dims ?? []).map((dim) => {
    const value = numberOf(dim);
    if (value < 0) throw new CoreError('malformed', place, { what: 'negative dimension', value });
    return value;
  });
}

function countElements(dims: number[], place: Place): number {
  const elements = elementCount(dims);
  // An empty dimension must not hide an impossible one beside it.
  const bound = dims.reduce((product, dim) => product * Math.max(dim, 1), 1);
  if (Number.isSafeInteger(bound)) return elements;
  throw new CoreError('malformed', place, { what: 'dimensions too large', dims: dims.join('×') });
}

function externalStorage(
  proto: onnx.ITensorProto, scanned: ScannedTensor, tensor: Unstored, place: Place,
): TensorStorage {
  const entries = new Map((proto.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
  const { location, offset, length } = parseExternalLocation(entries, place);
  const expected = expectedBytes(tensor);
  if (length !== null && expected !== null && length !== expected) throw mismatch('payload bytes', expected, length, place);
  const spans = [{ offset, length: length ?? expected ?? 0 }];
  return { file: location, form: 'external', spans, packed: true, reference: scanned.external };
}

function inlineStorage(payloads: PayloadSpan[], tensor: Unstored, place: Place): TensorStorage {
  const file = place.file ?? '';
  const typed = payloads.filter(({ field }) => field === typedField(tensor.dtype));
  // Of a field that may stand once, the last counts (protobuf.dev, Encoding, Last One Wins).
  const span = payloads.find(({ field, packed }) => field === FIELD.tensor.rawData && packed)?.spans.at(-1);
  if (span !== undefined && (span.length > 0 || typed.length === 0)) {
    const expected = expectedBytes(tensor);
    if (expected !== null && span.length !== expected) throw mismatch('payload bytes', expected, span.length, place);
    return { file, form: 'raw', spans: [span], packed: true, reference: null };
  }
  if (typed.length > 1) throw new CoreError('malformed', place, { what: 'packed and unpacked elements mixed' });
  if (typed.length === 0) {
    if (tensor.elements > 0 && bitsPerElement(tensor.dtype) > 0) throw mismatch('elements', tensor.elements, 0, place);
    return { file, form: 'raw', spans: [], packed: true, reference: null };
  }
  const payload = typed[0]!;
  checkTypedLength(payload, tensor, place);
  return { file, form: 'typed', spans: payload.spans, packed: payload.packed, reference: null };
}

/** Which field holds a type's elements when they are not in `raw_data` (onnx.proto, TensorProto). */
function typedField(dtype: DataType): number {
  const { floatData, doubleData, int64Data, uint64Data, stringData, int32Data } = FIELD.tensor;
  switch (dtype) {
    case 'float32': case 'complex64': return floatData;
    case 'float64': case 'complex128': return doubleData;
    case 'int64': return int64Data;
    case 'uint64': case 'uint32': return uint64Data;
    case 'string': return stringData;
    default: return int32Data;
  }
}

/** Fixed-width elements must fill the payload; varints, and sub-byte types packed into them, are bounded by it. */
function checkTypedLength(payload: PayloadSpan, { dtype, elements }: Unstored, place: Place): void {
  const { field, packed, spans } = payload;
  if (field === FIELD.tensor.stringData) return;
  const bytes = spans.reduce((sum, span) => sum + span.length, 0);
  const width = FIXED_WIDTH[field];
  const tagBytes = packed ? 0 : 1;
  if (width !== undefined) {
    const expected = elements * Math.ceil(bitsPerElement(dtype) / (8 * width)) * (width + tagBytes);
    if (bytes !== expected) throw mismatch('payload bytes', expected, bytes, place);
    return;
  }
  const values = Math.ceil((elements * Math.min(8, bitsPerElement(dtype))) / 8);
  const possible = bytes >= values * (1 + tagBytes) && bytes <= elements * (MAX_VARINT_BYTES + tagBytes);
  if (bitsPerElement(dtype) > 0 && !possible) throw mismatch('payload bytes, at least', values * (1 + tagBytes), bytes, place);
}

/** Null where elements have no fixed width. */
function expectedBytes({ dtype, elements }: Unstored): number | null {
  return bitsPerElement(dtype) === 0 ? null : rawBytes(dtype, elements);
}

function mismatch(what: string, expected: number, actual: number, place: Place): CoreError {
  return new CoreError('malformed', place, { what, expected, actual });
}
