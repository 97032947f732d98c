import { describe, expect, it } from 'vitest';
import { channelRanges } from '../../../../src/core/curves/channelRanges';
import { forEachChannelRun } from '../../../../src/core/curves/channelRuns';
import { layerErrors } from '../../../../src/core/curves/layerErrors';
import { channelCount } from '../../../../src/core/groups/layerGroups';
import { completeSettings } from '../../../../src/core/plan/layerSettings';
import { dequantized, quantizeLayer } from '../../../../src/core/quantizeLayer';
import { momentsOf, standardDeviation } from '../../../../src/core/statistics/moments';
import { laplacian } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import { describeWeight, GROUPED_WEIGHTS, layerOf } from '../encodings/groupedWeights';

const PER_CHANNEL = GROUPED_WEIGHTS.filter(({ granularity, channelAxis }) => granularity === 'channel' && channelAxis !== null);

describe.each(PER_CHANNEL.map((weight) => [describeWeight(weight), weight] as const))('channels of %s', (_, weight) => {
  const layer = { ...layerOf(weight), dtype: 'float32' as const, name: 'w' };
  const weights = laplacian(weight.dims.reduce((a, b) => a * b, 1), 1);
  const channelOf = (channel: number, of = weights): Float32Array => of.filter((_each, i) => weight.groupOf(i) === channel);

  it('are visited in stored order, and numbered as groups are', () => {
    expect(channelCount(layer)).toBe(weight.groups);
    const found: number[] = [];
    forEachChannelRun(layer, undefined, (channel, start, end) => {
      expect(start).toBe(found.length);
      for (let i = start; i < end; i++) found.push(channel);
    });
    expect(found).toEqual(Array.from(weights, (_each, i) => weight.groupOf(i)));
  });

  it('have their own range and deviation', () => {
    channelRanges(weights, layer).forEach(({ channel, min, max, mean, std }, i) => {
      const moments = momentsOf([channelOf(i)]);
      expect({ channel, min, max }).toEqual({ channel: i, min: moments.min, max: moments.max });
      expect(mean).toBeCloseTo(moments.mean, 12);
      expect(std).toBeCloseTo(standardDeviation(moments), 12);
    });
  });

  it.each(['tensor', 'channel', 'block:16'] as const)('have their own errors when quantized by %s', (granularity) => {
    const quantized = quantizeLayer(weights, layer, completeSettings({ bits: 3, granularity }));
    const restored = dequantized(quantized);
    const errors = weights.map((w, i) => w - restored[i]!);
    const { channels, histogram } = layerErrors(weights.slice(), layer, quantized, 9);
    expect(channels.map(({ channel }) => channel)).toEqual(Array.from({ length: weight.groups }, (_each, i) => i));
    for (const { channel, min, max, mse, sqnrDb } of channels) {
      const own = channelOf(channel);
      const noise = channelOf(channel, errors).reduce((sum, e) => sum + e * e, 0);
      expect([min, max]).toEqual([Math.min(...own), Math.max(...own)]);
      expect(mse).toBeCloseTo(noise / own.length, 9);
      expect(sqnrDb).toBeCloseTo(10 * Math.log10(own.reduce((sum, w) => sum + w * w, 0) / noise), 3);
    }
    const largest = quantized.error.maxAbsError;
    expect(histogram).toMatchObject({ min: -largest, max: largest });
    const expected = new Array<number>(9).fill(0);
    for (const e of errors) expected[Math.max(0, Math.min(8, Math.floor(((e + largest) / (2 * largest)) * 9)))]!++;
    expect(histogram.counts).toEqual(expected);
  });
});

describe('a layer without a channel axis', () => {
  const layer = { dims: [10, 30], channelAxis: null, dtype: 'float32' as const, name: 'w' };
  const weights = laplacian(300, 2);

  it('has errors of its weights, and none of channels', () => {
    expect(channelRanges(weights, layer)).toEqual([]);
    const { channels, histogram } = layerErrors(weights.slice(), layer, quantizeLayer(weights, layer, completeSettings({})), 50);
    expect(channels).toEqual([]);
    expect(histogram.counts.reduce((a, b) => a + b)).toBe(300);
  });

  it('of constant weights has no error: all are in the middle', () => {
    const constant = new Float32Array(300).fill(-0.5);
    const quantized = quantizeLayer(constant, layer, completeSettings({ bits: 2 }));
    expect(layerErrors(constant, layer, quantized, 5).histogram).toEqual({ min: -0, max: 0, counts: [0, 0, 300, 0, 0] });
  });
});

it('long runs are visited in pieces, with looks at the cancel signal in between', () => {
  const layer = { dims: [2, 2 ** 21 + 5], channelAxis: 0 };
  const runs: number[][] = [];
  let looks = 0;
  forEachChannelRun(layer, { get aborted() { return looks++ < 0; } }, (...run) => runs.push(run));
  expect(looks).toBe(5);
  const [block, row] = [2 ** 20, 2 ** 21 + 5];
  expect(runs).toEqual([0, 1].flatMap((channel) => [0, 1, 2].map((piece) => (
    [channel, channel * row + piece * block, channel * row + Math.min(row, (piece + 1) * block)]
  ))));
});

it('layers look at the cancel signal in every pass', () => {
  const layer = { dims: [2048, 1024], channelAxis: 1, dtype: 'float32' as const, name: 'w' };
  const weights = laplacian(2048 * 1024, 3);
  const quantized = quantizeLayer(weights, layer, completeSettings({ granularity: 'tensor', support: 'abs-max' }));
  let looks = 0;
  const signal = { get aborted() { return looks++ < 0; } };
  layerErrors(weights, layer, quantized, 10, signal);
  // Two passes of the ranges, then errors, histogram and noise, of two blocks each.
  expect(looks).toBeGreaterThanOrEqual(10);
  expect(problemOf(() => channelRanges(weights, layer, { aborted: true })).code).toBe('cancelled');
});
