/** A vector that changes entry by entry, and its product with a symmetric matrix, which follows each change. */
export interface RowProduct {
  vector: Float64Array;
  /** matrix · vector */
  product: Float64Array;
}

/** @param matrix symmetric, [length, length] */
export function rowProduct(matrix: Float32Array, vector: Float64Array): RowProduct {
  const product = new Float64Array(vector.length);
  for (let j = 0; j < vector.length; j++) addRow(matrix, j, vector[j]!, product);
  return { vector, product };
}

/** Adds `change` to one entry: a row of the matrix to the product, which float64 keeps exact over any number of changes. */
export function changeEntry(matrix: Float32Array, { vector, product }: RowProduct, entry: number, change: number): void {
  vector[entry]! += change;
  addRow(matrix, entry, change, product);
}

export function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function addRow(matrix: Float32Array, row: number, factor: number, into: Float64Array): void {
  if (factor === 0) return;
  const size = into.length;
  const start = row * size;
  for (let j = 0; j < size; j++) into[j]! += factor * matrix[start + j]!;
}
