import { addDifferences, differenceOf, noDifferences, type DifferenceSums } from '../core/compare/difference';
import type { OutputComparison } from '../protocol/outputComparison';
import { hasClasses, largestOf } from './classification';
import { floatsOf } from './inputs/tensorData';
import type { RuntimeTensor } from './runtime';

interface OutputSum {
  b: string;
  dims: number[];
  sums: DifferenceSums | null;
  /** Pairs of numbers, finite or not. */
  pairs: number;
  /** Rows whose largest value stands at the same place, of how many; a row that holds NaN agrees with none. */
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
      const sum = this.#sums.get(name) ?? { b: other, dims: [...output.dims], sums: noDifferences(), pairs: 0, agreeing: 0, rows: 0 };
      this.#sums.set(name, sum);
      addOutputs(sum, output, right);
    });
    for (const name of rest) this.#onlyB.add(name);
  }

  result(): Pick<OutputComparison, 'outputs' | 'onlyA' | 'onlyB'> {
    const outputs = [...this.#sums].map(([a, { b, dims, sums, pairs, agreeing, rows }]) => ({
      a, b, dims,
      difference: sums && differenceOf(sums),
      notFinite: sums && pairs - sums.count,
      top1Agreement: rows === 0 ? null : agreeing / rows,
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
  sum.pairs += left.length;
  if (!hasClasses(a)) return;
  const [rows = 0, classes = 0] = a.dims;
  for (let row = 0; row < rows; row++) {
    const [first, end] = [row * classes, (row + 1) * classes];
    const at = largestOf(left.subarray(first, end));
    if (at >= 0 && at === largestOf(right.subarray(first, end))) sum.agreeing++;
  }
  sum.rows += rows;
}
