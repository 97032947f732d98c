import { throwIfCancelled, type CancelSignal } from '../job';
import { piecesOf } from '../kernels/piece';
import { deviations } from '../kernels/sums';
import { runBlocks, type WeightRun } from './weightRun';

/** Σ|w − centre| over finite weights. @throws CoreError `cancelled` */
export function deviationSum(weights: WeightRun, centre: number, signal?: CancelSignal): number {
  let sum = 0;
  for (const block of runBlocks(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) sum += deviations(piece, centre, true);
  }
  return sum;
}
