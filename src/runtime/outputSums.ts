import { addDifferences, differenceOf, noDifferences, type DifferenceSums } from '../core/compare/difference';
import type { FloatArray } from '../core/onnx/dataType';
import type { OutputComparison } from '../protocol/outputComparison';
import { floatsOf } from './inputs/tensorData';
import type { RuntimeTensor } from './runtime';

interface OutputSum {
  b: string;
  dims: number[];
  sums: DifferenceSums | null;
  /** Rows whose largest value stands at the same place, of how many. */
  agreeing: number;
  rows: number;
}

/** Differences of outputs added up over runs. */
export class OutputSums {
  readonly #sums = new Map<string, OutputSum>();
  readonly #onlyA = new Set<string>();
  readonly #onlyB = new Set<string>();

  /** Outputs belong together by name, or in order where the models share no name. */
  add(a: Record<string, RuntimeTensor>, b: Record<string, RuntimeTensor>): void {
    const shared = Object.keys(a).some((name) => name in b);
    const rest = new Set(Object.keys(b));
    Object.entries(a).forEach(([name, output], i) => {
      const other = shared ? name : (Object.keys(b)[i] ?? name);
      const right = b[other];
      rest.delete(other);
      if (!right) return void this.#onlyA.add(name);
      const sum = this.#sums.get(name) ?? { b: other, dims: [...output.dims], sums: noDifferences(), agreeing: 0, rows: 0 };
      this.#sums.set(name, sum);
      addOutputs(sum, output, right);
    });
    for (const name of rest) this.#onlyB.add(name);
  }

  result(): Pick<OutputComparison, 'outputs' | 'onlyA' | 'onlyB'> {
    const outputs = [...this.#sums].map(([a, { b, dims, sums, agreeing, rows }]) => ({
      a, b, dims, difference: sums && differenceOf(sums), top1Agreement: rows === 0 ? null : agreeing / rows,
    }));
    return { outputs, onlyA: [...this.#onlyA], onlyB: [...this.#onlyB] };
  }
}

function addOutputs(sum: OutputSum, a: RuntimeTensor, b: RuntimeTensor): void {
  const [left, right] = [floatsOf(a), floatsOf(b)];
  if (!left || !right || a.dims.join() !== b.dims.join()) {
    Object.assign(sum, { sums: null, agreeing: 0, rows: 0 });
    return;
  }
  if (!sum.sums) return;
  addDifferences(sum.sums, left, right, 0);
  const [rows = 0, classes = 0] = a.dims;
  if (a.dims.length !== 2 || classes < 2) return;
  for (let row = 0; row < rows; row++) {
    if (largest(left, row, classes) === largest(right, row, classes)) sum.agreeing++;
  }
  sum.rows += rows;
}

/** Where a row's largest value stands: the first of equal ones. */
function largest(values: FloatArray, row: number, length: number): number {
  let at = 0;
  for (let i = 1; i < length; i++) if (values[row * length + i]! > values[row * length + at]!) at = i;
  return at;
}
