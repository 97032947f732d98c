import type { Job } from '../job';
import type { StoredCodebook } from '../quantizers/codebook';
import type { RoundingProblem } from './roundingProblem';

export interface RoundingResult {
  /** [rows, columns] */
  codes: Uint8Array;
  /** One a row, where rounding changed the levels; otherwise the problem's stay. */
  codebooks?: StoredCodebook[];
  /** Δwᵀ C Δw of each row, where the rounding has found it out. */
  errors?: Float64Array;
}

export interface RoundingJob extends Job {
  /** Of whatever a rounding draws; the same seed gives the same codes. */
  seed: number;
}

/**
 * Chooses codes by what they do to a layer's outputs. Never worse than the nearest codes in any row, by `outputError`
 * on the calibration inputs.
 * @throws CoreError `cancelled`
 */
export type Rounding = (problem: RoundingProblem, job: RoundingJob) => RoundingResult;
