import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layerSample } from '../../../../src/core/curves/layerSample';
import { tried } from '../../../../src/core/curves/triedSettings';
import { weightCells } from '../../../../src/core/curves/weightCells';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { readWeights } from '../../../../src/core/onnx/weights';
import {
  BIT_WIDTHS, completeSettings, GRIDS, METHODS, scopeOf, type LayerSettings, type PartialSettings,
} from '../../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../../src/core/quantizeLayer';
import { slicesOf } from '../../../../src/core/statistics/cancelSlices';
import { momentsOf } from '../../../../src/core/statistics/moments';
import { openModelFiles } from '../../../../src/platform/nodeFiles';
import { laplacian } from '../../../fixtures/modelBuilder';

/** Every method with every mode, and the uniform one on every grid. */
const VARIANTS: PartialSettings[] = METHODS.flatMap((method): PartialSettings[] => {
  const { modes } = scopeOf(method, 4);
  if (method === 'uniform') return GRIDS.map((grid) => ({ method, grid }));
  return modes.length > 0 ? modes.map((mode) => ({ method, mode })) : [{ method }];
});

/**
 * How far, in dB, an approximate figure may be from the exact one. Two searches have many local optima, of which cells lead
 * to another than the weights: the affine grid's, whose zero point jumps, and entropy's free thresholds where cells are few.
 */
function tolerance({ method, grid, mode, bits }: LayerSettings): number {
  if (method === 'uniform' && grid === 'affine') return 0.3;
  if (mode === 'entropy') return bits <= 5 ? 0.05 : 1.2;
  return bits <= 4 ? 0.02 : 0.15;
}

function expectClose(weights: Float32Array, variant: PartialSettings): void {
  const group = weightCells(slicesOf(weights), momentsOf(slicesOf(weights)));
  const sample = { detail: 'approximate' as const, weights: weights.length, groups: [group] };
  const layer = { dims: [1, weights.length], channelAxis: null, dtype: 'float32' as const, name: 'w' };
  for (const bits of BIT_WIDTHS) {
    if (!scopeOf(variant.method!, bits).bits.includes(bits)) continue;
    const settings = completeSettings({ ...variant, bits, granularity: 'tensor', grid: variant.grid ?? 'symmetric' });
    const exact = quantizeLayer(weights, layer, settings).error;
    const approximate = tried(sample, settings, 'float32', {});
    const close = tolerance(settings);
    expect(Math.abs(approximate.sqnrDb - exact.sqnrDb), `${bits} bits`).toBeLessThanOrEqual(close);
    expect(Math.abs(approximate.predictedSqnrDb - exact.predictedSqnrDb), `predicted at ${bits} bits`).toBeLessThan(close + 0.3);
  }
}

const name = ({ method, grid, mode }: PartialSettings): string => [method, grid, mode].filter(Boolean).join(' ');

describe('figures from cells against those over all weights', () => {
  const generated = laplacian(200_000, 1);
  it.each(VARIANTS.map((variant) => [name(variant), variant] as const))('%s on a Laplacian', (_, variant) => (
    expectClose(generated, variant)
  ));

  const path = resolve(import.meta.dirname, '../../../../../shared/models/burn_mnist.onnx');
  const named = VARIANTS.map((variant) => [name(variant), variant] as const);
  it.skipIf(!existsSync(path)).each(named)('%s on a layer', (_, variant) => {
    const files = openModelFiles(path);
    const index = indexModel(files, path);
    const largest = index.layers.toSorted((a, b) => b.elements - a.elements)[0]!;
    const weights = Float32Array.from(readWeights(files, index.tensors[largest.tensor]!));
    files.close();
    expectClose(weights, variant);
  });
});

describe('figures from some of the channels', () => {
  const rows = 512;
  const columns = 1024;
  const weights = laplacian(rows * columns, 3).map((w, i) => w * (1 + (i % columns) / 100));
  const layer = { dims: [rows, columns], channelAxis: 1, dtype: 'float32' as const, name: 'w' };
  const moments = momentsOf([weights]);

  it.each(['channel', 'block:64', 'block:16'] as const)('%s: close to those of all', (granularity) => {
    const sample = layerSample(layer, granularity, () => slicesOf(weights), moments);
    expect(sample.detail).toBe('approximate');
    for (const bits of [2, 4, 8] as const) {
      const settings = completeSettings({ bits, granularity });
      const exact = quantizeLayer(weights, layer, settings).error;
      expect(Math.abs(tried(sample, settings, 'float32', {}).sqnrDb - exact.sqnrDb)).toBeLessThan(0.1);
    }
  });
});
