import type { ModelFiles } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { floatType, type FloatArray, type FloatType } from './dataType';
import type { TensorRecord } from './modelIndex';
import { allocate, passingChunks } from './weights';

/** Memory that stripes of one layer after another are read into: what is left behind is freed late, and may be all of a layer. */
export interface StripeRoom {
  weights?: FloatArray;
}

/**
 * A tensor's weights in order, in stripes of exactly so many, but for the last one; each is valid until the next.
 * @throws CoreError as `weightChunks`, and `cancelled`
 */
export function* weightStripes(
  files: ModelFiles, tensor: TensorRecord, length: number, room: StripeRoom, signal?: CancelSignal,
): Generator<FloatArray> {
  const stripe = stripeIn(room, floatType(tensor), Math.min(length, tensor.elements));
  let filled = 0;
  for (const chunk of passingChunks(files, tensor)) {
    throwIfCancelled(signal);
    for (let at = 0, count = 0; at < chunk.length; at += count) {
      count = Math.min(chunk.length - at, stripe.length - filled);
      stripe.set(chunk.subarray(at, at + count), filled);
      filled += count;
      if (filled < stripe.length) continue;
      yield stripe;
      filled = 0;
    }
  }
  if (filled > 0) yield stripe.subarray(0, filled);
}

function stripeIn(room: StripeRoom, dtype: FloatType, length: number): FloatArray {
  const known = room.weights;
  if (known && known.length >= length && known instanceof Float64Array === (dtype === 'float64')) return known.subarray(0, length);
  delete room.weights;
  return (room.weights = allocate(dtype, length));
}
