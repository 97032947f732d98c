import { stripeRuns, type Stripe } from '../groups/stripes';
import type { ModelFiles } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { ROWS } from '../kernels/columnBuffer';
import { CHUNK, PIECE } from '../kernels/memoryMap';
import { chunkBuffer } from '../kernels/piece';
import type { TransposedColumns } from '../kernels/transposedColumns';
import { floatType } from './dataType';
import type { TensorRecord } from './modelIndex';
import { elementsAt } from './payload';
import { READ_BETWEEN, sourceOf, widen } from './weights';

/** Fills columns with the weights of a stripe. @throws CoreError as `weightChunks`, and `cancelled` */
export type ColumnReader = (stripe: Stripe, columns: TransposedColumns, signal: CancelSignal | undefined) => void;

/** Reads stripes of columns and turns them on the way; null where a tensor is not floats that lie as they are, or without kernels. */
export function columnReader(files: ModelFiles, tensor: TensorRecord): ColumnReader | null {
  if (tensor.sparse || tensor.computed || tensor.dtype === 'float64') return null;
  const bytesAt = elementsAt(sourceOf(files, tensor), tensor);
  const buffer = chunkBuffer();
  if (!bytesAt || !buffer) return null;
  const chunk = new Float32Array(buffer.buffer, buffer.byteOffset, CHUNK);
  const dtype = floatType(tensor);
  const load = (start: number, count: number, at: number): void => {
    const bytes = bytesAt(start, count, dtype === 'float32' ? buffer.subarray(4 * at) : undefined);
    if (bytes.buffer !== buffer.buffer) widen(dtype, bytes, chunk, at);
  };
  return (stripe, columns, signal) => {
    const { from, count, distance, runs } = stripeRuns(tensor.dims, stripe);
    const readsBetween = distance <= READ_BETWEEN * count && ROWS * distance <= CHUNK;
    const together = readsBetween ? ROWS * Math.max(1, Math.floor(PIECE / (ROWS * distance))) : ROWS;
    for (let first = 0; first < runs; first += together) {
      throwIfCancelled(signal);
      const some = Math.min(together, runs - first);
      const start = from + first * distance;
      if (readsBetween) load(start, (some - 1) * distance + count, 0);
      else for (let i = 0; i < some; i++) load(start + i * distance, count, i * count);
      columns.fill(first, some, buffer.byteOffset, readsBetween ? distance : count);
    }
  };
}
