import type { ByteSource } from '../bytes/byteSource';
import { CoreError } from '../errors';
import type { StoredTensor } from './modelIndex';
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
