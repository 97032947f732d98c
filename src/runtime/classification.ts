import type { FloatArray } from '../core/onnx/dataType';
import type { Accuracy } from '../protocol/evaluation';
import { floatsOf, isFloatTensor } from './inputs/tensorData';
import type { RuntimeTensor } from './runtime';

/** Classes among which "top 5" says something. */
const TOP = 5;

/** A model's output that has a row of classes for each sample of a run. */
export interface ClassOutput {
  name: string;
  classes: number;
  values: FloatArray;
}

/** The first output that has values of classes, and as many rows as there are samples; or null. */
export function classOutput(outputs: Record<string, RuntimeTensor>, samples: number): ClassOutput | null {
  for (const [name, output] of Object.entries(outputs)) {
    const [rows, classes = 0] = output.dims;
    if (rows !== samples || !hasClasses(output)) continue;
    const values = floatsOf(output);
    if (values) return { name, classes, values };
  }
  return null;
}

/** Whether rows may be values of classes. Whole numbers of more than a byte, which no quantized network ends in, are classes themselves, or places. */
export function hasClasses({ type, dims: [, classes = 0, ...more] }: RuntimeTensor): boolean {
  return classes > 1 && more.length === 0 && (isFloatTensor(type) || type === 'uint8' || type === 'int8');
}

/** Counts the samples whose label is among the largest values. */
export class AccuracyCount {
  #samples = 0;
  #top1 = 0;
  #top5 = 0;
  #classes = 0;

  /** @param labels of the output's samples, each one of its classes */
  add({ classes, values }: ClassOutput, labels: readonly number[]): void {
    this.#classes = classes;
    this.#samples += labels.length;
    labels.forEach((label, row) => {
      const rank = rankOf(values.subarray(row * classes, (row + 1) * classes), label);
      if (rank === 0) this.#top1++;
      if (rank < TOP) this.#top5++;
    });
  }

  result(): Accuracy {
    if (this.#samples === 0) return { top1: null, top5: null };
    return { top1: this.#top1 / this.#samples, top5: this.#classes > TOP ? this.#top5 / this.#samples : null };
  }
}

/** Where a row's largest value stands, the first of equal ones; -1 for a row that holds NaN, which has no largest. */
export function largestOf(row: FloatArray): number {
  if (row.some(Number.isNaN)) return -1;
  let at = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[at]!) at = i;
  return at;
}

/** How many classes come before one, the first of equal ones first; in a row that holds NaN every class comes last. */
function rankOf(row: FloatArray, label: number): number {
  const own = row[label]!;
  if (row.some(Number.isNaN)) return row.length;
  let rank = 0;
  for (let at = 0; at < row.length; at++) if (row[at]! > own || (row[at] === own && at < label)) rank++;
  return rank;
}
