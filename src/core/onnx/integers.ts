import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import type { StoredTensor } from './modelIndex';
import { bitsPerElement, rawBytes } from './dataType';
import { elementBytes } from './payload';

/** Elements of an int64 or int32 tensor, exact up to 2⁵³. @throws CoreError `malformed` for other types, and as `elementBytes` */
export function readIntegers(source: ByteSource, tensor: StoredTensor): Float64Array {
  if (tensor.dtype !== 'int64' && tensor.dtype !== 'int32') {
    throw new CoreError('malformed', { file: tensor.storage.file }, { what: `indices of type ${tensor.dtype}` });
  }
  const width = tensor.dtype === 'int64' ? 8 : 4;
  const integers = new Float64Array(tensor.elements);
  let at = 0;
  for (const bytes of elementBytes(source, tensor, tensor.elements)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < bytes.length; i += width) {
      integers[at++] = width === 8 ? Number(view.getBigInt64(i, true)) : view.getInt32(i, true);
    }
  }
  return integers;
}

/** Elements of an integer tensor of 2 to 16 bits. @throws CoreError as `elementBytes` */
export function readCodes(source: ByteSource, tensor: StoredTensor): number[] {
  const { dtype, elements } = tensor;
  const bits = bitsPerElement(dtype);
  // Integers below 8 bits share bytes, the first in the lowest bits (onnx.proto, TensorProto).
  const stored: StoredTensor = bits < 8 ? { ...tensor, dtype: 'uint8', elements: rawBytes(dtype, elements) } : tensor;
  const bytes = [...elementBytes(source, stored, stored.elements)].flatMap((chunk) => [...chunk]);
  return Array.from({ length: elements }, (_, i) => {
    const at = i * bits;
    const low = bytes[at >> 3]! + 256 * (bits > 8 ? bytes[(at >> 3) + 1]! : 0);
    const code = (low >> (at & 7)) & (2 ** bits - 1);
    return dtype.startsWith('int') && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
  });
}
