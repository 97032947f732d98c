import { expect, test } from 'vitest';
import { adamRow, adamStep, type AdamRow } from '../../../../src/core/kernels/adamRow';
import { RowNumbers } from '../../../../src/core/kernels/rowNumbers';
import { laplacian } from '../../../fixtures/modelBuilder';

test('the first step is the rate against the sign, corrected for the bias, and what it takes out of its bounds is listed', () => {
  const row = adamRow(new RowNumbers(4), [1, 1, 1, 1]);
  row.gradient.set([4, -0.5, 0, 2]);
  row.low.fill(0.95, 0, 3);
  row.high.fill(1.05, 0, 3);
  const correction = Math.sqrt(1 - 0.999) / (1 - 0.9);
  expect(adamStep(row, 0.1 * correction)).toBe(2);
  [0.9, 1.1, 1, 0.9].forEach((expected, i) => expect(row.parameters[i]).toBeCloseTo(expected, 12));
  expect([...row.left.subarray(0, 2)]).toEqual([0, 1]);
});

test('bounds have their lower end within, and their upper one outside', () => {
  const row = adamRow(new RowNumbers(2), [1, 1]);
  row.low[0] = 1;
  row.high[1] = 1;
  expect([adamStep(row, 0.1), row.left[0]]).toEqual([1, 1]);
});

test.each([1, 8, 9, 100, 517])('kernel and plain loop agree in every bit over %i parameters', (columns) => {
  const rows = [adamRow(new RowNumbers(columns), laplacian(columns, 1)), adamRow(new RowNumbers(columns, null), laplacian(columns, 1))];
  for (const { low, high } of rows) {
    low.fill(-0.02, 0, columns);
    high.fill(0.02, 0, columns);
  }
  for (let t = 0; t < 50; t++) {
    const gradient = laplacian(columns, t).map((g, i) => (i % 3 === 0 ? 0 : g));
    const left = rows.map((row) => step(row, gradient));
    expect(left[0]).toEqual(left[1]);
    for (const part of ['parameters', 'mean', 'square'] as const) expect(rows[0]![part]).toEqual(rows[1]![part]);
  }
});

function step(row: AdamRow, gradient: Float32Array): Int32Array {
  row.gradient.set(gradient);
  const count = adamStep(row, 3e-3);
  return row.left.slice(0, count);
}
