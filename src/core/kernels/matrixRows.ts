import type { Kernels } from './instance';
import { ADDED_FACTORS, ADDED_ROWS, MATRIX_ROWS, MATRIX_ROWS_END, MOST_ADDED } from './memoryMap';
import { kernelsFor, paddedColumns } from './rowNumbers';

/**
 * Rows of a float32 matrix [columns, columns], to be added to `RowNumbers`: of one matrix at a time. The kernels keep copies
 * of those that were asked for, as long as there is room, and add several at once, which touches the sum less often.
 */
export class MatrixRows {
  readonly #stride: number;
  readonly #capacity: number;
  /** Of each row, one more than the place of its copy; 0 where there is none. */
  readonly #places: Uint32Array;
  #copies = 0;
  /** What the kernel adds. */
  readonly #addresses: Uint32Array;
  readonly #factors: Float64Array;

  constructor(readonly matrix: Float32Array, readonly columns: number, readonly wasm: Kernels | null = kernelsFor(columns)) {
    this.#stride = 4 * paddedColumns(columns);
    this.#capacity = Math.floor((MATRIX_ROWS_END - MATRIX_ROWS) / this.#stride);
    this.#places = new Uint32Array(columns);
    this.#addresses = wasm ? new Uint32Array(wasm.memory.buffer, ADDED_ROWS, MOST_ADDED) : new Uint32Array();
    this.#factors = wasm ? new Float64Array(wasm.memory.buffer, ADDED_FACTORS, MOST_ADDED) : new Float64Array();
  }

  /** into += Σ factor · row over the first `count` of `rows`, at most `MOST_ADDED`. */
  addTo(into: Float64Array, rows: Uint32Array, factors: Float64Array, count: number): void {
    const { wasm } = this;
    if (!wasm) return plainAddRows(this, into, rows, factors, count);
    this.#forgetIfFull(rows, count);
    for (let i = 0; i < count; i++) {
      this.#addresses[i] = this.#addressOf(wasm, rows[i]!);
      this.#factors[i] = factors[i]!;
    }
    wasm.addRows(into.byteOffset, into.length, ADDED_ROWS, ADDED_FACTORS, count);
  }

  #addressOf(wasm: Kernels, row: number): number {
    this.#places[row] ||= this.#copy(wasm, row);
    return MATRIX_ROWS + (this.#places[row]! - 1) * this.#stride;
  }

  /** @returns one more than the place of the copy */
  #copy(wasm: Kernels, row: number): number {
    const at = MATRIX_ROWS + this.#copies * this.#stride;
    const copy = new Float32Array(wasm.memory.buffer, at, this.#stride / 4);
    copy.set(this.matrix.subarray(row * this.columns, (row + 1) * this.columns));
    copy.fill(0, this.columns);
    return ++this.#copies;
  }

  /** Forgets all copies where those that are missing would not fit. */
  #forgetIfFull(rows: Uint32Array, count: number): void {
    let needed = this.#copies;
    for (let i = 0; i < count; i++) if (this.#places[rows[i]!] === 0) needed++;
    if (needed <= this.#capacity) return;
    this.#places.fill(0);
    this.#copies = 0;
  }
}

function plainAddRows(
  { matrix, columns }: MatrixRows, into: Float64Array, rows: Uint32Array, factors: Float64Array, count: number,
): void {
  for (let i = 0; i < count; i++) {
    const start = rows[i]! * columns;
    for (let j = 0; j < columns; j++) into[j]! += factors[i]! * matrix[start + j]!;
  }
}
