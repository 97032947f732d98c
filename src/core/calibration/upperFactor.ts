import { throwIfCancelled, type CancelSignal } from '../job';

/**
 * The upper triangular R with R Rᵀ = matrix, in place: Cholesky's decomposition from the last row up. What lies below the
 * diagonal stays.
 * @returns whether the matrix is positive definite; if not, it is left half done
 * @throws CoreError `cancelled`
 */
export function upperFactor(matrix: Float64Array, size: number, signal?: CancelSignal): boolean {
  for (let i = size - 1; i >= 0; i--) {
    throwIfCancelled(signal);
    const square = matrix[i * size + i]! - tailProduct(matrix, size, i, i);
    if (!(square > 0)) return false;
    const root = Math.sqrt(square);
    matrix[i * size + i] = root;
    for (let j = 0; j < i; j++) {
      matrix[j * size + i] = (matrix[j * size + i]! - tailProduct(matrix, size, j, i)) / root;
    }
  }
  return true;
}

/** Σ over k > i of R[j, k] R[i, k] */
function tailProduct(matrix: Float64Array, size: number, j: number, i: number): number {
  const other = j * size;
  const own = i * size;
  let sum = 0;
  for (let k = i + 1; k < size; k++) sum += matrix[other + k]! * matrix[own + k]!;
  return sum;
}
