import { liesInOne, stripeRuns, stripesOf, wholeStripe, type Cut, type Stripe, type WeightStripe } from '../groups/stripes';
import type { ModelFiles } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { CHUNK } from '../kernels/memoryMap';
import { chunkBuffer } from '../kernels/piece';
import { stripeWeightBuffer } from '../kernels/stripeBuffers';
import { transposedColumns } from '../kernels/transposedColumns';
import { columnReader } from './columnReader';
import { floatType, type FloatArray, type FloatType } from './dataType';
import { elementCount } from './elementCount';
import type { TensorRecord } from './modelIndex';
import { newFloats, passingChunks, runReader } from './weights';

/** Reused for the stripes of one layer after another: an array that is dropped, as large as a layer, is collected late. */
export interface WeightBuffer {
  weights?: FloatArray;
}

/** What is gone through several times costs less to read again than to hold from about here on. */
const READ_AGAIN = 1 << 20;

/**
 * A tensor's weights in stripes; each is valid until the next.
 * @param cut null where all weights are one group
 * @throws CoreError as `weightChunks`, and `cancelled`
 */
export function weightStripes(
  files: ModelFiles, tensor: TensorRecord, cut: Cut | null, buffer: WeightBuffer, signal?: CancelSignal,
): Iterable<WeightStripe> {
  const { dims, elements: length, sparse, computed, dtype } = tensor;
  if (cut) return stripesInMemory(files, tensor, cut, buffer, signal);
  const isRead = length > READ_AGAIN && !sparse && !computed && dtype !== 'float64';
  if (!isRead) return stripesInMemory(files, tensor, { axis: 0, indices: dims[0] ?? 1 }, buffer, signal);
  return [{ stripe: wholeStripe(dims), weights: { length, read: () => passingChunks(files, tensor, signal, CHUNK, chunkBuffer()) } }];
}

function* stripesInMemory(
  files: ModelFiles, tensor: TensorRecord, cut: Cut, buffer: WeightBuffer, signal: CancelSignal | undefined,
): Generator<WeightStripe> {
  const { dims } = tensor;
  const readColumns = cut.isByColumn ? columnReader(files, tensor) : null;
  let read: StripeReader | undefined;
  for (const stripe of stripesOf(dims, cut)) {
    const length = elementCount(stripe.dims);
    const width = stripe.dims[cut.axis]!;
    const columns = readColumns && transposedColumns(length / width, width);
    if (columns) {
      readColumns(stripe, columns, signal);
      yield { stripe, weights: columns };
      continue;
    }
    const weights = stripeIn(buffer, floatType(tensor), length);
    read ??= liesInOne(dims, cut) ? inOrder(files, tensor, signal) : fromAnywhere(files, tensor, signal);
    read(stripe, weights);
    yield { stripe, weights };
  }
}

type StripeReader = (stripe: Stripe, into: FloatArray) => void;

/** Stripes that follow one another. */
function inOrder(files: ModelFiles, tensor: TensorRecord, signal: CancelSignal | undefined): StripeReader {
  const chunks = passingChunks(files, tensor, signal);
  let chunk: FloatArray = new Float32Array(0);
  return (_, into) => {
    for (let filled = 0; filled < into.length;) {
      throwIfCancelled(signal);
      if (chunk.length === 0) chunk = chunks.next().value as FloatArray;
      const some = chunk.subarray(0, into.length - filled);
      into.set(some, filled);
      filled += some.length;
      chunk = chunk.subarray(some.length);
    }
  };
}

/** Runs that are read between two looks at the cancel signal. */
const RUNS = 256;

/** Runs of a stripe, between which others' lie. */
function fromAnywhere(files: ModelFiles, tensor: TensorRecord, signal: CancelSignal | undefined): StripeReader {
  const read = runReader(files, tensor, signal);
  const { dims } = tensor;
  return (stripe, into) => {
    const { from, count, distance, runs } = stripeRuns(dims, stripe);
    for (let first = 0; first < runs; first += RUNS) {
      throwIfCancelled(signal);
      read({ from: from + first * distance, count, distance, runs: Math.min(RUNS, runs - first) }, into, first * count);
    }
  };
}

function stripeIn(buffer: WeightBuffer, dtype: FloatType, length: number): FloatArray {
  const found = dtype === 'float64' ? null : stripeWeightBuffer(length);
  if (found) return found;
  const known = buffer.weights;
  if (known && known.length >= length && known instanceof Float64Array === (dtype === 'float64')) return known.subarray(0, length);
  delete buffer.weights;
  return (buffer.weights = newFloats(dtype, length));
}
