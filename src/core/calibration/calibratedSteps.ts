import { BETA1, BETA2, cosineRates } from '../assignment/adam';
import { keepBest } from '../assignment/keepBest';
import { firstBook, rowMoments, rowOf } from '../assignment/problemRows';
import type { Rounding, RoundingJob } from '../assignment/rounding';
import { changeEntry, innerProduct, rowProduct, type RowProduct } from '../assignment/rowProduct';
import { throwIfCancelled } from '../job';
import type { StoredCodebook } from '../quantizers/codebook';
import type { EqualSteps } from '../quantizers/equalSteps';
import { nodesOf, thresholdGradient } from './learnedThresholds';

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
  for (let row = 0; row < rows; row++) {
    const { levels } = firstBook(problem, row);
    const steps = learnRow(rowOf(problem.weights, problem, row), levels, rowMoments(problem, row), rates, rowOf(codes, problem, row), signal);
    codebooks.push({ levels: Float64Array.from(levels, (_, k) => steps.lowest + k * steps.step) });
    onProgress?.((row + 1) / rows);
  }
  return keepBest(problem, { codes, codebooks }, signal);
}

/**
 * @param best filled with the codes of least output error on the way
 * @returns the steps that go with them
 */
function learnRow(
  weights: Float32Array, levels: Float32Array, moments: Float32Array, rates: Float64Array, best: Uint8Array,
  signal: RoundingJob['signal'],
): EqualSteps {
  const columns = weights.length;
  const last = levels.length - 1;
  const start = { lowest: levels[0]!, step: last > 0 ? (levels[last]! - levels[0]!) / last : 0 };
  if (!(start.step > 0)) return start;
  const order = Uint32Array.from(weights.keys()).sort((a, b) => weights[a]! - weights[b]!);
  const x = Float64Array.from(order, (j) => (weights[j]! - start.lowest) / start.step);
  const row: StepsRow = {
    codes: rowProduct(moments, new Float64Array(columns)),
    ones: rowProduct(moments, new Float64Array(columns).fill(1)),
    weights: rowProduct(moments, Float64Array.from(weights)),
  };

  const parameters = new Float64Array(levels.length).fill(1);
  parameters[0] = 0;
  const nodes = new Float64Array(levels.length);
  /** Of each threshold, how many of x lie below it. */
  const below = new Uint32Array(last).fill(columns);
  const [gradient, mean, square] = [0, 0, 0].map(() => new Float64Array(levels.length)) as [Float64Array, Float64Array, Float64Array];
  const outer = new Float64Array(columns);
  let steps = start;
  let found = { error: Infinity, steps };
  for (let t = 0; ; t++) {
    throwIfCancelled(signal);
    nodesOf(parameters, nodes);
    if (moveCodes(x, order, nodes, below, row.codes, moments)) {
      steps = refitted(row, steps);
      const error = errorOf(row, steps);
      if (error < found.error) {
        found = { error, steps };
        best.set(row.codes.vector);
      }
    }
    if (t === rates.length) return found.steps;
    for (let j = 0; j < columns; j++) {
      outer[j] = steps.lowest * row.ones.product[j]! + steps.step * row.codes.product[j]! - row.weights.product[j]!;
    }
    thresholdGradient(x, order, outer, parameters, nodes, gradient);
    for (let i = 0; i < parameters.length; i++) {
      mean[i] = BETA1 * mean[i]! + (1 - BETA1) * gradient[i]!;
      square[i] = BETA2 * square[i]! + (1 - BETA2) * gradient[i]! ** 2;
      if (square[i]! > 0) parameters[i]! -= (rates[t]! * mean[i]!) / Math.sqrt(square[i]!);
    }
  }
}

/** C times the codes, ones and weights of a row: with these, levels change without a product of all of C. */
interface StepsRow {
  codes: RowProduct;
  ones: RowProduct;
  weights: RowProduct;
}

/** Moves the weights that a threshold has passed to the next code. @returns whether there are any */
function moveCodes(
  x: Float64Array, order: Uint32Array, nodes: Float64Array, below: Uint32Array, codes: RowProduct, moments: Float32Array,
): boolean {
  let moved = false;
  for (let i = 0; i < below.length; i++) {
    const threshold = (nodes[i]! + nodes[i + 1]!) / 2;
    let at = below[i]!;
    for (; at > 0 && x[at - 1]! > threshold; at--) changeEntry(moments, codes, order[at - 1]!, 1);
    for (; at < x.length && x[at]! <= threshold; at++) changeEntry(moments, codes, order[at]!, -1);
    moved ||= at !== below[i];
    below[i] = at;
  }
  return moved;
}

/** The steps of least output error for the codes: generalised least squares. `before` where they are not determined. */
function refitted({ codes, ones, weights }: StepsRow, before: EqualSteps): EqualSteps {
  const m0 = innerProduct(ones.vector, ones.product);
  const m1 = innerProduct(codes.vector, ones.product);
  const m2 = innerProduct(codes.vector, codes.product);
  const y0 = innerProduct(ones.vector, weights.product);
  const y1 = innerProduct(codes.vector, weights.product);
  const determinant = m0 * m2 - m1 * m1;
  if (!(determinant > 1e-12 * m0 * m2)) return before;
  const step = (m0 * y1 - m1 * y0) / determinant;
  return step > 0 ? { lowest: (y0 - step * m1) / m0, step } : before;
}

/** Δwᵀ C Δw */
function errorOf({ codes, ones, weights }: StepsRow, { lowest, step }: EqualSteps): number {
  let error = 0;
  for (let j = 0; j < codes.vector.length; j++) {
    const delta = lowest + step * codes.vector[j]! - weights.vector[j]!;
    error += delta * (lowest * ones.product[j]! + step * codes.product[j]! - weights.product[j]!);
  }
  return error;
}
