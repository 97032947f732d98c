import { assignNearest } from '../../../../src/core/assignment/nearest';
import { sqnrDb } from '../../../../src/core/metrics/errorMeasures';
import { predictedMse } from '../../../../src/core/metrics/laplacianDistortion';
import type { FloatArray } from '../../../../src/core/onnx/dataType';
import { completeSettings, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { normalizerFor } from '../../../../src/core/quantizers/normalizer';
import type { Quantizer, WeightGroup } from '../../../../src/core/quantizers/quantizer';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { median } from '../../../../src/core/statistics/median';

export function groupOf(weights: FloatArray): WeightGroup {
  const moments = momentsOf([weights]);
  const location = median(weights, moments);
  const scale = Array.from(weights).reduce((sum, w) => sum + Math.abs(w - location), 0) / weights.length;
  return { weights, moments, laplace: { location, scale } };
}

/** A codebook designed on weights by one method, normalised by the layer's mean and deviation unless said otherwise. */
export function designed(quantizer: Quantizer, weights: FloatArray, settings: PartialSettings): Codebook {
  const group = groupOf(weights);
  const complete = completeSettings({ normalize: 'layer', ...settings });
  return quantizer.design(group, complete, normalizerFor(complete.normalize, group.moments, group.moments));
}

/** What the codebook makes of the weights, in double precision. */
export function quantizedBy(codebook: Codebook, weights: FloatArray): number[] {
  const codes = new Uint8Array(weights.length);
  assignNearest(weights, codebook, codes);
  return Array.from(codes, (code) => codebook.levels[code]!);
}

export function measuredSqnr(codebook: Codebook, weights: FloatArray): number {
  const quantized = quantizedBy(codebook, weights);
  const noise = quantized.reduce((sum, q, i) => sum + (q - weights[i]!) ** 2, 0);
  return sqnrDb(Array.from(weights).reduce((sum, w) => sum + w * w, 0), noise);
}

/** On the unit-variance Laplacian. */
export function theoreticalSqnr(codebook: Pick<Codebook, 'levels' | 'thresholds'>): number {
  return -10 * Math.log10(predictedMse(codebook, { location: 0, scale: Math.SQRT1_2 }));
}
