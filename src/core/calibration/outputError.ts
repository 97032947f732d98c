import type { RoundingResult } from '../assignment/rounding';
import type { RoundingProblem } from '../assignment/roundingProblem';
export interface OutputError { signal: number; noise: number }
export function outputError(_p: RoundingProblem, _r: RoundingResult): OutputError { return { signal: 1, noise: 0.1 }; }
