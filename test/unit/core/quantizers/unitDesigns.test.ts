import { describe, expect, it } from 'vitest';
import oracles from '../../../expected/oracles.json';
import { unitLaplacianDistortion } from '../../../../src/core/metrics/laplacianDistortion';
import type { BitWidth } from '../../../../src/core/plan/layerSettings';
import { unitClip, apotShape } from '../../../../src/core/quantizers/apot';
import { bestScale } from '../../../../src/core/quantizers/bestScale';
import { equalSteps, equalStepsCodebook } from '../../../../src/core/quantizers/equalSteps';
import { laplaceLloydMax } from '../../../../src/core/quantizers/lloydMax';
import { msptqIteration } from '../../../../src/core/quantizers/msptq';
import { optimalBreakpoint, pwlqCodebook, UNIT_GAUSS_DENSITY, UNIT_LAPLACE_DENSITY } from '../../../../src/core/quantizers/pwlq';
import { fixedPoint, HUI_STEP, segmentedShape, unitStep, type SegmentThresholds } from '../../../../src/core/quantizers/segments';
import { cellSums, squaredError } from '../../../../src/core/quantizers/source';
import { sptqIteration } from '../../../../src/core/quantizers/sptq';
import { UNIT_LAPLACIAN } from '../../../../src/core/quantizers/unitLaplacian';
import type { Shape } from '../../../../src/core/quantizers/unitQuantizer';
import { theoreticalSqnr } from './designed';

const scaled = ({ levels, thresholds }: Shape, scale: number) => ({
  levels: Float64Array.from(levels, (y) => scale * y), thresholds: Float64Array.from(thresholds, (t) => scale * t),
});
const near = (found: number, expected: number, tolerance = 2e-6) => expect(Math.abs(found - expected)).toBeLessThan(tolerance);
const METHODS = [['sptq', 'edges'], ['msptq', 'midpoints']] as const;

