import { forEachStripeRun, stripeRuns, stripesOf, type Cut, type Stripe, type WeightStripe } from '../assignment/stripes';
import type { ModelFiles } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { floatType, type FloatArray, type FloatType } from './dataType';
import type { TensorRecord } from './modelIndex';
import { allocate, passingChunks, weightReader } from './weights';

/** Memory that stripes of one layer after another are read into: what is left behind is freed late, and may be all of a layer. */
export interface StripeRoom {
  weights?: FloatArray;
}

/**
 * A tensor's weights in stripes; each is valid until the next.
 * @throws CoreError as `weightChunks`, and `cancelled`
 */
export function* weightStripes(
  files: ModelFiles, tensor: TensorRecord, cut: Cut, room: StripeRoom, signal?: CancelSignal,
): Generator<WeightStripe> {
  const { dims } = tensor;
  const read = stripeRuns(dims, cut) === 1 ? inOrder(files, tensor) : fromAnywhere(files, tensor);
  for (const stripe of stripesOf(dims, cut)) {
    const length = stripe.dims.reduce((product, dim) => product * dim, 1);
    const weights = stripeIn(room, floatType(tensor), length);
    read(stripe, weights, signal);
    yield { stripe, weights };
  }
}

type StripeReader = (stripe: Stripe, into: FloatArray, signal: CancelSignal | undefined) => void;

/** Stripes that follow one another. */
function inOrder(files: ModelFiles, tensor: TensorRecord): StripeReader {
  const chunks = passingChunks(files, tensor);
  let chunk: FloatArray = new Float32Array(0);
  return (_, into, signal) => {
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

/** Runs of a stripe, between which others' lie. */
function fromAnywhere(files: ModelFiles, tensor: TensorRecord): StripeReader {
  const read = weightReader(files, tensor);
  return (stripe, into, signal) => forEachStripeRun(tensor.dims, stripe, (from, at, count) => {
    throwIfCancelled(signal);
    read(from, count, into, at);
  });
}

function stripeIn(room: StripeRoom, dtype: FloatType, length: number): FloatArray {
  const known = room.weights;
  if (known && known.length >= length && known instanceof Float64Array === (dtype === 'float64')) return known.subarray(0, length);
  delete room.weights;
  return (room.weights = allocate(dtype, length));
}
