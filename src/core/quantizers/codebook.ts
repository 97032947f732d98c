/**
 * What a quantizer designs, in the units of the weights: `levels` ascending, and `thresholds` with one entry fewer, so
 * that code k stands for weights between `thresholds[k-1]` and `thresholds[k]`. Assignment is by threshold, not by
 * nearest level: SPTQ's thresholds are not midpoints.
 */
export interface Codebook {
  levels: Float64Array;
  thresholds: Float64Array;
  /** Present when level k = scale · (k − zeroPoint) + offset, so that integers and a scale can be stored. */
  uniform?: UniformGrid;
  /** Support region [lo, hi]: outside it weights are clipped (overload distortion). */
  support: [number, number];
}

export interface UniformGrid {
  /** Positive. */
  scale: number;
  /** A code, whole or (mid-rise) half-way between two. */
  zeroPoint: number;
  /** The mean added back by normalisation; 0 without. */
  offset: number;
  kind: 'symmetric' | 'mid-rise' | 'affine';
}
