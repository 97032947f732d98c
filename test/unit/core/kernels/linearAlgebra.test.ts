import { describe, expect, test } from 'vitest';
import { axpy, multiply, plainAxpy, plainMultiply } from '../../../../src/core/kernels/linearAlgebra';
import { laplacian } from '../../../fixtures/modelBuilder';

describe('multiply', () => {
  test('is the matrix product', () => {
    const product = multiply(Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(7, 8, 9, 10, 11, 12), 2, 3, 2);
    expect([...product]).toEqual([58, 64, 139, 154]);
  });

  test.each([[1, 1, 1], [7, 13, 9], [4, 8, 8], [65, 257, 259], [130, 600, 70], [3, 0, 2], [0, 4, 4]])(
    'of %i × %i × %i has every bit of the plain loops',
    (m, k, n) => {
      const [a, b] = [laplacian(m * k, 1), laplacian(k * n, 2)];
      const expected = new Float32Array(m * n);
      plainMultiply(a, b, expected, m, k, n);
      expect(multiply(a, b, m, k, n)).toEqual(expected);
    },
  );

  test('keeps what is not finite in its rows', () => {
    const product = multiply(Float32Array.of(Infinity, 1, 1, 1), Float32Array.of(1, 0, 2, 3), 2, 2, 2);
    expect([...product]).toEqual([Infinity, NaN, 3, 3]);
  });
});

test.each([0, 1, 5, 4096, 20_001])('axpy over %i numbers has every bit of the plain loop', (length) => {
  const [y, x] = [laplacian(length, 3), laplacian(length, 4)];
  const expected = y.slice();
  plainAxpy(expected, 0.3, x);
  axpy(y, 0.3, x);
  expect(y).toEqual(expected);
});
