import { describe, expect, test } from 'vitest';
import { addProduct, packed, plainAddProduct, submatrix } from '../../../../src/core/kernels/linearAlgebra';
import { laplacian } from '../../../fixtures/modelBuilder';

const SIZES = [[1, 1, 1], [7, 13, 9], [4, 8, 8], [65, 257, 259], [130, 600, 70], [3, 0, 2], [0, 4, 4]] as const;

describe.each([Float32Array, Float64Array])('addProduct in %o', (Numbers) => {
  test('adds the matrix product', () => {
    const sums = Numbers.of(1000, 2000, 3000, 4000);
    addProduct(packed(sums, 2), packed(Numbers.of(1, 2, 3, 4, 5, 6), 3), packed(Numbers.of(7, 8, 9, 10, 11, 12), 2), 2, 3, 2);
    expect([...sums]).toEqual([1058, 2064, 3139, 4154]);
  });

  test.each(SIZES)('of %i × %i × %i has every bit of the plain loops', (m, k, n) => {
    const [a, b, sums] = [m * k, k * n, m * n].map((length, seed) => new Numbers(laplacian(length, seed).map((x) => x / 3)));
    const expected = sums!.slice();
    plainAddProduct(packed(expected, n), packed(a!, k), packed(b!, n), m, k, n);
    addProduct(packed(sums!, n), packed(a!, k), packed(b!, n), m, k, n);
    expect(sums).toEqual(expected);
  });

  test('of parts of matrices leaves what lies around them', () => {
    const [a, b, sums] = [1, 2, 3].map((seed) => new Numbers(laplacian(400, seed)));
    const expected = sums!.slice();
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 6; j++) for (let p = 0; p < 7; p++) expected[(2 + i) * 20 + 3 + j]! += a![(4 + i) * 20 + 5 + p]! * b![(6 + p) * 20 + 7 + j]!;
    }
    addProduct(submatrix(packed(sums!, 20), 2, 3), submatrix(packed(a!, 20), 4, 5), submatrix(packed(b!, 20), 6, 7), 5, 7, 6);
    sums!.forEach((sum, i) => expect(sum).toBeCloseTo(expected[i]!, 4));
  });

  test('keeps what is not finite in its rows', () => {
    const sums = new Numbers(4);
    addProduct(packed(sums, 2), packed(Numbers.of(Infinity, 1, 1, 1), 2), packed(Numbers.of(1, 0, 2, 3), 2), 2, 2, 2);
    expect([...sums]).toEqual([Infinity, NaN, 3, 3]);
  });
});

test('float32 matrices have a product in float64', () => {
  const sums = new Float64Array(1);
  addProduct(packed(sums, 1), packed(Float32Array.of(1, 1), 2), packed(Float32Array.of(1, 2 ** -40), 1), 1, 2, 1);
  expect(sums[0]).toBe(1 + 2 ** -40);
});
