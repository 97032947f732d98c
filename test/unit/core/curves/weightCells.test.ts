import { describe, expect, it } from 'vitest';
import { GROUP_CELLS, groupCells, weightCells, type CellGroup } from '../../../../src/core/curves/weightCells';
import type { FloatArray } from '../../../../src/core/onnx/dataType';
import { weightGroup } from '../../../../src/core/quantizers/weightGroup';
import { slicesOf } from '../../../../src/core/statistics/cancelSlices';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { laplacian } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';

const cellsOf = (weights: FloatArray): CellGroup => weightCells(slicesOf(weights), momentsOf(slicesOf(weights)));
const total = ({ weights, cells }: CellGroup, of: (mean: number) => number): number => (
  cells!.counts.reduce((sum, n, i) => sum + n * of(weights[i]!), 0)
);

const N = 300_000;
const many = laplacian(N, 1);
const skewed = many.map((w) => 0.02 + w * Math.abs(w));
const spiked = many.map((w, i) => (i % 5 ? 0 : w));
const outliers = many.map((w, i) => (i % 1000 ? w : 300 * w));
const SETS: [string, FloatArray][] = [
  ['a Laplacian', many], ['skewed', skewed], ['mostly zero', spiked], ['with outliers', outliers],
  ['in float64', Float64Array.from(many, (w) => w * (1 + 1e-9))],
];

describe.each(SETS)('cells of weights %s', (_, weights) => {
  const group = cellsOf(weights);
  const { moments, cells } = group;

  it('are a few thousand, in ascending order', () => {
    expect(group.weights.length).toBeLessThanOrEqual(GROUP_CELLS);
    expect(group.weights.length).toBeGreaterThan(GROUP_CELLS / 3);
    expect([...group.weights]).toEqual([...group.weights].sort((a, b) => a - b));
  });

  it('have the count, the mean and the energy of the weights', () => {
    expect(total(group, () => 1)).toBe(N);
    expect(total(group, (w) => w) / N).toBeCloseTo(moments.mean, 12);
    const energy = Float64Array.from(weights).reduce((sum, w) => sum + w * w, 0);
    expect((total(group, (w) => w * w) + cells!.spread) / energy).toBeCloseTo(1, 9);
  });

  it('have their median and mean distance to it', () => {
    const exact = weightGroup(weights, { name: 'w', dtype: 'float32' }).laplace;
    expect(Math.abs(group.laplace.location - exact.location)).toBeLessThanOrEqual(Math.abs(exact.location) * 2 ** -10);
    expect(group.laplace.scale / exact.scale).toBeCloseTo(1, 4);
  });

  it('are those of the weights in memory, almost', () => {
    const inMemory = groupCells(weightGroup(weights, { name: 'w', dtype: 'float32' }));
    expect(inMemory.laplace).toEqual(weightGroup(weights, { name: 'w', dtype: 'float32' }).laplace);
    expect(inMemory.cells!.spread / cells!.spread).toBeGreaterThan(0.5);
    expect(inMemory.cells!.spread / cells!.spread).toBeLessThan(1.1);
  });
});

it('lose within them what Panter and Dite give for the best quantizer of as many levels on a Laplacian', () => {
  const { moments, cells } = cellsOf(laplacian(3_000_000, 2));
  const distortion = cells!.spread / moments.m2;
  expect(distortion / (9 / 2 / GROUP_CELLS ** 2)).toBeGreaterThan(0.95);
  expect(distortion / (9 / 2 / GROUP_CELLS ** 2)).toBeLessThan(1.05);
});

it('are the weights themselves where few differ', () => {
  const levels = [-1.5, -0.25, 0, 0.1, 7];
  const weights = Float32Array.from({ length: 1000 }, (_, i) => levels[i % 5]!);
  const group = cellsOf(weights);
  expect([...group.weights]).toEqual([...new Set(weights)].sort((a, b) => a - b));
  expect([...group.cells!.counts]).toEqual([200, 200, 200, 200, 200]);
  expect(group.cells!.spread / group.moments.m2).toBeLessThan(1e-12);
});

it('take float64 weights beyond the range of float32', () => {
  const group = cellsOf(Float64Array.of(-1e300, -1e-300, 0, 1e-300, 1, 1e300));
  expect(total(group, () => 1)).toBe(6);
  expect([group.weights[0], group.weights.at(-1)]).toEqual([-1e300, 1e300]);
});

it('look at the cancel signal in each chunk', () => {
  const chunks = [many.subarray(0, 10), many.subarray(10, 20)];
  expect(problemOf(() => weightCells(chunks, momentsOf(chunks), { aborted: true })).code).toBe('cancelled');
});
