import { CoreError } from '../errors';
import type { CancelSignal } from '../job';
import type { Layer } from '../onnx/layer';
import { countedFit } from '../statistics/countedFit';
import { absDeviationSum } from '../statistics/absDeviationSum';
import { momentsOf, type Moments } from '../statistics/moments';
import { median } from '../statistics/median';
import { slicesOfSource, type WeightSource } from '../statistics/weightSource';
import type { WeightGroup } from './quantizer';
import { unusableReason } from './unusableWeights';

/** So many weights are looked at once for their fit too, which no method needs more closely. */
const MANY = 1 << 21;

/**
 * Weights as a group, with what quantizers ask of them: exactly, but for the fit of 2 Mi float32 weights and more (`countedFit`).
 * @throws CoreError `not-quantizable` with reason `not-finite`, `too-large` or `too-small`; `cancelled`
 */
export function weightGroup(weights: WeightSource, { name, dtype }: Pick<Layer, 'name' | 'dtype'>, signal?: CancelSignal): WeightGroup {
  const isCounted = weights.length >= MANY && !(weights instanceof Float64Array);
  const { moments, laplace } = isCounted
    ? countedFit(slicesOfSource(weights), signal)
    : { moments: momentsOf(slicesOfSource(weights), signal), laplace: null };
  const reason = unusableReason(moments, weights.length, dtype);
  if (reason) throw new CoreError('not-quantizable', { tensor: name }, { reason });
  return { weights, moments, laplace: laplace ?? exactFit(weights, moments, signal) };
}

function exactFit(weights: WeightSource, moments: Moments, signal: CancelSignal | undefined): WeightGroup['laplace'] {
  const location = median(weights, moments, signal);
  return { location, scale: absDeviationSum(weights, location, signal) / weights.length };
}
