import { expect, test } from 'vitest';
import { attentionFactors } from '../../../../src/core/kernels/attentionFactor';
import { adamRow } from '../../../../src/core/kernels/adamRow';
import { attentionGradient, type AttentionRow } from '../../../../src/core/kernels/attentionGradient';
import type { Kernels } from '../../../../src/core/kernels/instance';
import { MatrixRows } from '../../../../src/core/kernels/matrixRows';
import { reconstructionGradient, type ReconstructionRow } from '../../../../src/core/kernels/reconstructionGradient';
import { RowNumbers } from '../../../../src/core/kernels/rowNumbers';
import { RowProduct } from '../../../../src/core/kernels/rowProduct';
import { laplacian } from '../../../fixtures/modelBuilder';

const COLUMNS = [1, 8, 9, 100, 517];

/** Products with the identity: the vectors. */
function unmixed(numbers: RowNumbers, vectors: Float32Array[]): RowProduct[] {
  const { columns, wasm } = numbers;
  const identity = new Float32Array(columns ** 2).map((_, i) => (i % (columns + 1) === 0 ? 1 : 0));
  const rows = new MatrixRows(identity, columns, wasm);
  return vectors.map((vector) => new RowProduct(rows, numbers, vector));
}

function attended(columns: number, wasm?: Kernels | null): AttentionRow {
  const numbers = new RowNumbers(columns, wasm);
  const alpha = laplacian(columns, 1).map((a, i) => (i % 7 === 0 ? i - 50 : 30 * a));
  const [error] = unmixed(numbers, [laplacian(columns, 2)]);
  return {
    adam: adamRow(numbers, alpha), error: error!,
    slope: numbers.from(laplacian(columns, 3).map((s, i) => (i % 4 === 0 ? 0 : Math.abs(s)))), factors: numbers.from(attentionFactors()),
  };
}

test.each(COLUMNS)('of Attention Round: kernel and plain loop agree in every bit over %i columns', (columns) => {
  const rows = [attended(columns), attended(columns, null)];
  rows.forEach(attentionGradient);
  expect(rows[0]!.adam.gradient).toEqual(rows[1]!.adam.gradient);
});

function reconstructed(columns: number, wasm?: Kernels | null): ReconstructionRow {
  const numbers = new RowNumbers(columns, wasm);
  const [target, levels] = unmixed(numbers, [laplacian(columns, 1), laplacian(columns, 2)]);
  return { adam: adamRow(numbers, new Float64Array(columns).fill(1)), outer: numbers.zeros(), target: target!, levels: levels! };
}

test.each(COLUMNS)('of the reconstruction: kernel and plain loop agree in every bit over %i columns', (columns) => {
  const rows = [reconstructed(columns), reconstructed(columns, null)];
  for (const row of rows) reconstructionGradient(row, 1.03, 0.2);
  expect(rows[0]!.adam.gradient).toEqual(rows[1]!.adam.gradient);
  expect(rows[0]!.outer).toEqual(rows[1]!.outer);
});

test('of the reconstruction: twice the error of the outputs and the pull, by the factor', () => {
  const row = reconstructed(2);
  row.target.change(0, 0.5 - row.target.vector[0]!);
  row.levels.change(0, -0.25 - row.levels.vector[0]!);
  reconstructionGradient(row, 2, 0.1);
  // ŵ = −0.5 against w = 0.5: as large, so that nothing pulls.
  expect([row.outer[0], row.adam.gradient[0]]).toEqual([-2, -2]);
});
