import type { Normalization } from '../plan/layerSettings';
import { standardDeviation, type Moments } from '../statistics/moments';
import type { Normalizer } from './quantizer';

/**
 * What `normalize` means for the weights that share a codebook:
 * - `none`: nothing is subtracted; supports designed on the unit source still scale with the group's own deviation.
 * - `layer`: mean and deviation of the group: the layer's, or per channel the channel's.
 * - `model`: mean and deviation over the weights of all quantizable layers.
 */
export function normalizerFor(normalize: Normalization, group: Moments, model: Moments): Normalizer {
  const source = normalize === 'model' ? model : group;
  return { mean: normalize === 'none' ? 0 : source.mean, std: standardDeviation(source) };
}
