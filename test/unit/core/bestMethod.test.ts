import { describe, expect, it } from 'vitest';
import { bestMethod } from '../../../src/core/bestMethod';
import { sqnrDb } from '../../../src/core/metrics/errorMeasures';
import type { FloatArray } from '../../../src/core/onnx/dataType';
import {
  BIT_WIDTHS, completeSettings, METHODS, scopeOf, type LayerSettings, type PartialSettings,
} from '../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../src/core/quantizeLayer';
import { laplacianSample } from './statistics/laplacianSample';

const layerOf = (weights: FloatArray, dims = [weights.length], channelAxis: number | null = null) => ({
  name: 'w', dtype: 'float32' as const, dims, channelAxis, bytes: 4 * weights.length,
});
/** As if codes were all that a layer stores. */
const codesOnly = (weights: FloatArray) => ({ bits }: LayerSettings) => (weights.length * bits) / 8;
const SAMPLE = Float32Array.from(laplacianSample(3000));
const measured = (weights: FloatArray, settings: PartialSettings, dims?: number[], axis?: number) => (
  quantizeLayer(weights, layerOf(weights, dims, axis), completeSettings(settings)).error.sqnrDb
);

describe('bestMethod', () => {
  it.each(BIT_WIDTHS)('at %d bits loses no more than any method does', (bits) => {
    for (const weights of [SAMPLE, SAMPLE.map(Math.tanh), SAMPLE.map((w) => w ** 3), SAMPLE.map((w) => Math.abs(w))]) {
      const planned = completeSettings({ bits, granularity: 'tensor' });
      const best = bestMethod(weights, layerOf(weights), planned, codesOnly(weights));
      const all = METHODS.filter((method) => scopeOf(method, bits).bits.includes(bits))
        .map((method) => measured(weights, { method, bits, granularity: 'tensor' }));
      expect(best.sqnrDb).toBeGreaterThan(Math.max(...all) - 0.011 * METHODS.length);
      expect(best.gainDb).toBeCloseTo(best.sqnrDb - measured(weights, { bits, granularity: 'tensor' }), 12);
      expect(best.gainDb).toBeGreaterThanOrEqual(0);
      expect(best.sqnrDb).toBe(measured(weights, best.settings));
      expect(sqnrDb(best.uniform.signal, best.uniform.noise)).toBeCloseTo(best.sqnrDb - best.gainDb, 12);
    }
  });

  it('stays with the uniform quantizer where none gains', () => {
    for (const weights of [new Float32Array(50).fill(0.25), new Float32Array(50)]) {
      const planned = completeSettings({ bits: 8, granularity: 'tensor' });
      const best = bestMethod(weights, layerOf(weights), planned, codesOnly(weights));
      expect(best).toMatchObject({ settings: planned, gainDb: 0, sqnrDb: Infinity });
    }
  });

  it('takes what the uniform quantizer is set to as the mark', () => {
    const planned = completeSettings({ method: 'n2uq', mode: 'published', bits: 2, granularity: 'tensor', support: 'abs-max' });
    const best = bestMethod(SAMPLE, layerOf(SAMPLE), planned, codesOnly(SAMPLE));
    expect(best.sqnrDb - best.gainDb).toBeCloseTo(measured(SAMPLE, { bits: 2, granularity: 'tensor', support: 'abs-max' }), 12);
    expect(best.settings).toMatchObject({ method: 'lloyd-max', bits: 2, granularity: 'tensor' });
    expect(best.settings.mode).toBeUndefined();
  });

  it('tries per tensor what cannot be done per channel, and takes it only where it wins', () => {
    const perTensor: string[] = [];
    const bytesOf = (settings: LayerSettings) => {
      if (settings.granularity === 'tensor') perTensor.push(settings.method);
      return settings.method === 'subset' || settings.method === 'uniform' ? 1 : Infinity;
    };
    const planned = completeSettings({ bits: 4, granularity: 'channel' });
    const layer = layerOf(SAMPLE, [30, 100], 0);
    const alike = bestMethod(SAMPLE, layer, planned, bytesOf);
    expect(alike.settings).toMatchObject({ method: 'subset', granularity: 'tensor' });
    expect(alike.gainDb).toBeGreaterThan(0);
    expect(perTensor).toEqual(['subset']);
    const unlike = SAMPLE.map((_, i) => (((i * Math.SQRT2) % 2) - 1) * (1 + (Math.floor(i / 100) % 4)));
    expect(bestMethod(unlike, layer, planned, bytesOf)).toMatchObject({ settings: planned, gainDb: 0 });
  });

  it('asks 6.02 dB for each bit a weight more than the uniform quantizer takes', () => {
    const planned = completeSettings({ bits: 4, granularity: 'tensor' });
    const free = bestMethod(SAMPLE, layerOf(SAMPLE), planned, codesOnly(SAMPLE));
    const dearer = (moreBits: number) => bestMethod(SAMPLE, layerOf(SAMPLE), planned, (settings) => (
      codesOnly(SAMPLE)(settings) + (settings.method === 'uniform' ? 0 : (SAMPLE.length * moreBits) / 8)));
    const worth = free.gainDb / (20 * Math.log10(2));
    expect(dearer(worth * 0.9).settings.method).toBe(free.settings.method);
    expect(dearer(worth * 1.1).settings.method).toBe('uniform');
    expect(dearer(-1).settings).toEqual(free.settings);
  });

  it('leaves out what takes more than two bits more, whatever it would win', () => {
    const spiky = SAMPLE.map((w, i) => (i < 16 ? 1e6 * (i + 1) : w > 0 ? 1 : -1));
    const planned = completeSettings({ bits: 5, granularity: 'tensor' });
    const found = (moreBits: number) => bestMethod(spiky, layerOf(spiky), planned, (settings) => (
      codesOnly(spiky)(settings) + (settings.method === 'lloyd-max' ? (spiky.length * moreBits) / 8 : 0))).settings.method;
    expect(found(1.9)).toBe('lloyd-max');
    expect(found(2.1)).not.toBe('lloyd-max');
  });

  it('says how far it is and stops when cancelled', () => {
    const seen: number[] = [];
    const planned = completeSettings({ bits: 2, granularity: 'tensor' });
    bestMethod(SAMPLE, layerOf(SAMPLE), planned, codesOnly(SAMPLE), { onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(1);
    const cancelled = { signal: { aborted: true } };
    expect(() => bestMethod(SAMPLE, layerOf(SAMPLE), planned, codesOnly(SAMPLE), cancelled)).toThrow('cancelled');
  });
});
