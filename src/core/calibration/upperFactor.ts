import { throwIfCancelled, type CancelSignal } from '../job';
import { addProduct, packed, submatrix, type Matrix } from '../kernels/linearAlgebra';

/** Columns that are found together, so that most of the work is a matrix product. */
const PANEL = 64;

/**
 * The upper triangular R with R Rᵀ = matrix, in place: Cholesky's decomposition from the last columns back. What lies below
 * the diagonal is overwritten.
 * @returns whether the matrix is positive definite; if not, it is left half done
 * @throws CoreError `cancelled`
 */
export function upperFactor(matrix: Float64Array, size: number, signal?: CancelSignal): boolean {
  for (let end = size; end > 0; end -= PANEL) {
    throwIfCancelled(signal);
    const start = Math.max(0, end - PANEL);
    subtractLaterColumns(packed(matrix, size), size, start, end);
    if (!factorPanel(matrix, size, start, end)) return false;
  }
  return true;
}

/** matrix[j, i] −= Σ over k ≥ end of R[j, k] R[i, k], for columns i of the panel and rows j down to its last */
function subtractLaterColumns(matrix: Matrix, size: number, start: number, end: number): void {
  const [panel, later] = [end - start, size - end];
  const negative = new Float64Array(later * panel);
  for (let i = 0; i < panel; i++) {
    const row = (start + i) * size + end;
    for (let k = 0; k < later; k++) negative[k * panel + i] = -matrix.numbers[row + k]!;
  }
  addProduct(submatrix(matrix, 0, start), submatrix(matrix, 0, end), packed(negative, panel), end, later, panel);
}

/** Columns [start, end) of R, from which those that follow are subtracted. */
function factorPanel(matrix: Float64Array, size: number, start: number, end: number): boolean {
  for (let i = end - 1; i >= start; i--) {
    const square = matrix[i * size + i]! - tailProduct(matrix, size, i, i, end);
    if (!(square > 0)) return false;
    const root = Math.sqrt(square);
    matrix[i * size + i] = root;
    for (let j = 0; j < i; j++) {
      matrix[j * size + i] = (matrix[j * size + i]! - tailProduct(matrix, size, j, i, end)) / root;
    }
  }
  return true;
}

/** Σ over i < k < end of R[j, k] R[i, k] */
function tailProduct(matrix: Float64Array, size: number, j: number, i: number, end: number): number {
  const other = j * size;
  const own = i * size;
  let sum = 0;
  for (let k = i + 1; k < end; k++) sum += matrix[other + k]! * matrix[own + k]!;
  return sum;
}
