import { FEWEST_COLUMNS, ROWS, scatter, strideOf, wholeEights } from './columnBuffer';
import { kernels } from './instance';
import { CHUNK, PIECE, STRIPE_CODES, STRIPE_WEIGHTS, TRANSPOSED_CAPACITY } from './memoryMap';

/** A stripe of columns of a float32 matrix, the weights of each side by side, with room for their codes. */
export interface TransposedColumns {
  columns: number;
  weights(column: number): Float32Array;
  codes(column: number): Uint8Array;
  /**
   * Fills in so many rows from `first` on, a multiple of 16. Whole sixteens of rows and eights of columns are looked at, whatever
   * is behind the last.
   * @param from where the first is in the kernels' memory, in bytes; the others follow `distance` weights behind each other
   */
  fill(first: number, count: number, from: number, distance: number): void;
  /** Puts the codes into the rows of a matrix, the first at `start` and each `distance` behind the one before. */
  scatter(codes: Uint8Array, start: number, distance: number): void;
}

/** How many columns of so many rows there is room for. Sixteen rows of them are a chunk, so that they can be read at once. */
export function mostColumns(rows: number): number {
  return Math.min(8 * Math.floor(TRANSPOSED_CAPACITY / strideOf(rows) / 8), CHUNK / ROWS);
}

/** Room for such a stripe in the kernels' memory, of one use at a time; null where there is none, or few columns are sooner copied. */
export function transposedColumns(rows: number, columns: number): TransposedColumns | null {
  const wasm = columns >= FEWEST_COLUMNS && columns <= mostColumns(rows) ? kernels() : null;
  if (!wasm) return null;
  const { buffer } = wasm.memory;
  const stride = strideOf(rows);
  const width = wholeEights(columns);
  return {
    columns,
    weights: (column) => new Float32Array(buffer, STRIPE_WEIGHTS + 4 * column * stride, rows),
    codes: (column) => new Uint8Array(buffer, STRIPE_CODES + column * stride, rows),
    fill(first, count, from, distance) {
      for (let row = 0; row < count; row += ROWS) {
        wasm.transposeSingles(from + 4 * row * distance, 4 * distance, width, STRIPE_WEIGHTS + 4 * (first + row), 4 * stride);
      }
    },
    scatter(codes, start, distance) {
      for (let column = 0; column < columns; column += PIECE / ROWS) {
        const starts = Array.from({ length: rows }, (_, row) => start + row * distance + column);
        scatter(wasm, STRIPE_CODES + column * stride, codes, starts, Math.min(PIECE / ROWS, columns - column), stride);
      }
    },
  };
}
