import { describe, expect, it } from 'vitest';
import { QUANTIZERS } from '../../../../src/core/quantizers';
import { apotShape } from '../../../../src/core/quantizers/apot';
import { bestScale } from '../../../../src/core/quantizers/bestScale';
import { entropySteps } from '../../../../src/core/quantizers/entropySteps';
import { equalSteps } from '../../../../src/core/quantizers/equalSteps';
import { lloydIteration } from '../../../../src/core/quantizers/lloydIteration';
import { laplaceLloydMax } from '../../../../src/core/quantizers/lloydMax';
import { segmentedShape } from '../../../../src/core/quantizers/segments';
import { magnitudes, sortedWeights, type SampleLimits } from '../../../../src/core/quantizers/sortedWeights';
import { unsortedMagnitudes } from '../../../../src/core/quantizers/unsortedMagnitudes';
import { cellSums, midpoints, squaredError } from '../../../../src/core/quantizers/source';
import { searchSubset } from '../../../../src/core/quantizers/subset';
import { laplacianSample } from '../statistics/laplacianSample';
import { designed, groupOf, measuredSqnr } from './designed';

const AS_THEY_ARE = { mean: 0, std: 1 };
const SORTED: SampleLimits = { most: 1e9, cells: 1 };
/** As designs take more than a million weights. */
const GATHERED: SampleLimits = { most: 1, cells: 1 << 16 };

/** A skewed sample with a mean and two outliers. */
const weights = laplacianSample(60_000).map((w) => (w > 0 ? 1.3 * w : w) + 0.05);
weights[11] = 40;
weights[12] = -25;
const group = groupOf(weights);
const sorted = sortedWeights(group, AS_THEY_ARE, SORTED);
const gathered = sortedWeights(group, AS_THEY_ARE, GATHERED);

/** What levels and thresholds lose on the weights themselves. */
function sqnr(levels: ArrayLike<number>, thresholds: ArrayLike<number> = midpoints(levels)): number {
  const sums = cellSums(levels.length);
  sorted.cells(Float64Array.from(thresholds), sums.mass, sums.moment);
  return 10 * Math.log10(sorted.energy / squaredError(sorted, levels, sums));
}

describe('weights gathered into cells', () => {
  it('keep their number, sum, squares and outermost values', () => {
    expect(gathered.mass).toBe(weights.length);
    expect(gathered.energy).toBe(sorted.energy);
    expect(gathered.sums.at(-1)).toBeCloseTo(sorted.sums.at(-1)!, 6);
    expect(gathered.reach).toBe(40);
    expect(gathered.values.length).toBeLessThan(20_000);
    for (let i = 1; i < gathered.values.length; i++) expect(gathered.values[i]).toBeGreaterThan(gathered.values[i - 1]!);
  });

  it.each([
    // Of SPTQ a weight that crosses a threshold changes the error by a jump, which cells move a little.
    ['SPTQ', segmentedShape(4, 4, 'edges'), 2e-3], ['MSPTQ', segmentedShape(4, 4, 'midpoints'), 1e-4], ['APoT', apotShape(4), 1e-4],
  ])('lead %s to a scale as good as on the weights', (_, shape, tolerance) => {
    const [fine, coarse] = [sorted, gathered].map((source) => bestScale(source, shape)).map((scale) => (
      sqnr(Float64Array.from(shape.levels, (y) => scale * y), shape.thresholds.map((t) => scale * t))));
    expect(Math.abs(coarse! - fine!)).toBeLessThan(tolerance);
  });

  it('lead Lloyd’s iteration, the free grid and the entropy mode to levels as good', () => {
    const designs = [sorted, gathered].map((source) => ({
      lloyd: sqnr(lloydIteration(source, laplaceLloydMax(4).levels)),
      free: (({ lowest, step }) => sqnr(Float64Array.from({ length: 16 }, (_, k) => lowest + k * step)))(equalSteps(source, 16)),
    }));
    expect(Math.abs(designs[0]!.lloyd - designs[1]!.lloyd)).toBeLessThan(1e-3);
    expect(Math.abs(designs[0]!.free - designs[1]!.free)).toBeLessThan(1e-4);
    const [fine, coarse] = [SORTED, { most: 1, cells: 1 << 14 }].map((detail) => (
      entropySteps(sortedWeights(group, AS_THEY_ARE, detail), 2).objective));
    expect(Math.abs(fine! - coarse!)).toBeLessThan(1e-3);
  });

  it('lead SubsetQ to the same subset', () => {
    const [fine, coarse] = [sorted, gathered].map((source) => searchSubset(magnitudes(source), 3));
    expect([...coarse!.subset]).toEqual([...fine!.subset]);
    expect(coarse!.scale / fine!.scale).toBeCloseTo(1, 4);
  });
});

it('magnitudes one by one and in order make the same cells', () => {
  const thresholds = Float64Array.of(0.1, 0.5, 1, 3);
  const [found, expected] = [cellSums(5), cellSums(5)];
  const unsorted = unsortedMagnitudes(group, AS_THEY_ARE);
  unsorted.cells(thresholds, found.mass, found.moment);
  magnitudes(sorted).cells(thresholds, expected.mass, expected.moment);
  expect([...found.mass]).toEqual([...expected.mass]);
  found.moment.forEach((sum, k) => expect(sum / expected.moment[k]!).toBeCloseTo(1, 12));
  expect(unsorted).toMatchObject({ mass: weights.length, reach: 40, energy: sorted.energy });
});

it('above a million weights a subset and its scale are those of fewer', () => {
  const many = Float32Array.from(laplacianSample((1 << 20) + 5));
  const few = many.subarray(0, 1 << 18);
  const settings = { method: 'subset', bits: 3, normalize: 'none' } as const;
  const [large, small] = [many, few].map((each) => designed(QUANTIZERS.subset, each, settings));
  expect(Math.abs(measuredSqnr(large!, many) - measuredSqnr(small!, few))).toBeLessThan(0.01);
});
