import { kernels, type Kernels } from './instance';
import { MOST_COLUMNS, ROW_NUMBERS } from './memoryMap';

/** Columns that a kernel takes at a time. */
const AT_A_TIME = 8;

/** The kernels, if rows as long as this fit into their memory. */
export function kernelsFor(columns: number): Kernels | null {
  return columns <= MOST_COLUMNS ? kernels() : null;
}

/** A number of columns with those that make it whole for the kernels. They hold zeros, so that plain loops may take them along. */
export function paddedColumns(columns: number): number {
  return Math.ceil(columns / AT_A_TIME) * AT_A_TIME;
}

/** Room for the float64 numbers of a row, in the kernels' memory where there are kernels: of one row at a time. */
export class RowNumbers {
  #next = ROW_NUMBERS;

  constructor(readonly columns: number, readonly wasm: Kernels | null = kernelsFor(columns)) {}

  /** One of each column, and more to `paddedColumns`. */
  zeros(columns = this.columns): Float64Array {
    const length = paddedColumns(columns);
    if (!this.wasm) return new Float64Array(length);
    const numbers = new Float64Array(this.wasm.memory.buffer, this.#next, length).fill(0);
    this.#next += numbers.byteLength;
    return numbers;
  }

  from(numbers: ArrayLike<number>): Float64Array {
    const copy = this.zeros(numbers.length);
    copy.set(numbers);
    return copy;
  }
}
