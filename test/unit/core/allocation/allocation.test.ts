import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseWidths, lowerHull, type WidthOption } from '../../../../src/core/allocation/chooseWidths';
import { clusters } from '../../../../src/core/allocation/clusters';
import { codingLength } from '../../../../src/core/allocation/codingLength';
import { laplacianSample } from '../statistics/laplacianSample';

describe('coding length', () => {
  it('is 3 log2 23 for the small matrix', () => {
    expect(codingLength([1, 2, 3, 4, 0, 1, 0, 1], { rows: 2, columns: 4 }, 0.5)).toBeCloseTo(13.570686, 6);
  });

  it.each([
    [16, 27, 0.2, 1701.4462], [32, 144, 0.1, 4296.6163], [32, 288, 0.05, 5657.3443], [64, 256, 0.02, 3966.8914],
    [10, 64, 0.3, 2335.6549],
  ])('of %i×%i Laplacian weights times %d is %d bits', (rows, columns, factor, bits) => {
    const weights = laplacianSample(rows * columns).map((w) => w * factor);
    expect(codingLength(weights, { rows, columns }, 1e-3)).toBeCloseTo(bits, 3);
  });

  const matrix = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) => fc.record({
    rows: fc.constant(rows), columns: fc.constant(columns),
    weights: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: rows * columns, maxLength: rows * columns }),
  }));

  it('does not change when rows are rotated among each other', () => {
    fc.assert(fc.property(matrix, fc.double({ min: 0, max: 6, noNaN: true }), ({ rows, columns, weights }, angle) => {
      fc.pre(rows > 1);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const turned = weights.slice();
      for (let j = 0; j < columns; j++) {
        turned[j] = c * weights[j]! - s * weights[columns + j]!;
        turned[columns + j] = s * weights[j]! + c * weights[columns + j]!;
      }
      const length = codingLength(weights, { rows, columns }, 0.01);
      expect(codingLength(turned, { rows, columns }, 0.01)).toBeCloseTo(length, 6);
    }));
  });

  it('grows with the weights', () => {
    fc.assert(fc.property(matrix, ({ rows, columns, weights }) => {
      const doubled = weights.map((w) => 2 * w);
      expect(codingLength(doubled, { rows, columns }, 0.01))
        .toBeGreaterThanOrEqual(codingLength(weights, { rows, columns }, 0.01));
    }));
  });

  it('takes the smaller Gram matrix without changing the determinant', () => {
    const weights = Array.from(laplacianSample(12));
    const turned = Array.from({ length: 12 }, (_, i) => weights[(i % 3) * 4 + Math.floor(i / 3)]!);
    const [wide, tall] = [{ rows: 3, columns: 4 }, { rows: 4, columns: 3 }];
    // Both are (3 + 4)/2 · log2 det(I + W Wᵀ / (columns · distortion)).
    expect(codingLength(turned, tall, 0.04)).toBeCloseTo(codingLength(weights, wide, 0.03), 9);
  });
});

describe('clusters', () => {
  it('are those of least squared distance', () => {
    fc.assert(fc.property(
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 4 }),
      (values, count) => {
        const found = clusters(values, count);
        expect(spread(values, found)).toBeCloseTo(leastSpread(values, count), 9);
        values.forEach((a, i) => values.forEach((b, j) => {
          if (a < b) expect(found[i]).toBeLessThanOrEqual(found[j]!);
          if (a === b) expect(found[i]).toBe(found[j]);
        }));
      },
    ));
  });

  it('leave the last ones empty where there are too few numbers', () => {
    expect(clusters([5, 5, 5], 3)).toEqual([0, 0, 0]);
    expect(clusters([5, 1], 3)).toEqual([1, 0]);
    expect(clusters([], 3)).toEqual([]);
  });

  it('separate what is clearly apart among many', () => {
    const values = Array.from({ length: 3000 }, (_, i) => (i % 3) * 100 + (i % 7));
    expect(clusters(values, 3)).toEqual(values.map((_, i) => i % 3));
  });
});

describe('chooseWidths', () => {
  const option = fc.record({ cost: fc.integer({ min: 0, max: 30 }), error: fc.integer({ min: 0, max: 50 }) });
  const problem = fc.array(fc.array(option, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });

  it('finds the least error within the budget', () => {
    fc.assert(fc.property(problem, fc.integer({ min: 0, max: 120 }), (layers, budget) => {
      const best = leastError(layers, budget);
      const found = chooseWidths(layers, budget);
      expect(found === null).toBe(best === Infinity);
      if (!found) return;
      expect(found.error).toBe(best);
      expect(found.cost).toBeLessThanOrEqual(budget);
      expect(found.optimal).toBe(true);
      expect(found.options.reduce((sum, choice, i) => sum + layers[i]![choice]!.cost, 0)).toBe(found.cost);
    }), { numRuns: 500 });
  });

  it('takes every best option where the budget allows it', () => {
    const layers = [[{ cost: 1, error: 9 }, { cost: 2, error: 1 }], [{ cost: 5, error: 3 }]];
    expect(chooseWidths(layers, 100)).toEqual({ options: [1, 0], cost: 7, error: 4, optimal: true });
  });

  it('comes within one step of the bound for thousands of layers', () => {
    const layers = Array.from({ length: 3000 }, (_, i) => [2, 3, 4, 5, 6, 7, 8].map((bits): WidthOption => (
      { cost: bits * (100 + ((i * 7919) % 1000)), error: 4 ** -bits * (1 + ((i * 104729) % 97)) }
    )));
    const cheapest = layers.reduce((sum, [first]) => sum + first!.cost, 0);
    const found = chooseWidths(layers, 2 * cheapest)!;
    expect(found.cost).toBeLessThanOrEqual(2 * cheapest);
    expect(found.cost).toBeGreaterThan(2 * cheapest - 8000);
    const uniform = layers.reduce((sum, options) => sum + options[2]!.error, 0);
    expect(found.error).toBeLessThan(uniform);
  });
});

describe('lowerHull', () => {
  it('keeps options that some price of cost makes best', () => {
    const options = [{ cost: 4, error: 1 }, { cost: 1, error: 10 }, { cost: 2, error: 9 }, { cost: 3, error: 2 }, { cost: 5, error: 1 }];
    expect(lowerHull(options)).toEqual([1, 3, 0]);
  });
});

function leastError(layers: WidthOption[][], budget: number): number {
  const [first, ...rest] = layers;
  if (budget < 0) return Infinity;
  if (!first) return 0;
  return Math.min(...first.map(({ cost, error }) => error + leastError(rest, budget - cost)));
}

function spread(values: number[], assigned: number[]): number {
  return [...new Set(assigned)].reduce((total, cluster) => {
    const own = values.filter((_, i) => assigned[i] === cluster);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return total + own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  }, 0);
}

function leastSpread(values: number[], count: number, assigned: number[] = []): number {
  if (assigned.length === values.length) return spread(values, assigned);
  return Math.min(...Array.from({ length: count }, (_, cluster) => leastSpread(values, count, [...assigned, cluster])));
}
