import { stripeRuns, type Stripe } from '../assignment/stripes';
import type { ModelFiles } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { ROWS } from '../kernels/columnRoom';
import { CHUNK, PIECE } from '../kernels/memoryMap';
import { chunkRoom } from '../kernels/piece';
import type { TurnedColumns } from '../kernels/turnedColumns';
import { floatType } from './dataType';
import type { TensorRecord } from './modelIndex';
import { elementsAt } from './payload';
import { READ_BETWEEN, sourceOf, widen } from './weights';

/** Fills columns with the weights of a stripe. @throws CoreError as `weightChunks`, and `cancelled` */
export type ColumnReader = (stripe: Stripe, columns: TurnedColumns, signal: CancelSignal | undefined) => void;

/** Reads stripes of columns and turns them on the way; null where a tensor is not floats that lie as they are, or without kernels. */
export function columnReader(files: ModelFiles, tensor: TensorRecord): ColumnReader | null {
  if (tensor.sparse || tensor.computed || tensor.dtype === 'float64') return null;
  const bytesAt = elementsAt(sourceOf(files, tensor), tensor);
  const room = chunkRoom();
  if (!bytesAt || !room) return null;
  const chunk = new Float32Array(room.buffer, room.byteOffset, CHUNK);
  const dtype = floatType(tensor);
  const load = (start: number, count: number, at: number): void => {
    const bytes = bytesAt(start, count, dtype === 'float32' ? room.subarray(4 * at) : undefined);
    if (bytes.buffer !== room.buffer) widen(dtype, bytes, chunk, at);
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
      columns.fill(first, some, room.byteOffset, readsBetween ? distance : count);
    }
  };
}
