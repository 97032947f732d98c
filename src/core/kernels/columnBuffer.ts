import { GAP, type GatherBuffer } from './gatherBuffer';
import { kernels, type Kernels } from './instance';
import { CODES, COLUMN_CODES, COLUMN_WEIGHTS, COLUMNS_CAPACITY, PIECE, WORK } from './memoryMap';

/** Rows that the kernels take at a time, for which there is room where a piece would be. */
export const ROWS = 16;
const MOST = PIECE / ROWS;
/** Fewer columns are sooner copied weight by weight. */
export const FEWEST_COLUMNS = 16;

/**
 * Room for columns of float32 matrices, which are groups of single weights, in the kernels' memory: of one use at a time.
 * Null without kernels, and where few columns would be gathered at a time.
 *
 * @param columns of a matrix
 * @param length of a column
 */
export function columnBuffer(columns: number, length: number): GatherBuffer | null {
  const wasm = kernels();
  const stride = strideOf(length);
  const most = Math.min(MOST, Math.floor(COLUMNS_CAPACITY / stride / 8) * 8);
  if (!wasm || Math.min(most, columns) < FEWEST_COLUMNS) return null;
  const { buffer } = wasm.memory;
  return {
    most, stride,
    weights: new Float32Array(buffer, COLUMN_WEIGHTS, most * stride), codes: new Uint8Array(buffer, COLUMN_CODES, most * stride),
    gather: (weights, { starts }, count) => gather(wasm, weights as Float32Array, starts, count, stride),
    scatter: (codes, { starts }, count) => scatter(wasm, COLUMN_CODES, codes, starts, count, stride),
  };
}

function gather(wasm: Kernels, weights: Float32Array, starts: readonly number[], count: number, stride: number): void {
  const width = wholeEights(count);
  const rows = new Float32Array(wasm.memory.buffer, WORK, ROWS * width);
  const row = rowLength(wasm, weights, starts);
  for (let first = 0; first < starts.length; first += ROWS) {
    const into = COLUMN_WEIGHTS + 4 * first;
    if (row > 0 && first + ROWS <= starts.length) {
      wasm.transposeSingles(weights.byteOffset + 4 * starts[first]!, 4 * row, width, into, 4 * stride);
      continue;
    }
    for (let i = 0; i < ROWS && first + i < starts.length; i++) {
      const start = starts[first + i]!;
      rows.set(weights.subarray(start, start + count), i * width);
    }
    wasm.transposeSingles(WORK, 4 * width, width, into, 4 * stride);
  }
}

/** Columns of codes, the first at `from` and each `stride` behind the one before, to rows with these starts. */
export function scatter(
  wasm: Kernels, from: number, codes: Uint8Array, starts: readonly number[], count: number, stride: number,
): void {
  const width = wholeEights(count);
  const rows = new Uint8Array(wasm.memory.buffer, CODES, ROWS * width);
  const row = count === width ? rowLength(wasm, codes, starts) : 0;
  for (let first = 0; first < starts.length; first += ROWS) {
    if (row > 0 && first + ROWS <= starts.length) {
      wasm.transposeBytes(from + first, stride, width, codes.byteOffset + starts[first]!, row);
      continue;
    }
    wasm.transposeBytes(from + first, stride, width, CODES, width);
    for (let i = 0; i < ROWS && first + i < starts.length; i++) {
      codes.set(rows.subarray(i * width, i * width + count), starts[first + i]!);
    }
  }
}

/** How far rows are apart where they are in the kernels' memory and all equally far, so that nothing has to be copied; else 0. */
function rowLength(wasm: Kernels, { buffer }: Float32Array | Uint8Array, starts: readonly number[]): number {
  const length = (starts[1] ?? 0) - starts[0]!;
  return buffer === wasm.memory.buffer && starts.every((start, i) => start === starts[0]! + i * length) ? length : 0;
}

/** How far apart columns of so many weights are, so that whole sixteens of rows fit. */
export function strideOf(length: number): number {
  return Math.ceil(length / ROWS) * ROWS + GAP;
}

/** Columns that the kernels see. */
export function wholeEights(count: number): number {
  return Math.ceil(count / 8) * 8;
}
