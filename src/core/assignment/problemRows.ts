import { MatrixRows } from '../kernels/matrixRows';
import type { RoundingCodebook, RoundingProblem } from './roundingProblem';

/** Rows that are multiplied at once: the matrix is read once for all of them, and cancelling waits for them. */
const BATCH = 32;

/** Rows [start, end). */
export interface RowBatch {
  start: number;
  end: number;
}

/** All rows in order: batches of those that are multiplied by the same inputs, with C of these, [columns, columns]. */
export function* rowGroups(problem: RoundingProblem): Generator<{ moments: Float32Array; batches: RowBatch[] }> {
  const { rows, moments: { groups } } = problem;
  const perGroup = rows / groups;
  for (let first = 0; first < rows; first += perGroup) {
    const batches = Array.from({ length: Math.ceil(perGroup / BATCH) }, (_, i) => {
      const start = first + i * BATCH;
      return { start, end: Math.min(start + BATCH, first + perGroup) };
    });
    yield { moments: rowMoments(problem, first), batches };
  }
}

/** C of the inputs that a row is multiplied by, [columns, columns]. */
export function rowMoments({ rows, columns, moments }: RoundingProblem, row: number): Float32Array {
  const group = Math.floor(row / (rows / moments.groups));
  return moments.second.subarray(group * columns ** 2, (group + 1) * columns ** 2);
}

/** `rowMoments` for the kernels, of rows in order: those of one group share them. */
export function momentRows(problem: RoundingProblem): (row: number) => MatrixRows {
  let rows: MatrixRows | undefined;
  return (row) => {
    const moments = rowMoments(problem, row);
    if (rows?.matrix.byteOffset !== moments.byteOffset) rows = new MatrixRows(moments, problem.columns);
    return rows!;
  };
}

export function rowOf<Numbers extends Float32Array | Uint8Array>(numbers: Numbers, { columns }: RoundingProblem, row: number): Numbers {
  return numbers.subarray(row * columns, (row + 1) * columns) as Numbers;
}

/** Visits a row's blocks in order, as columns [start, end) with the codebook that serves them. */
export function forEachBlock(
  { columns, blockColumns, codebooks, codebookOf }: RoundingProblem, row: number,
  visit: (book: RoundingCodebook, start: number, end: number) => void,
): void {
  const blocks = Math.ceil(columns / blockColumns);
  for (let block = 0; block < blocks; block++) {
    const start = block * blockColumns;
    visit(codebooks[codebookOf[row * blocks + block]!]!, start, Math.min(start + blockColumns, columns));
  }
}

/** The codebook that serves a weight. */
export function bookAt({ columns, blockColumns, codebooks, codebookOf }: RoundingProblem, row: number, column: number): RoundingCodebook {
  return codebooks[codebookOf[row * Math.ceil(columns / blockColumns) + Math.floor(column / blockColumns)]!]!;
}

/** The codebook that a row starts with, its only one where rows are not divided into blocks. */
export function firstBook(problem: RoundingProblem, row: number): RoundingCodebook {
  return bookAt(problem, row, 0);
}
