import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictedGridMse, predictedMse, unitLaplacianDistortion } from '../../../../src/core/metrics/laplacianDistortion';
import { BIT_WIDTHS, GRIDS } from '../../../../src/core/plan/layerSettings';
import { GridCodebook } from '../../../../src/core/quantizers/gridCodebook';
import { midRiseDistortion } from '../../../../src/core/quantizers/supportRegion';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';

const UNIT = { location: 0, scale: Math.SQRT1_2 };

/** Positive levels and the thresholds between them, from widths: each width holds a level, then a threshold. */
const halves = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 15 }).map((widths) => {
  const edges: number[] = [];
  widths.reduce((sum, width) => (edges.push(sum + width), sum + width), 0);
  return { levels: edges.filter((_, i) => i % 2 === 0), thresholds: edges.filter((_, i) => i % 2 === 1 && i < edges.length - 1) };
});

function mirrored(levels: number[], thresholds: number[]) {
  return {
    levels: [...levels.map((y) => -y).reverse(), ...levels],
    thresholds: Float64Array.from([...thresholds.map((t) => -t).reverse(), 0, ...thresholds]),
  };
}

/** Simpson's rule over each cell, tails cut where nothing is left. */
function integrated(levels: number[], thresholds: ArrayLike<number>, location: number, scale: number): number {
  const reach = 45 * scale;
  const edges = [...new Set([location - reach, ...Array.from(thresholds), location, location + reach])].sort((a, b) => a - b);
  let sum = 0;
  for (let e = 0; e + 1 < edges.length; e++) {
    const from = edges[e] as number;
    const to = edges[e + 1] as number;
    const middle = (from + to) / 2;
    const level = levels[Array.from(thresholds).filter((t) => t <= middle).length] as number;
    const steps = 6000;
    const h = (to - from) / steps;
    for (let i = 0; i <= steps; i++) {
      const x = from + i * h;
      const density = Math.exp(-Math.abs(x - location) / scale) / (2 * scale);
      sum += ((i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * h * density * (x - level) ** 2) / 3;
    }
  }
  return sum;
}

describe('distortion on the Laplacian', () => {
  it('in closed form equals numerical integration for symmetric quantizers', () => {
    fc.assert(fc.property(halves, ({ levels, thresholds }) => {
      const all = mirrored(levels, thresholds);
      const expected = integrated(all.levels, all.thresholds, 0, Math.SQRT1_2);
      expect(unitLaplacianDistortion(levels, thresholds)).toBeCloseTo(expected, 8);
    }), { numRuns: 30 });
  });

  it('in closed form equals the cells’ integral', () => {
    fc.assert(fc.property(halves, ({ levels, thresholds }) => {
      expect(predictedMse(mirrored(levels, thresholds), UNIT)).toBeCloseTo(unitLaplacianDistortion(levels, thresholds), 12);
    }));
  });

  it('of uniform mid-rise quantizers has its geometric-sum form', () => {
    for (const [count, step] of [[4, 0.8], [8, 0.7], [64, 0.2], [256, 0.05]] as const) {
      const u = Math.exp(-Math.SQRT2 * step);
      const expected = 1 - step / Math.SQRT2 + step ** 2 / 4 - (Math.SQRT2 * step * (u - u ** (count / 2))) / (1 - u);
      expect(midRiseDistortion((step * count) / 2, count)).toBeCloseTo(expected, 12);
    }
  });
});

describe('predictedMse', () => {
  it('equals numerical integration for any codebook and fit', () => {
    fc.assert(fc.property(
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 }),
      fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 0.05, max: 2, noNaN: true }),
      (points, location, scale) => {
        const sorted = [...points].sort((a, b) => a - b);
        const levels = sorted.filter((_, i) => i % 2 === 0);
        const thresholds = Float64Array.from(sorted.filter((_, i) => i % 2 === 1).slice(0, levels.length - 1));
        const expected = integrated(levels, thresholds, location, scale);
        expect(predictedMse({ levels, thresholds }, { location, scale })).toBeCloseTo(expected, 6);
      },
    ), { numRuns: 30 });
  });

  it('scales with the square of the units', () => {
    const cells = { levels: [-1, 0.5, 2], thresholds: Float64Array.of(-0.2, 1) };
    const doubled = { levels: [-2, 1, 4], thresholds: Float64Array.of(-0.4, 2) };
    const once = predictedMse(cells, { location: 0.3, scale: 0.6 });
    expect(predictedMse(doubled, { location: 0.6, scale: 1.2 })).toBeCloseTo(4 * once, 12);
  });

  it('is the squared distance to the cell’s level for constant weights', () => {
    const cells = { levels: [-1, 0, 1], thresholds: Float64Array.of(-0.5, 0.5) };
    expect(predictedMse(cells, { location: 0.75, scale: 0 })).toBe(0.0625);
    expect(predictedMse(cells, { location: 1e9, scale: 0 })).toBe((1e9 - 1) ** 2);
  });

  it('keeps its precision far out in the tail', () => {
    const mse = predictedMse({ levels: [-30, 0, 30], thresholds: Float64Array.of(-29, 29) }, { location: 0, scale: 1 });
    expect(mse).toBeLessThan(2);
    expect(mse).toBeCloseTo(2, 8);
  });
});

describe('predictedGridMse', () => {
  const places = fc.double({ min: -60, max: 60, noNaN: true });

  it('is what the cells of the grid add up to, wherever the density lies on it', () => {
    fc.assert(fc.property(
      fc.constantFrom(...GRIDS), fc.constantFrom(...BIT_WIDTHS), fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
      fc.double({ min: 1e-2, max: 1e2, noNaN: true }), places, fc.double({ min: -1, max: 1, noNaN: true }),
      (kind, bits, limit, scale, location, centre) => {
        const grid = uniformGrid(kind, bits, centre, limit, { min: -0.7 * limit, max: 1.3 * limit });
        const cells = predictedMse(new GridCodebook(grid, [-limit, limit]), { location, scale });
        expect(Math.abs(predictedGridMse(grid, { location, scale }) / cells - 1)).toBeLessThan(1e-9);
      },
    ), { numRuns: 2000 });
  });

  it('is a twelfth of a squared step, where the density is wide against steps and all within the grid', () => {
    const grid = uniformGrid('affine', 8, 0, 40, { min: -40, max: 40 });
    expect(predictedGridMse(grid, { location: 0, scale: 2 }) / (grid.scale ** 2 / 12)).toBeCloseTo(1, 2);
  });
});
