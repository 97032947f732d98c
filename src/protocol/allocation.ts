import type { Allocation, AllocationBasis, Budget } from '../core/allocation/allocateBits';
import type { LayerOption } from '../core/allocation/layerOptions';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { CopySize } from '../core/encodings/copySize';
import type { PartialSettings } from '../core/plan/layerSettings';

/** A layer that is to be given a bit width: what its settings say of the width is disregarded. */
export interface LayerToAllocate {
  layer: number;
  settings: PartialSettings;
}

/** Coding lengths, of whole layers or for each weight of them. */
export interface CodingMeasure {
  of: 'layer' | 'weight';
  /** Squared error allowed a weight. */
  distortion: number;
}

/** A weight's coding length says more of its layer than the layer's, which mostly ranks layers by size. */
export const DEFAULT_CODING: CodingMeasure = { of: 'weight', distortion: 1e-3 };

/** What an allocation is to reach: an average over the weights of all layers, a size on disk or its share of the model's, or an SQNR for each layer. */
export type AllocationTarget = { averageBits: number } | { maxBytes: number } | { maxShare: number } | { minSqnrDb: number };

/** What errors are of: weights, or outputs on calibration data. */
export type MeasuredError = Exclude<AllocationBasis, 'coding-length'>;

export interface AllocationRequest {
  by: AllocationBasis;
  target: AllocationTarget;
  format: CopyFormat;
}

/** Chosen widths, as the copy that they make has them: what is not smaller there is in float. */
export interface ChosenWidths extends Omit<Allocation, 'cost'> {
  size: CopySize;
}

/** One choice of widths, as the copy that it makes has them. */
export interface AllocationPoint {
  /** In the order of the measured layers. */
  bits: LayerOption['bits'][];
  /** As in `Allocation`. */
  noise: number;
  averageBits: number;
  /** The copy on disk. */
  bytes: number;
}

/** What there is to choose from in one unit of cost, by rising cost. */
export interface AllocationCurve {
  /** What loses least by measured error. */
  optimal: AllocationPoint[];
  /** What coding lengths decide; null where they were not measured. */
  codingLength: AllocationPoint[] | null;
}

export interface AllocationCurves extends Record<Budget['unit'], AllocationCurve> {
  /** One width for all layers, from the smallest up. */
  equal: AllocationPoint[];
}
