import { sqnrDb } from '../src/core/metrics/errorMeasures';
import { predictedMse } from '../src/core/metrics/laplacianDistortion';
import type { Layer } from '../src/core/onnx/layer';
import { BIT_WIDTHS, completeSettings, scopeOf, type BitWidth, type LayerSettings } from '../src/core/plan/layerSettings';
import { quantizeLayer } from '../src/core/quantizeLayer';
import { laplacianSample } from '../test/unit/core/statistics/laplacianSample';
import type { LayerSample } from './layerSamples';
import { METHOD_ROWS, type MethodRow } from './methodRows';

/** One number for each bit width; null where the method does not take it. */
export type SqnrRow = { name: string; sqnrDb: (number | null)[] };

/** Weights that a method without a design for a density is designed on instead. */
const DENSE = laplacianSample(1 << 18);

/** On the unit Laplacian: the codebook, designed for that density where the method can, integrated in closed form. */
export function theoryRows(): SqnrRow[] {
  const methods = METHOD_ROWS.filter(({ needsRange, settings }) => !needsRange && settings.fit !== 'data');
  return rows(methods, (settings) => {
    const modelled: LayerSettings = { ...settings, normalize: 'none', fit: 'model' };
    const { codebook } = quantizeLayer(DENSE, layerOf(DENSE.length), modelled).widest;
    return sqnrDb(1, predictedMse(codebook, { location: 0, scale: Math.SQRT1_2 }));
  });
}

/** On a deterministic sample of the unit Laplacian. */
export function sampleRows(count: number): SqnrRow[] {
  const sample = laplacianSample(count);
  return rows(METHOD_ROWS, (settings) => quantizeLayer(sample, layerOf(count), settings).error.sqnrDb);
}

/** The mean over layers, each per tensor. */
export function meanRows(samples: LayerSample[], tell: (line: string) => void): SqnrRow[] {
  return rows(METHOD_ROWS, (settings) => {
    tell(`${settings.method} at ${settings.bits} bits`);
    const sum = samples.reduce((total, { layer, weights }) => total + quantizeLayer(weights, layer, settings).error.sqnrDb, 0);
    return sum / samples.length;
  });
}

function rows(methods: MethodRow[], measure: (settings: LayerSettings) => number): SqnrRow[] {
  return methods.map(({ name, settings }) => ({
    name,
    sqnrDb: BIT_WIDTHS.map((bits) => (
      takes(settings, bits) ? measure(completeSettings({ granularity: 'tensor', ...settings, bits })) : null)),
  }));
}

export function takes({ method = 'uniform' }: MethodRow['settings'], bits: BitWidth): boolean {
  return scopeOf(method, bits).bits.includes(bits);
}

function layerOf(elements: number): Pick<Layer, 'name' | 'dtype' | 'dims' | 'channelAxis'> {
  return { name: 'sample', dtype: 'float64', dims: [elements], channelAxis: null };
}
