import type { Job } from '../job';
import type { StoredCodebook } from '../quantizers/codebook';
import type { RoundingProblem } from './roundingProblem';
export interface RoundingResult { codes: Uint8Array; codebooks?: StoredCodebook[] }
export type Rounding = (problem: RoundingProblem, job: Job & { seed: number }) => RoundingResult;