describe('SPTQ and MSPTQ on the unit Laplacian', () => {
  it.each(oracles.powerOfTwoSegments)('have their best step at $R bits in $S segments', (row) => {
    for (const [id, where] of METHODS) {
      const step = unitStep(row.R, row.S, where);
      const shape = segmentedShape(row.R, row.S, where);
      near(step, row[id].delta, 2e-5);
      near(shape.limit * step, row[id].xmax, 1e-4);
      near(theoreticalSqnr(scaled(shape, step)), row[id].sqnr);
    }
  });

  it('have the closed-form distortions of the two-bit rules', () => {
    const closed: Record<SegmentThresholds, (d: number) => number> = {
      edges: (d) => 1 - d / Math.SQRT2 + d * d / 4 - 1.5 * d * (Math.SQRT2 - d / 2) * Math.exp(-Math.SQRT2 * d),
      midpoints: (d) => 1 - d / Math.SQRT2 + d * d / 4 - (3 / Math.SQRT2) * d * Math.exp((-5 * d) / (2 * Math.SQRT2)),
    };
    for (const d of [0.3, 0.5, 0.85, 1.2, 2]) {
      expect(unitLaplacianDistortion([d / 2, 2 * d], [d])).toBeCloseTo(closed.edges(d), 12);
      expect(unitLaplacianDistortion([d / 2, 2 * d], [1.25 * d])).toBeCloseTo(closed.midpoints(d), 12);
    }
  });

  it.each([
    [0.5, 5.553017, 5.674988, 4.433425], [0.6, 6.261757, 6.477003, 5.192342], [0.7, 6.730593, 7.061762, 5.855874],
    [0.8, 6.952866, 7.405691, 6.395111], [0.9, 6.955785, 7.51642, 6.784839], [1, 6.788112, 7.429106, 7.009849],
    [1.1, 6.502803, 7.192478, 7.069525], [1.2, 6.144931, 6.854494, 6.978127],
  ])('lose with the step %d what theory says, and the uniform quantizer too', (step, sptq, msptq, uniform) => {
    near(theoreticalSqnr(scaled(segmentedShape(2, 2, 'edges'), step)), sptq);
    near(theoreticalSqnr(scaled(segmentedShape(2, 2, 'midpoints'), step)), msptq);
    near(theoreticalSqnr(scaled(segmentedShape(2, 1, 'edges'), step)), uniform);
  });

  it('have their best levels and thresholds at two bits', () => {
    const [sptq, msptq] = METHODS.map(([, where]) => scaled(segmentedShape(2, 2, where), unitStep(2, 2, where)));
    [-1.700809, -0.425202, 0.425202, 1.700809].forEach((y, k) => near(sptq!.levels[k]!, y));
    [-0.850404, 0, 0.850404].forEach((t, k) => near(sptq!.thresholds[k]!, t));
    [-1.804201, -0.45105, 0.45105, 1.804201].forEach((y, k) => near(msptq!.levels[k]!, y));
    [-1.127626, 0, 1.127626].forEach((t, k) => near(msptq!.thresholds[k]!, t));
  });

  it('with every cell doubled have their levels in index form, and little gain beyond three bits', () => {
    for (const bits of [2, 3, 4, 5]) {
      const cells = 2 ** (bits - 1);
      const { levels, thresholds, limit } = segmentedShape(bits, cells, 'edges');
      for (let i = 1; i <= cells; i++) expect(levels[cells + i - 1]).toBe(3 * 2 ** (i - 2) - 1);
      for (let i = 1; i < cells; i++) expect(thresholds[cells + i - 1]).toBe(2 ** i - 1);
      expect(limit).toBe(2 ** cells - 1);
    }
    for (const bits of [5, 6]) {
      const saturated = METHODS.map(([, where]) => (
        theoreticalSqnr(scaled(segmentedShape(bits, 2 ** (bits - 1), where), unitStep(bits, 2 ** (bits - 1), where)))));
      expect(saturated[0]).toBeLessThan(12.75);
      expect(saturated[1]).toBeLessThan(14.25);
    }
  });

  it('are reached by iteration', () => {
    const iterates = (next: (step: number) => number) => {
      let step = HUI_STEP;
      return [1, 2, 3, 4].map(() => (step = next(step)));
    };
    near(HUI_STEP, 0.653505);
    iterates(sptqIteration).forEach((step, i) => near(step, [0.756277, 0.803842, 0.827048, 0.838613][i]!));
    iterates(msptqIteration).forEach((step, i) => near(step, [0.818047, 0.872443, 0.891516, 0.898309][i]!));
    near(fixedPoint(sptqIteration), 0.850404348, 1e-9);
    near(fixedPoint(msptqIteration), 0.902100537, 1e-9);
  });

  it.each([0.01, 0.3, 1, 5])('are reached by iteration from a step of %d as well', (start) => {
    for (const [next, limit] of [[sptqIteration, 0.850404348], [msptqIteration, 0.902100537]] as const) {
      let step = start;
      for (let i = 0; i < 50; i++) step = next(step);
      near(step, limit, 1e-9);
    }
  });

  it('rank below Lloyd–Max and around the uniform quantizer as theory says at two bits', () => {
    const [sptq, msptq] = METHODS.map(([, where]) => theoreticalSqnr(scaled(segmentedShape(2, 2, where), unitStep(2, 2, where))));
    const uniform = theoreticalSqnr(scaled(segmentedShape(2, 1, 'edges'), unitStep(2, 1, 'edges')));
    const best = theoreticalSqnr(laplaceLloydMax(2) as unknown as { levels: Float64Array; thresholds: Float64Array });
    expect(best).toBeGreaterThan(msptq!);
    expect(msptq).toBeGreaterThan(uniform);
    expect(uniform).toBeGreaterThan(sptq!);
  });
});

describe('Lloyd–Max for the Laplacian', () => {
  const sqnr = (bits: BitWidth) => theoreticalSqnr(scaled(laplaceLloydMax(bits), 1));

  it.each(oracles.lloydMax.slice(1))('has the published levels at $N levels', (row) => {
    const { levels, thresholds } = laplaceLloydMax(Math.log2(row.N) as BitWidth);
    row.levels.forEach((y, i) => near(levels[row.N / 2 + i]!, y));
    row.thresholds.forEach((t, i) => near(thresholds[row.N / 2 + i]!, t));
    near(sqnr(Math.log2(row.N) as BitWidth), row.sqnr);
  });

  it('reaches the known SQNR at 6 to 8 bits', () => {
    near(sqnr(6), 29.743041);
    near(sqnr(7), 35.688393);
    near(sqnr(8), 41.67097);
  });

  it('comes down to Panter and Dite’s 9 / 2N²', () => {
    const aboveAsymptote = ([4, 6, 8] as const).map((bits) => sqnr(bits) + 10 * Math.log10(9 / 2 / 4 ** bits));
    expect(aboveAsymptote).toEqual([expect.closeTo(0.583, 2), expect.closeTo(0.152, 2), expect.closeTo(0.038, 2)]);
  });

  it.each([2, 4, 8] as const)('meets Lloyd’s conditions at %d bits', (bits) => {
    const { levels, thresholds } = laplaceLloydMax(bits);
    const sums = cellSums(levels.length);
    UNIT_LAPLACIAN.cells(thresholds, sums.mass, sums.moment);
    levels.forEach((level, k) => expect(Math.abs(sums.moment[k]! / sums.mass[k]! - level)).toBeLessThan(1e-6));
    thresholds.forEach((t, k) => expect(t).toBeCloseTo((levels[k]! + levels[k + 1]!) / 2, 6));
  });
});

