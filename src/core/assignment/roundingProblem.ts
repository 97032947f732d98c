import type { InputMoments } from '../calibration/inputMoments';
import type { Codebook } from '../quantizers/codebook';

/** A codebook, and its levels bit for bit as a copy stores them: errors are those of the stored levels. */
export interface RoundingCodebook {
  codebook: Codebook;
  levels: Float32Array;
}

/** A layer as the matrix that its inputs are multiplied by, with what calibrated rounding needs to choose codes. */
export interface RoundingProblem {
  /** Outputs. They divide evenly and in order among `moments.groups`. */
  rows: number;
  /** Inputs of each row, `moments.columns`. */
  columns: number;
  /** [rows, columns], row-major. */
  weights: Float32Array;
  codebooks: RoundingCodebook[];
  /** [rows, ⌈columns / blockColumns⌉]: which codebook serves a block of neighbouring weights of a row. */
  codebookOf: Int32Array;
  /** Neighbours in a row that share a codebook: `columns` where rows are not divided into blocks. */
  blockColumns: number;
  moments: InputMoments;
}
