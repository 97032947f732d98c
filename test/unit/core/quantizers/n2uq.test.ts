import { describe, expect, it } from 'vitest';
import { assignNearest } from '../../../../src/core/assignment/nearest';
import { completeSettings, type BitWidth, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { QUANTIZERS } from '../../../../src/core/quantizers';
import type { Codebook } from '../../../../src/core/quantizers/codebook';
import { entropySteps } from '../../../../src/core/quantizers/entropySteps';
import { sortedWeights } from '../../../../src/core/quantizers/sortedWeights';
import { cellSums } from '../../../../src/core/quantizers/source';
import { UNIT_LAPLACIAN } from '../../../../src/core/quantizers/unitLaplacian';
import { gaussDistribution } from '../../../../src/core/statistics/distributions';
import { laplacianSample, TWELVE } from '../statistics/laplacianSample';
import { designed, groupOf, measuredSqnr, theoreticalSqnr } from './designed';

const G = laplacianSample(4096);
const near = (found: number, expected: number, tolerance = 2e-6) => expect(Math.abs(found - expected)).toBeLessThan(tolerance);
const published = (bits: number): PartialSettings => ({ method: 'n2uq', mode: 'published', bits: bits as BitWidth, normalize: 'none' });
const entropy = (masses: number[]) => masses.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);

function codesOf(codebook: Codebook, weights: Float64Array): number[] {
  const codes = new Uint8Array(weights.length);
  assignNearest(weights, codebook, codes);
  return [...codes];
}

function frequencies(codes: number[], count: number): number[] {
  return Array.from({ length: count }, (_, k) => codes.filter((code) => code === k).length / codes.length);
}

describe('N2UQ as published', () => {
  it.each([
    [2, 1.060660, 0.707107, 5.898632, 1.949030, 1.983681, [0.316060, 0.183940]],
    [3, 1.237437, 0.353553, 7.387850, 2.909258, 2.978701, [0.196735, 0.119326, 0.072375, 0.111565]],
    [4, 1.325825, 0.176777, 8.080856, 3.847544, 3.948289, [0.110600, 0.086135, 0.067082, 0.052244]],
    [8, 1.408689, 0.011049, 8.651681, 7.419586, 7.632979, []],
  ])('clips, steps and uses its codes as theory says at %d bits', (bits, clip, step, sqnr, laplaceBits, gaussBits, positive) => {
    const settings = completeSettings({ ...published(bits), fit: 'model' });
    const { levels, thresholds } = QUANTIZERS.n2uq.design(groupOf(G), settings, { mean: 0, std: 1 });
    near(levels.at(-1)!, clip);
    near(levels[1]! - levels[0]!, step);
    near(theoreticalSqnr({ levels, thresholds }), sqnr);
    const { mass, moment } = cellSums(levels.length);
    UNIT_LAPLACIAN.cells(Float64Array.from(thresholds), mass, moment);
    near(entropy([...mass]), laplaceBits);
    positive.forEach((p, k) => near(mass[levels.length / 2 + k]!, p));
    // The clip follows the mean magnitude, √(2/π) of a Gaussian and √½ of a Laplacian.
    const below = gaussDistribution({ mean: 0, std: Math.sqrt(Math.PI) / 2 });
    const edges = [0, ...Array.from(thresholds, below), 1];
    near(entropy(edges.slice(1).map((edge, k) => edge - edges[k]!)), gaussBits);
  });

  it.each([[2, 1.060598, 5.902793, 1.949252], [3, 1.237364, 7.393987, 2.909392], [4, 1.325747, 8.088213, 3.847491]])(
    'has the reference numbers of a Laplacian sample at %d bits', (bits, clip, sqnr, informationBits) => {
      const book = designed(QUANTIZERS.n2uq, G, published(bits));
      near(book.levels.at(-1)!, clip);
      near(measuredSqnr(book, G), sqnr);
      near(entropy(frequencies(codesOf(book, G), 2 ** bits)), informationBits);
    });

  it.each([
    [2, 0.75625, 5.157723, [0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]], [3, 0.882292, 6.623186, [0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 7, 7]],
  ])('has the reference codes of twelve weights at %d bits', (bits, clip, sqnr, codes) => {
    const book = designed(QUANTIZERS.n2uq, TWELVE, published(bits));
    near(book.levels.at(-1)!, clip);
    near(measuredSqnr(book, TWELVE), sqnr);
    expect(codesOf(book, TWELVE)).toEqual(codes);
  });
});

describe('N2UQ’s entropy mode', () => {
  const weights = sortedWeights(groupOf(G), { mean: 0, std: 1 }, { most: 1e9, cells: 1 });

  it.each([
    [2, 0.05, 0.20123], [2, 0.1, 0.207198], [2, 0.3, 0.224167], [3, 0.05, 0.080658], [3, 0.1, 0.089723], [3, 0.3, 0.116816],
  ])('at %d bits, weight %d, reaches the known objective', (bits, lambda, bound) => {
    expect(entropySteps(weights, bits, undefined, lambda).objective).toBeLessThan(bound + 1e-5);
  });

  it.each([1e-9, 1e-8, 1e-7, 1e-6])('ends on weights whose spread is %d of their mean', (spread) => {
    for (const length of [256, 512, 1024]) {
      const far = laplacianSample(length).map((z) => 1 + spread * z);
      for (const bits of [2, 3, 4] as const) {
        const { levels } = designed(QUANTIZERS.n2uq, far, { method: 'n2uq', mode: 'entropy', bits, normalize: 'none' });
        expect(Array.from(levels).every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('uses all codes alike when nothing else counts', () => {
    const { thresholds } = entropySteps(weights, 2, undefined, 1e6);
    const ranks = Array.from(thresholds, (t) => G.filter((w) => w < t).length);
    ranks.forEach((rank, k) => expect(Math.abs(rank - 1024 * (k + 1))).toBeLessThanOrEqual(1));
  });

  it('is the free grid when entropy does not count', () => {
    const squared = designed(QUANTIZERS.n2uq, G, { method: 'n2uq', mode: 'mse', bits: 3, normalize: 'none' });
    const { levels, thresholds } = entropySteps(weights, 3, undefined, 0);
    const split = { levels: Float64Array.from(levels), thresholds: Float64Array.from(thresholds), support: [0, 0] as [number, number] };
    near(measuredSqnr(split, G), measuredSqnr(squared, G), 1e-4);
  });
});
