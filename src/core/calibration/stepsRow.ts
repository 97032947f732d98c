import { firstBook, rowOf } from '../assignment/problemRows';
import type { RoundingProblem } from '../assignment/roundingProblem';
import { adamRow, type AdamRow } from '../kernels/adamRow';
import type { MatrixRows } from '../kernels/matrixRows';
import { RowNumbers } from '../kernels/rowNumbers';
import { quadraticForm, innerProduct, RowProduct } from '../kernels/rowProduct';
import type { EqualSteps } from '../quantizers/equalSteps';
import { thresholdGradient } from './learnedThresholds';

/** A row whose levels have equal steps, with all codes 0. */
export interface StepsRow {
  /** The weights in initial steps, ascending, and where each stands in the row. */
  x: Float64Array;
  order: Uint32Array;
  /** C times the codes, ones and weights of the row: with these, levels change without a product of all of C. */
  codes: RowProduct;
  ones: RowProduct;
  weights: RowProduct;
  /** What the thresholds follow from, and the nodes that they lie between. */
  adam: AdamRow;
  nodes: Float64Array;
  /** Of each threshold, how many of x lie below it. */
  below: Uint32Array;
  /** The gradient of the rounded weights, but for a factor of each row. */
  outer: Float64Array;
}

/** @param start equal steps of more than 0 */
export function stepsRow(problem: RoundingProblem, row: number, start: EqualSteps, moments: MatrixRows): StepsRow {
  const { columns } = problem;
  const weights = rowOf(problem.weights, problem, row);
  const levels = firstBook(problem, row).levels.length;
  const order = Uint32Array.from(weights.keys()).sort((a, b) => weights[a]! - weights[b]!);
  const numbers = new RowNumbers(columns);
  return {
    order,
    x: Float64Array.from(order, (j) => (weights[j]! - start.lowest) / start.step),
    codes: new RowProduct(moments, numbers, []),
    ones: new RowProduct(moments, numbers, new Float64Array(columns).fill(1)),
    weights: new RowProduct(moments, numbers, weights),
    adam: adamRow(numbers, Float64Array.from({ length: levels }, (_, i) => (i === 0 ? 0 : 1))),
    nodes: new Float64Array(levels),
    below: new Uint32Array(levels - 1).fill(columns),
    outer: new Float64Array(columns),
  };
}

/** Fills the gradient of what the thresholds follow from. */
export function findGradient({ x, order, codes, ones, weights, adam, nodes, outer }: StepsRow, { lowest, step }: EqualSteps): void {
  const [coded, one, weighted] = [codes.product, ones.product, weights.product];
  for (let j = 0; j < outer.length; j++) outer[j] = lowest * one[j]! + step * coded[j]! - weighted[j]!;
  thresholdGradient(x, order, outer, adam.parameters, nodes, adam.gradient);
}

/** Moves the weights that a threshold has passed to the next code. @returns whether there are any */
export function moveCodes({ x, order, nodes, below, codes }: StepsRow): boolean {
  let moved = false;
  for (let i = 0; i < below.length; i++) {
    const threshold = (nodes[i]! + nodes[i + 1]!) / 2;
    let at = below[i]!;
    for (; at > 0 && x[at - 1]! > threshold; at--) codes.change(order[at - 1]!, 1);
    for (; at < x.length && x[at]! <= threshold; at++) codes.change(order[at]!, -1);
    moved ||= at !== below[i];
    below[i] = at;
  }
  return moved;
}

/** The steps of least output error for the codes: generalised least squares. `before` where they are not determined. */
export function refitted({ codes, ones, weights }: StepsRow, before: EqualSteps): EqualSteps {
  const { wasm } = codes;
  const m0 = quadraticForm(ones);
  const m1 = innerProduct(wasm, codes.vector, ones.product);
  const m2 = quadraticForm(codes);
  const y0 = innerProduct(wasm, ones.vector, weights.product);
  const y1 = innerProduct(wasm, codes.vector, weights.product);
  const determinant = m0 * m2 - m1 * m1;
  if (!(determinant > 1e-12 * m0 * m2)) return before;
  const step = (m0 * y1 - m1 * y0) / determinant;
  return step > 0 ? { lowest: (y0 - step * m1) / m0, step } : before;
}

/** Δwᵀ C Δw */
export function errorOf({ codes, ones, weights }: StepsRow, { lowest, step }: EqualSteps): number {
  const [coded, one, weighted] = [codes.product, ones.product, weights.product];
  let error = 0;
  for (let j = 0; j < coded.length; j++) {
    const delta = lowest * ones.vector[j]! + step * codes.vector[j]! - weights.vector[j]!;
    error += delta * (lowest * one[j]! + step * coded[j]! - weighted[j]!);
  }
  return error;
}
