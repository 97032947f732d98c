import { expect } from 'vitest';
import type { ModelFiles } from '../../../../src/core/bytes/byteSource';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { layerKey } from '../../../../src/core/onnx/layer';
import type { ModelIndex } from '../../../../src/core/onnx/modelIndex';
import { planCopy, type CopyOptions, type CopyPlan } from '../../../../src/core/onnx/planCopy';
import { readWeights } from '../../../../src/core/onnx/weights';
import { writeCopy } from '../../../../src/core/onnx/writeCopy';
import { completeSettings, type PartialSettings, type PlannedLayer } from '../../../../src/core/plan/layerSettings';
import { dequantized, quantizeLayer, type QuantizedLayer } from '../../../../src/core/quantizeLayer';
import { dequantizationModels, weightPlaces } from '../../../../src/runtime/dequantizationModel';
import type { Runtime } from '../../../../src/runtime/runtime';
import { memorySink, type MemorySink } from '../../../fixtures/memorySink';
import { buildModel, type BuiltModel, type FixtureModel } from '../../../fixtures/modelBuilder';

/** A copy in memory, and what it was made of. */
export interface MadeCopy {
  source: ModelIndex;
  plan: CopyPlan;
  model: Uint8Array;
  /** Null when the copy has no external data. */
  data: Uint8Array | null;
  /** By the layer's key: the weights the copy must have. */
  expected: Map<string, Float32Array>;
}

/** Quantizes all layers that can be, or those named, alike. */
export function copyOf(built: BuiltModel, settings: PartialSettings, names?: string[], options?: CopyOptions): MadeCopy {
  const files = memoryFiles('model.onnx', built.model, built.external);
  const source = indexModel(files, 'model.onnx');
  return copyFrom(files, source, planAll(source, settings, names), options);
}

export function copyFrom(files: ModelFiles, source: ModelIndex, planned: PlannedLayer[], options?: CopyOptions): MadeCopy {
  const plan = planCopy(source, planned, 'copy.onnx', options);
  const expected = new Map<string, Float32Array>();
  const outputs = new Map<string, MemorySink>();
  const quantize: Parameters<typeof writeCopy>[3] = (layer, settings): QuantizedLayer => {
    const quantized = quantizeLayer(readWeights(files, source.tensors[layer.tensor]!), layer, settings);
    expected.set(layerKey(layer), dequantized(quantized));
    return quantized;
  };
  writeCopy(files, source, plan, quantize, (suffix) => {
    const sink = memorySink();
    outputs.set(suffix, sink);
    return sink;
  });
  return { source, plan, model: outputs.get('')!.bytes(), data: outputs.get('.data')?.bytes() ?? null, expected };
}

/** Every layer's weights as ONNX Runtime computes them from the copy, which must hold all of them quantized. */
export async function expectStoredWeights(runtime: Runtime, copy: MadeCopy): Promise<void> {
  expect(copy.plan.size.skipped).toEqual([]);
  expect(copy.model.length + (copy.data?.length ?? 0)).toBe(copy.plan.size.bytesAfter);
  const external = new Map(copy.data ? [['copy.onnx.data', copy.data]] : []);
  const files = memoryFiles('copy.onnx', copy.model, external);
  const modelOf = dequantizationModels(files, indexModel(files, 'copy.onnx'));
  for (const encoded of copy.plan.layers) {
    const { layer } = encoded;
    for (const place of weightPlaces(copy.source, encoded)) {
      const [weights] = Object.values(await runtime.evaluate(modelOf(place)));
      expect(weights!.dims).toEqual(layer.dims);
      expect(weights!.data).toEqual(copy.expected.get(layerKey(layer)));
    }
  }
}

/** The model whose float weights are those that the copy must have. */
export function withWeights(fixture: FixtureModel, { expected }: MadeCopy): Uint8Array {
  const initializers = fixture.initializers!.map((tensor) => ({ ...tensor, data: expected.get(tensor.name) ?? tensor.data }));
  return buildModel({ ...fixture, initializers }).model;
}

/** `abs-max` is quick; the grid is the default of the bit width unless said. */
export function planAll(index: ModelIndex, settings: PartialSettings, names?: string[]): PlannedLayer[] {
  return index.layers
    .filter(({ name }) => names?.includes(name) ?? true)
    .map((layer) => ({ layer: layer.index, settings: completeSettings({ support: 'abs-max', ...settings }) }));
}
