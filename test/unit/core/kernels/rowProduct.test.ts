import { describe, expect, test } from 'vitest';
import { MatrixRows } from '../../../../src/core/kernels/matrixRows';
import { MOST_COLUMNS } from '../../../../src/core/kernels/memoryMap';
import { kernelsFor, RowNumbers } from '../../../../src/core/kernels/rowNumbers';
import { quadraticForm, innerProduct, RowProduct } from '../../../../src/core/kernels/rowProduct';
import { laplacian } from '../../../fixtures/modelBuilder';

/** Symmetric. */
const matrixOf = (columns: number): Float32Array => {
  const numbers = laplacian(2 * columns, 3);
  return Float32Array.from({ length: columns ** 2 }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return numbers[i + j]! * numbers[Math.abs(i - j)]!;
  });
};

const withKernels = (matrix: Float32Array, vector: ArrayLike<number>): RowProduct => (
  new RowProduct(new MatrixRows(matrix, vector.length), new RowNumbers(vector.length), vector)
);
const plain = (matrix: Float32Array, vector: ArrayLike<number>): RowProduct => (
  new RowProduct(new MatrixRows(matrix, vector.length, null), new RowNumbers(vector.length, null), vector)
);

test('is the product of matrix and vector, and follows changes', () => {
  const product = withKernels(Float32Array.of(1, 2, 3, 2, 5, 7, 3, 7, 11), [1, -1, 2]);
  expect([...product.product.subarray(0, 3)]).toEqual([5, 11, 18]);
  expect(quadraticForm(product)).toBe(30);
  product.change(1, 3);
  expect([...product.vector.subarray(0, 3)]).toEqual([1, 2, 2]);
  expect([...product.product.subarray(0, 3)]).toEqual([11, 26, 39]);
});

describe.each([1, 7, 8, 9, 100, 517])('kernels and plain loops agree in every bit over %i columns', (columns) => {
  const matrix = matrixOf(columns);
  const vector = laplacian(columns, 4).map((v, i) => (i % 5 === 0 ? 0 : v));

  test('in products', () => {
    const products = [withKernels(matrix, vector), plain(matrix, vector)];
    for (const product of products) for (let i = 0; i < 600; i++) product.change((i * 7) % columns, vector[i % columns]! / 3);
    expect(products[0]!.vector).toEqual(products[1]!.vector);
    expect(products[0]!.product).toEqual(products[1]!.product);
    expect(quadraticForm(products[0]!)).toBe(quadraticForm(products[1]!));
  });

  test('in inner products', () => {
    const [kernelNumbers, plainNumbers] = [new RowNumbers(columns), new RowNumbers(columns, null)];
    const [a, b] = [laplacian(columns, 5), vector];
    const found = innerProduct(kernelNumbers.wasm, kernelNumbers.from(a), kernelNumbers.from(b));
    expect(found).toBe(innerProduct(null, plainNumbers.from(a), plainNumbers.from(b)));
    expect(found).toBeCloseTo(a.reduce((sum, each, i) => sum + each * b[i]!, 0), 3);
  });
});

test('a matrix may have more rows than there is room for', () => {
  const columns = 2400;
  const matrix = new Float32Array(columns ** 2).map((_, i) => (i % 1013) / 64);
  const vector = laplacian(columns, 6);
  expect(withKernels(matrix, vector).product).toEqual(plain(matrix, vector).product);
});

test('rows that do not fit are left to plain loops', () => {
  expect(kernelsFor(MOST_COLUMNS)).not.toBeNull();
  expect(kernelsFor(MOST_COLUMNS + 1)).toBeNull();
  expect(new RowNumbers(MOST_COLUMNS + 1).zeros()).toHaveLength(MOST_COLUMNS + 8);
});
