import { throwIfCancelled, type CancelSignal } from '../job';
import { piecesOf } from '../kernels/piece';
import { absDeviations } from '../kernels/sums';
import { slicesOfSource, type WeightSource } from './weightSource';

/** Σ|w − centre| over finite weights. @throws CoreError `cancelled` */
export function absDeviationSum(weights: WeightSource, centre: number, signal?: CancelSignal): number {
  let sum = 0;
  for (const block of slicesOfSource(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) sum += absDeviations(piece, centre, true);
  }
  return sum;
}
