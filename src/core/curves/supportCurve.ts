import { predictedMse } from '../metrics/laplacianDistortion';
import { sqnrDb } from '../metrics/errorMeasures';
import type { FloatType } from '../onnx/dataType';
import {
  completeSettings, SUPPORT_REGIONS, type BitWidth, type Grid, type LayerSettings, type Support, type SupportRegion,
} from '../plan/layerSettings';
import type { QuantizeContext } from '../quantizeGroup';
import { normalizerFor } from '../quantizers/normalizer';
import { midRiseDistortion } from '../quantizers/supportRegion';
import { uniformLimit } from '../quantizers/uniform';
import { GridCodebook } from '../quantizers/gridCodebook';
import { uniformGrid } from '../quantizers/uniformGrid';
import type { Detail, LayerSample } from './layerSample';
import { tried } from './triedSettings';

export interface SupportPoint {
  /** In standard deviations. */
  limit: number;
  sqnrDb: number;
  /** Of the same grid on the unit Laplacian. */
  theorySqnrDb: number;
}

/** SQNR of a layer's uniform quantizer against its support limit: one codebook for the whole tensor. */
export interface SupportCurve {
  detail: Detail;
  weights: number;
  bits: BitWidth;
  grid: Grid;
  points: SupportPoint[];
  /** What the named choices come to on this layer, in the same units; none for constant weights. */
  named: (SupportPoint & { region: SupportRegion })[];
  /** What limits are counted from and in, the normalizer's: a support is mean ± limit · std in weights. */
  mean: number;
  std: number;
}

/** The uniform quantizer that a curve is of: settings' own bits, normalisation and, where it is uniform too, grid. */
export function curveSettings({ method, bits, grid, normalize }: LayerSettings): LayerSettings {
  return completeSettings({ bits, normalize, granularity: 'tensor', ...(method === 'uniform' && { grid }) });
}

/**
 * The figure by which a support region is chosen, as in Tomić, Nikolić and Perić's papers on two- and three-bit uniform
 * quantization of weights: measured on the layer, and in theory for Laplacian weights.
 *
 * @param sample the layer per tensor
 * @param settings `curveSettings`
 * @param dtype of the layer
 * @throws CoreError `cancelled`
 */
export function supportCurve(
  sample: LayerSample, settings: LayerSettings, limits: readonly number[], dtype: FloatType, context: QuantizeContext,
): SupportCurve {
  const { bits, grid, normalize } = settings;
  const group = sample.groups[0]!;
  const { moments } = group;
  const normalizer = normalizerFor(normalize, moments, context.modelMoments ?? moments);
  // An affine grid that the search found may reach beyond the weights, as no limit makes it do.
  const pointAt = (limit: number, support: Support = limit): SupportPoint => ({
    limit,
    sqnrDb: tried(sample, { ...settings, support }, dtype, context).sqnrDb,
    theorySqnrDb: sqnrDb(1, laplacianDistortion(grid, bits, limit)),
  });
  const limitOf = (support: SupportRegion): number => (
    uniformLimit(group, { bits, grid, support }, normalizer, context.signal) / normalizer.std
  );
  const regions = moments.min === moments.max ? [] : SUPPORT_REGIONS;
  return {
    detail: sample.detail,
    weights: sample.weights,
    bits,
    grid,
    points: limits.map((limit) => pointAt(limit)),
    named: regions.map((region) => ({ region, ...pointAt(limitOf(region), region) })),
    ...normalizer,
  };
}

/** Mean squared error of a grid on the Laplacian of zero mean and unit variance. */
export function laplacianDistortion(grid: Grid, bits: BitWidth, limit: number): number {
  if (grid === 'mid-rise') return midRiseDistortion(limit, 2 ** bits);
  const unbounded = { min: -Infinity, max: Infinity };
  const codebook = new GridCodebook(uniformGrid(grid, bits, 0, limit, unbounded), [-limit, limit]);
  return predictedMse(codebook, { location: 0, scale: Math.SQRT1_2 });
}
