import { describe, expect, it } from 'vitest';
import { gather, largestGroup } from '../../../../src/core/groups/groups';
import { layerGroups } from '../../../../src/core/groups/layerGroups';
import { layerSample, MOST_GROUPS, SAMPLE } from '../../../../src/core/curves/layerSample';
import { tried } from '../../../../src/core/curves/triedSettings';
import { GROUP_CELLS } from '../../../../src/core/curves/weightCells';
import type { FloatArray } from '../../../../src/core/onnx/dataType';
import { completeSettings, type Granularity } from '../../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../../src/core/quantizeLayer';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { laplacian } from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';

function layerOf(dims: number[], channelAxis: number | null) {
  return { dims, channelAxis, dtype: 'float32' as const, name: 'w' };
}

/** In chunks that end in the middle of groups. */
function* chunksOf(weights: FloatArray): Generator<FloatArray> {
  for (let at = 0; at < weights.length; at += 10_007) yield weights.slice(at, at + 10_007);
}

const sampleOf = (weights: FloatArray, layer: ReturnType<typeof layerOf>, granularity: Granularity) => (
  layerSample(layer, granularity, () => chunksOf(weights), momentsOf([weights]))
);

describe('layers that fit', () => {
  const weights = laplacian(SAMPLE, 1);

  it.each([
    ['tensor', [256, 512], 0, 1],
    ['channel', [256, 512], 0, 256], ['channel', [256, 512], 1, 512], ['channel', [256, 512], null, 1],
    ['channel', [64, 32, 8, 8], 1, 32], ['block:64', [256, 128], 1, 512], ['block:256', [240, 436], 0, 480],
  ] as const)('%s of %j along %s: all of %d groups, and the figures of quantizing', (granularity, dims, axis, groups) => {
    const own = weights.slice(0, dims.reduce((product, dim) => product * dim, 1));
    const layer = layerOf([...dims], axis);
    const sample = sampleOf(own, layer, granularity);
    expect(sample).toMatchObject({ detail: 'exact', weights: own.length });
    expect(sample.groups).toHaveLength(groups);
    const settings = completeSettings({ bits: 3, granularity });
    const { sqnrDb, predictedSqnrDb } = quantizeLayer(own, layer, settings).error;
    expect(tried(sample, settings, 'float32', {})).toEqual({ settings, sqnrDb, predictedSqnrDb });
  });
});

describe('layers that do not', () => {
  const weights = laplacian(4 * SAMPLE, 2);

  it('per tensor are cells of all weights', () => {
    const sample = sampleOf(weights, layerOf([512, 1024], 0), 'tensor');
    expect(sample).toMatchObject({ detail: 'approximate', weights: weights.length });
    expect(sample.groups.map(({ moments }) => moments.count)).toEqual([weights.length]);
    expect(sample.groups[0]!.weights.length).toBeLessThanOrEqual(GROUP_CELLS);
  });

  it.each([
    ['channel', [512, 1024], 1, 4], ['channel', [512, 1024], 0, 4], ['channel', [32, 128, 128], 1, 4],
    ['block:32', [512, 1024], 1, 32], ['block:16', [64, 256], 0, 2],
  ] as const)('%s of %j along %s: one in %d groups, evenly spaced', (granularity, dims, axis, every) => {
    const layer = layerOf([...dims], axis);
    const own = weights.slice(0, dims.reduce((product, dim) => product * dim, 1));
    const sample = sampleOf(own, layer, granularity);
    expect(sample).toMatchObject({ detail: 'approximate', weights: own.length / every });
    expect(sample.groups.length).toBeLessThanOrEqual(MOST_GROUPS);
    const groups = layerGroups(layer, granularity);
    const into = new Float32Array(largestGroup(groups));
    sample.groups.forEach((group, i) => {
      const length = gather(own, groups, every * i + every / 2, into);
      expect(group.weights).toEqual(into.slice(0, length));
    });
  });

  it('large channels are cells, as many as there is room for', () => {
    const sample = sampleOf(weights, layerOf([8, 65_536], 0), 'channel');
    expect(sample).toMatchObject({ detail: 'approximate', weights: weights.length });
    expect(sample.groups).toHaveLength(8);
    sample.groups.forEach(({ weights: means, moments }) => {
      expect(means.length).toBeLessThanOrEqual(GROUP_CELLS);
      expect(moments.count).toBe(65_536);
    });
  });

  it('look at the cancel signal', () => {
    for (const granularity of ['tensor', 'channel'] as const) {
      const chunks = () => chunksOf(weights);
      const run = () => layerSample(layerOf([512, 1024], 0), granularity, chunks, momentsOf([weights]), { aborted: true });
      expect(problemOf(run).code).toBe('cancelled');
    }
  });
});
