import { describe, expect, it } from 'vitest';
import { BIT_WIDTHS, GRIDS, type BitWidth, type Grid } from '../../../../src/core/plan/layerSettings';
import type { UniformGrid } from '../../../../src/core/quantizers/codebook';
import { mseSupport } from '../../../../src/core/quantizers/mseSupport';
import { uniform } from '../../../../src/core/quantizers/uniform';
import { uniformGrid } from '../../../../src/core/quantizers/uniformGrid';
import { laplacianSample } from '../statistics/laplacianSample';
import { designed, groupOf, measuredSqnr } from './designed';

/** SQNR of the grid that the search finds. */
function found(weights: Float32Array | Float64Array, bits: BitWidth, grid: Grid = 'symmetric'): number {
  return measuredSqnr(designed(uniform, weights, { bits, grid, support: 'mse', normalize: 'none' }), weights);
}

/** The best SQNR of symmetric grids with limits 0.01 % apart, from a third of the largest weight to twice as far. */
function densely(weights: Float32Array, bits: BitWidth): number {
  const last = 2 ** (bits - 1) - 1;
  const reach = Math.max(...weights.map(Math.abs));
  let best = Infinity;
  for (let limit = reach / 3; limit < 2 * reach; limit *= 1.0001) {
    const scale = Math.fround(limit / last);
    let noise = 0;
    for (const w of weights) noise += (w - scale * Math.max(-last, Math.min(last, Math.round(w / scale)))) ** 2;
    best = Math.min(best, noise);
  }
  return 10 * Math.log10(weights.reduce((sum, w) => sum + w * w, 0) / best);
}

/** The best SQNR of mid-rise grids with limits 0.1 % apart, from a tenth of the largest weight to twice as far. */
function denselyMidRise(weights: Float32Array, bits: BitWidth): number {
  const half = 2 ** (bits - 1);
  const reach = Math.max(...weights.map(Math.abs));
  let best = Infinity;
  for (let limit = reach / 10; limit < 2 * reach; limit *= 1.001) {
    const scale = Math.fround(limit / half);
    const level = (w: number): number => scale * (0.5 + Math.max(-half, Math.min(half - 1, Math.floor(w / scale))));
    best = Math.min(best, weights.reduce((sum, w) => sum + (w - level(w)) ** 2, 0));
  }
  return 10 * Math.log10(weights.reduce((sum, w) => sum + w * w, 0) / best);
}

/** Weights at levels of a grid: each from the lowest to the highest code that is said, in turns. */
function onGrid(count: number, scale: number, lowest: number, highest: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => scale * (lowest + ((7 * i) % (highest - lowest + 1))));
}

/** `count` weights at a time of a Laplacian sample, in no order. */
function laplacianGroups(count: number, groups: number): Float32Array[] {
  const sample = Float32Array.from(laplacianSample(count * groups));
  return Array.from({ length: groups }, (_, i) => sample.subarray(i * count, (i + 1) * count));
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

it.each([2, 3, 4] as const)('a few weights among zeros, on a mid-rise grid of %d bits, lose little more than the least', (bits) => {
  const weights = new Float32Array(256);
  weights.set([1.2, -0.7, 0.4], 100);
  expect(found(weights, bits, 'mid-rise')).toBeGreaterThan(denselyMidRise(weights, bits) - 0.02);
});

describe('weights that were quantized before', () => {
  it.each([4, 5, 6])('to 4 bits with codes up to %d of 7 are represented exactly', (highest) => {
    for (const count of [16, 32, 500, 4096, 140_000]) expect(found(onGrid(count, 0.0123, -highest, highest), 4)).toBeGreaterThan(120);
  });

  it('are represented exactly on every grid, at every width, whichever of its outer levels they leave unused', () => {
    for (const bits of BIT_WIDTHS.filter((b) => b > 2)) {
      const last = 2 ** (bits - 1) - 1;
      for (const unused of [1, last >> 1]) {
        expect(found(onGrid(1000, 0.3, unused - last, last - unused), bits)).toBeGreaterThan(120);
        expect(found(onGrid(1000, 0.3, unused - last, last), bits, 'affine')).toBeGreaterThan(120);
        expect(found(onGrid(1000, 0.3, 0, 2 * last - unused), bits, 'affine')).toBeGreaterThan(120);
        expect(found(onGrid(1000, 0.3, unused - last - 0.5, last + 0.5 - unused), bits, 'mid-rise')).toBeGreaterThan(120);
      }
    }
  });

  it('are recognised where they were stored as bfloat16', () => {
    const stored = onGrid(1000, 0.0123, -6, 6);
    const words = new Uint32Array(stored.buffer);
    words.forEach((word, i) => (words[i] = (word + 0x8000) & 0xffff0000));
    expect(found(stored, 4)).toBeGreaterThan(45);
  });
});

describe('few weights', () => {
  it.each([[16, 4, 0.05], [16, 8, 0.1], [32, 4, 0.02], [32, 8, 0.1], [128, 8, 0.1]] as const)(
    'in blocks of %d at %d bits lose on the average %d dB against a dense search', (size, bits, most) => {
      const groups = laplacianGroups(size, 20);
      expect(mean(groups.map((weights) => densely(weights, bits) - found(weights, bits)))).toBeLessThan(most);
    },
  );

  it.each([[3, 4], [3, 8], [10, 4], [10, 8]] as const)('%d of 256 that are not zero, at %d bits, are searched closely', (some, bits) => {
    const shortfalls = laplacianGroups(some, 10).map((weights) => {
      const sparse = new Float32Array(256);
      weights.forEach((w, i) => (sparse[20 * i + 5] = w));
      return densely(sparse, bits) - found(sparse, bits);
    });
    expect(mean(shortfalls)).toBeLessThan(0.5);
  });
});

describe('many weights', () => {
  const weights = Float32Array.from(laplacianSample(4096));
  const group = groupOf(weights);
  const top = Math.max(-group.moments.min, group.moments.max);

  /** The grids that are tried. */
  function tried(bits: BitWidth, grid: Grid): UniformGrid[] {
    const grids: UniformGrid[] = [];
    mseSupport(group, 0, top, [], (limit) => {
      const made = uniformGrid(grid, bits, 0, limit, group.moments);
      grids.push(made);
      return made;
    });
    return grids;
  }

  it('cost no grid that suits weights on a grid alone', () => {
    for (const bits of BIT_WIDTHS) for (const grid of GRIDS) expect(tried(bits, grid).length).toBeLessThan(36);
  });

  it('are tried within their range where clipping pays', () => {
    for (const { scale } of tried(4, 'symmetric')) expect(scale).toBeLessThanOrEqual(Math.fround(top / 7));
  });
});