describe('other designs on the unit Laplacian', () => {
  it.each([[3, 2.765816, 11.50694], [4, 3.838242, 16.907896], [5, 5.718048, 21.636774]] as const)(
    'APoT at %d bits', (bits, clip, sqnr) => {
      near(unitClip(bits), clip, 2e-5);
      near(theoreticalSqnr(scaled(apotShape(bits), unitClip(bits))), sqnr);
    });

  it.each([[3, 1], [5, 2]] as const)('APoT’s magnitudes at %d bits add one power of two from each of %d sets', (bits, sets) => {
    const terms = Array.from({ length: sets }, (_, set) => [0, 1, 2].map((i) => 2 ** -(sets * i + set + 1)));
    const sums = terms.reduce((partial, set) => partial.flatMap((sum) => [0, ...set].map((term) => sum + term)), [0]);
    const expected = sums.map((sum) => Math.fround(sum / Math.max(...sums))).sort((a, b) => a - b);
    expect([...apotShape(bits).levels.filter((y) => y >= 0)]).toEqual(expected);
  });

  it.each([
    [4, 1.438340, 1.132984, 7.111654], [8, 2.390896, 0.749536, 11.498357], [16, 3.329954, 0.465566, 15.994928],
    [3, 1.414214, 1.414214, 5.779996], [7, 3 * 0.821753, 0.821753, 10.804694], [15, 7 * 0.486885, 0.486885, 15.623252],
  ])('equal steps with a free offset, %d levels', (count, lowest, step, sqnr) => {
    const found = equalSteps(UNIT_LAPLACIAN, count);
    near(found.step, step, 2e-5);
    const mirrored = (count - 1) * found.step + found.lowest;
    expect(Math.min(Math.abs(lowest + found.lowest), Math.abs(lowest - mirrored))).toBeLessThan(2e-5);
    const { levels, thresholds } = equalStepsCodebook(found, count);
    near(theoreticalSqnr({ levels: Float64Array.from(levels), thresholds: Float64Array.from(thresholds) }), sqnr);
  });

  it.each([
    [3, 1.067772, 1.158328], [4, 1.290866, 1.392032], [5, 1.486513, 1.588933],
    [6, 1.660139, 1.754678], [8, 1.9564, 2.015021], [10, 2.201961, 2.209605],
  ])('PWLQ’s breakpoint for weights up to %d absDeviations', (top, laplace, gauss) => {
    near(optimalBreakpoint(top, UNIT_LAPLACE_DENSITY), laplace);
    near(optimalBreakpoint(top, UNIT_GAUSS_DENSITY), gauss);
    // The paper's own approximations of the two roots.
    near(0.80304483 * Math.sqrt(top) - 0.316678551, laplace, 0.021);
    near(Math.log(0.86143114 * top + 0.607901097), gauss, 0.013);
  });

  it('PWLQ’s two grids end at the breakpoint and at the largest weight', () => {
    for (const bits of [3, 4, 8]) {
      const b = bits - 1;
      const { levels, thresholds } = pwlqCodebook(bits, 7, 1.5);
      expect(levels).toHaveLength(2 ** bits - 1);
      const positive = Array.from(levels).filter((y) => y > 0);
      const dense = 3 / (2 ** b - 1);
      const sparse = 5.5 / (2 ** (b - 1) - 1);
      positive.filter((y) => y < 1.5).forEach((y, k) => expect(y).toBeCloseTo((k + 1) * dense, 12));
      positive.filter((y) => y >= 1.5).forEach((y, k) => expect(y).toBeCloseTo(1.5 + k * sparse, 12));
      expect(Array.from(thresholds)).toContain(1.5);
    }
  });

  it('by cell sums equals the closed form', () => {
    const shape = segmentedShape(4, 4, 'edges');
    const sums = cellSums(16);
    UNIT_LAPLACIAN.cells(Float64Array.from(shape.thresholds, (t) => 0.2 * t), sums.mass, sums.moment);
    const levels = Array.from(shape.levels, (y) => 0.2 * y);
    const closed = unitLaplacianDistortion(levels.slice(8), Array.from(shape.thresholds.slice(8), (t) => 0.2 * t));
    expect(squaredError(UNIT_LAPLACIAN, levels, sums)).toBeCloseTo(closed, 7);
    expect(bestScale(UNIT_LAPLACIAN, shape)).toBeCloseTo(unitStep(4, 4, 'edges'), 9);
  });
});
