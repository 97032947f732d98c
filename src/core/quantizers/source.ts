/**
 * What a codebook is designed for, in units of z = (w − mean) / std: the weights of a group, or the density fitted
 * to them. Both answer the one question that design by squared error asks.
 */
export interface Source {
  /** Number of weights; 1 for a density. */
  mass: number;
  /** Σz² */
  energy: number;
  /** Mean of |z|. */
  meanMagnitude: number;
  /** No |z| is larger, or too few to matter. */
  reach: number;
  /**
   * The cells that thresholds divide the line into.
   * @param thresholds ascending
   * @param mass filled with the mass in each cell, one more than thresholds
   * @param moment filled with Σz over each cell
   */
  cells(thresholds: Float64Array, mass: Float64Array, moment: Float64Array): void;
}

/** Mass and first moment of cells, to be filled by `Source.cells`. */
export interface CellSums {
  mass: Float64Array;
  moment: Float64Array;
}

export function cellSums(count: number): CellSums {
  return { mass: new Float64Array(count), moment: new Float64Array(count) };
}

/** Σ(z − level)², from the sums over the levels' cells. */
export function squaredError(source: Source, levels: ArrayLike<number>, { mass, moment }: CellSums): number {
  let error = source.energy;
  for (let k = 0; k < levels.length; k++) {
    const level = levels[k]!;
    error += level * (level * mass[k]! - 2 * moment[k]!);
  }
  return error;
}

/** Where nearest-level assignment changes: midway between neighbours. */
export function midpoints(levels: ArrayLike<number>): Float64Array {
  const thresholds = new Float64Array(Math.max(0, levels.length - 1));
  fillMidpoints(levels, thresholds);
  return thresholds;
}

/** @param thresholds filled in */
export function fillMidpoints(levels: ArrayLike<number>, thresholds: Float64Array): void {
  for (let k = 0; k < thresholds.length; k++) thresholds[k] = (levels[k]! + levels[k + 1]!) / 2;
}
