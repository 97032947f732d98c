import { throwIfCancelled, type CancelSignal } from '../job';

/**
 * W Wᵀ or Wᵀ W, whichever is smaller: both have the same nonzero eigenvalues. Row-major and full, of the smaller of rows
 * and columns.
 */
export function gramMatrix(weights: ArrayLike<number>, rows: number, columns: number, signal?: CancelSignal): Float64Array {
  const size = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors = rows <= columns ? Float64Array.from(weights) : transposed(weights, rows, columns);
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    throwIfCancelled(signal);
    const a = vectors.subarray(i * length, (i + 1) * length);
    for (let j = 0; j <= i; j++) {
      const b = vectors.subarray(j * length, (j + 1) * length);
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a[k]! * b[k]!;
      gram[i * size + j] = sum;
      gram[j * size + i] = sum;
    }
  }
  return gram;
}

/** Natural logarithm of the determinant of a symmetric, positive definite matrix, by Cholesky's decomposition in place. */
export function logDeterminant(matrix: Float64Array, size: number, signal?: CancelSignal): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    throwIfCancelled(signal);
    const row = matrix.subarray(i * size, i * size + i);
    for (let j = 0; j < i; j++) {
      const other = matrix.subarray(j * size, j * size + j);
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * other[k]!;
      row[j] = rest / matrix[j * size + j]!;
    }
    let square = matrix[i * size + i]!;
    for (let k = 0; k < i; k++) square -= row[k]! ** 2;
    matrix[i * size + i] = Math.sqrt(square);
    sum += Math.log(square);
  }
  return sum;
}

function transposed(weights: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(weights.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = weights[i * columns + j]!;
  }
  return turned;
}
