/**
 * What calibration keeps of a layer's inputs: their first and second moments over all positions, a position being one
 * vector x that a row of weights is multiplied by (a sample's features; of a convolution, a patch under the kernel). With
 * C = E[x xᵀ], quantization changes an output by E[(Δw·x)²] = Δwᵀ C Δw on average.
 */
export interface InputMoments {
  /** Of a grouped convolution, each with inputs of its own; 1 elsewhere. */
  groups: number;
  /** Length of x, inputs of one row. */
  columns: number;
  /** Vectors that the means are over. */
  positions: number;
  /** E[x xᵀ], [groups, columns, columns] in row-major order. */
  second: Float32Array;
  /** E[x], [groups, columns]. */
  first: Float32Array;
}
