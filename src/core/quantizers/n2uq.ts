import type { LayerSettings } from '../plan/layerSettings';
import { entropySteps } from './entropySteps';
import { equalSteps, equalStepsCodebook } from './equalSteps';
import type { Quantizer } from './quantizer';
import { midpoints } from './source';
import { shapeQuantizer, unitQuantizer, type Shape } from './unitQuantizer';

/**
 * The weight quantizer of N2UQ as published (Liu et al., Nonuniform-to-uniform quantization, CVPR 2022, and the authors'
 * code): equal steps that clip at (2^b − 1)/2^(b−1) mean magnitudes, so that codes of uniform weights are equally likely.
 * It is a training-time device: the clip lies at 1.06 to 1.41 deviations of Laplacian weights, which without training
 * keeps SQNR below 8.7 dB at any number of bits.
 */
const published = shapeQuantizer(({ bits }) => oddLevels(bits), (_, group, { bits, fit }) => (
  (group.source(fit).meanMagnitude / 2 ** (bits - 1))
));

/**
 * Data-free adaptations, which are ours. With equidistant levels and plain squared error the best thresholds are midway
 * between levels, so N2UQ becomes a uniform quantizer with free offset and step: `mse`. Thresholds of their own pay under
 * another objective: `entropy` keeps codes evenly used.
 */
const free = unitQuantizer((group, { bits, fit, mode }) => {
  if (mode === 'entropy') return entropySteps(group.coarseWeights(), bits, group.signal);
  return equalStepsCodebook(equalSteps(group.source(fit), 2 ** bits), 2 ** bits);
});

/** N2UQ's weight form: `published`, `mse` or `entropy`. */
export const n2uq: Quantizer = {
  unitLevels: (settings: LayerSettings) => (settings.mode === 'published' ? oddLevels(settings.bits).levels : null),
  design: (group, settings, normalizer, signal) => (
    (settings.mode === 'published' ? published : free).design(group, settings, normalizer, signal)
  ),
};

/** −(2^b − 1), …, −1, 1, …, 2^b − 1: the clip is the outermost level. */
function oddLevels(bits: number): Shape {
  const last = 2 ** bits - 1;
  const levels = Float32Array.from({ length: last + 1 }, (_, k) => 2 * k - last);
  return { levels, thresholds: midpoints(levels), limit: last };
}
