import { describe, expect, it } from 'vitest';
import { packPlane, packingOf } from '../../../src/core/encodings/packing';
import type { CancelSignal } from '../../../src/core/job';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { dequantized, quantizeLayer } from '../../../src/core/quantizeLayer';
import { layerStatistics } from '../../../src/core/statistics/layerStatistics';
import { slicesOf } from '../../../src/core/statistics/cancelSlices';
import { laplacian } from '../../fixtures/modelBuilder';

/** Runs `work` and counts how often it looks at its signal. */
function looks(work: (signal: CancelSignal) => unknown): number {
  let count = 0;
  work({
    get aborted() {
      count++;
      return false;
    },
  });
  return count;
}

/** A block of work between two looks is 2^20 weights, whatever the layer's size. Both layers are large enough to be fitted in one look. */
const SLICE = 1 << 20;
const small = laplacian(2 * SLICE, 1);
const large = laplacian(5 * SLICE, 2);

const layer = (weights: Float32Array) => ({
  name: 'w', dims: [1024, weights.length / 1024], channelAxis: 1, dtype: 'float32' as const,
});
const perTensor = completeSettings({ granularity: 'tensor', bits: 4, grid: 'affine' });
const quantized = (weights: Float32Array) => quantizeLayer(weights, layer(weights), { ...perTensor, support: 'abs-max' });

const WORK: [name: string, passes: number, work: (weights: Float32Array) => (signal: CancelSignal) => unknown][] = [
  // Moments and fit, gathering and encoding.
  ['quantizing', 3, (weights) => (signal) => quantizeLayer(weights, layer(weights), perTensor, { signal })],
  // Moments and fit, and encoding.
  ['quantizing to a codebook of the fitted density', 2, (weights) => (signal) => (
    quantizeLayer(weights, layer(weights), completeSettings({ granularity: 'tensor', method: 'lloyd-max', fit: 'model' }), { signal })
  )],
  // Moments, two of the median, deviation and encoding.
  ['quantizing long channels', 5, (weights) => (signal) => {
    const channels = { ...layer(weights), dims: [weights.length / SLICE, SLICE], channelAxis: 0 };
    return quantizeLayer(weights, channels, completeSettings({ support: 'abs-max' }), { signal });
  }],
  ['dequantizing', 1, (weights) => {
    const result = quantized(weights);
    return (signal) => dequantized(result, signal);
  }],
  // Counting in cells, and ordering what the cells left open.
  ['statistics', 1, (weights) => (signal) => layerStatistics(() => slicesOf(weights), 64, signal)],
  ['statistics of weights far from 0', 2, (weights) => {
    const shifted = weights.map((w) => 3 + 0.001 * w);
    return (signal) => layerStatistics(() => slicesOf(shifted), 64, signal);
  }],
];

describe('work on a large layer looks at its cancel signal after each block of each pass', () => {
  it.each(WORK)('%s', (_, passes, work) => {
    const more = looks(work(large)) - looks(work(small));
    expect(more).toBeGreaterThanOrEqual(passes * 3);
  });

  it('packing', () => {
    const packing = packingOf(3);
    const pack = (length: number) => looks((signal) => [...packPlane(new Uint8Array(length), packing, packing.planes[0]!, 0, signal)]);
    expect(pack(16 * SLICE) - pack(4 * SLICE)).toBe(12);
  });
});
