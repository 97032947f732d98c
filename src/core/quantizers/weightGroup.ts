import { CoreError } from '../errors';
import { throwIfCancelled, type CancelSignal } from '../job';
import { piecesOf } from '../kernels/piece';
import { deviations } from '../kernels/sums';
import { momentsOf } from '../statistics/moments';
import { median } from '../statistics/median';
import { runBlocks, type WeightRun } from '../statistics/weightRun';
import type { WeightGroup } from './quantizer';

/**
 * Weights as a group, with what quantizers ask of them.
 * @throws CoreError `not-quantizable` with reason `not-finite`; `cancelled`
 */
export function weightGroup(weights: WeightRun, tensor: string, signal?: CancelSignal): WeightGroup {
  const moments = momentsOf(runBlocks(weights), signal);
  if (moments.count < weights.length) throw new CoreError('not-quantizable', { tensor }, { reason: 'not-finite' });
  const location = median(weights, signal);
  let deviation = 0;
  for (const block of runBlocks(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) deviation += deviations(piece, location, true);
  }
  return { weights, moments, laplace: { location, scale: deviation / weights.length } };
}
