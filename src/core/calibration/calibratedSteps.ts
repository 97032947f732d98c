import { cosineRates } from '../assignment/adam';
import { keepBest } from '../assignment/keepBest';
import { firstBook, momentRows, rowOf } from '../assignment/problemRows';
import type { Rounding, RoundingJob } from '../assignment/rounding';
import { throwIfCancelled } from '../job';
import { adamStep } from '../kernels/adamRow';
import type { StoredCodebook } from '../quantizers/codebook';
import type { EqualSteps } from '../quantizers/equalSteps';
import { nodesOf } from './learnedThresholds';
import { errorOf, findGradient, moveCodes, refitted, stepsRow, type StepsRow } from './stepsRow';

const ITERATIONS = 1500;
/** In initial steps. */
const RATE = 5e-3;

/**
 * N2UQ after training, for the outputs of a layer: ours. Each row has equidistant levels of its own, the best for its codes
 * in closed form, and thresholds that are learned as the paper learns those of activations (Liu et al., CVPR 2022): by the
 * straight-through estimator of its section on gradients, G-STE. Rows start from the problem's codebooks, which are taken to
 * have equal steps and not to be divided into blocks, and keep their best.
 */
export const calibratedSteps: Rounding = (problem, job) => stepsLearned(problem, job, ITERATIONS);

/** @param iterations 0 refits the levels of the nearest codes alone */
export function stepsLearned(
  problem: Parameters<Rounding>[0], { signal, onProgress }: Pick<RoundingJob, 'signal' | 'onProgress'>, iterations: number,
): ReturnType<Rounding> {
  const { rows, columns } = problem;
  const rates = cosineRates(RATE, iterations);
  const codes = new Uint8Array(rows * columns);
  const codebooks: StoredCodebook[] = [];
  const momentsOf = momentRows(problem);
  for (let row = 0; row < rows; row++) {
    const { levels } = firstBook(problem, row);
    const start = stepsOf(levels);
    const best = rowOf(codes, problem, row);
    const steps = start.step > 0 ? learnRow(stepsRow(problem, row, start, momentsOf(row)), start, rates, best, signal) : start;
    codebooks.push({ levels: Float64Array.from(levels, (_, k) => steps.lowest + k * steps.step) });
    onProgress?.((row + 1) / rows);
  }
  return keepBest(problem, { codes, codebooks }, signal);
}

function stepsOf(levels: Float32Array): EqualSteps {
  const last = levels.length - 1;
  return { lowest: levels[0]!, step: last > 0 ? (levels[last]! - levels[0]!) / last : 0 };
}

/**
 * @param best filled with the codes of least output error on the way
 * @returns the steps that go with them
 */
function learnRow(
  row: StepsRow, start: EqualSteps, rates: Float64Array, best: Uint8Array, signal: RoundingJob['signal'],
): EqualSteps {
  let steps = start;
  let found = { error: Infinity, steps };
  for (let t = 0; ; t++) {
    throwIfCancelled(signal);
    nodesOf(row.adam.parameters, row.nodes);
    if (moveCodes(row)) {
      steps = refitted(row, steps);
      const error = errorOf(row, steps);
      if (error < found.error) {
        found = { error, steps };
        best.set(row.codes.vector.subarray(0, best.length));
      }
    }
    if (t === rates.length) return found.steps;
    findGradient(row, steps);
    adamStep(row.adam, rates[t]!);
  }
}
