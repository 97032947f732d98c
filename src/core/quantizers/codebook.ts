/** One or the other, whichever a design has. */
type Numbers = Float64Array | number[];

/**
 * What a quantizer designs, in the units of the weights: `levels` ascending, and `thresholds` with one entry fewer, so
 * that code k stands for weights between `thresholds[k-1]` and `thresholds[k]`. Assignment is by threshold, not by
 * nearest level: SPTQ's thresholds are not midpoints.
 */
export interface Codebook {
  levels: Numbers;
  thresholds: Numbers;
  /** Present when level k = scale · (k − zeroPoint) + offset, so that integers and a scale can be stored. */
  uniform?: UniformGrid;
  /** Present when the quantizer's `unitLevels` gives `unit`: level k = scale · unit[k] + offset. */
  scaled?: ScaledLevels;
  /** Weights on a threshold go to the cell further from here, on this very value to the upper one. 0 when left out. */
  centre?: number;
  /** Support region [lo, hi]: outside it weights are clipped (overload distortion). */
  support: [number, number];
}

export interface UniformGrid {
  /** Levels, and codes: from 0 on. */
  count: number;
  /** Positive. */
  scale: number;
  /** A code, whole or (mid-rise) half-way between two. */
  zeroPoint: number;
  /** The mean added back by normalisation; 0 without. */
  offset: number;
  kind: 'symmetric' | 'mid-rise' | 'affine';
}

/** What is kept of a codebook in a copy: levels that follow from a scale are not. */
export type StoredCodebook = Pick<Codebook, 'uniform' | 'scaled'> & Partial<Pick<Codebook, 'levels'>>;

/** Levels that differ between groups by a scale and an offset alone, so that a copy stores them once. */
export interface ScaledLevels {
  /** Ascending, float32 numbers. */
  unit: ArrayLike<number>;
  /** Positive. */
  scale: number;
  /** The mean added back by normalisation; 0 without. */
  offset: number;
}
