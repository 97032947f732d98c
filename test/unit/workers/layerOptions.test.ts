import { beforeEach, expect, test, vi } from 'vitest';
import { memoryFiles } from '../../../src/core/bytes/memorySource';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { readWeights } from '../../../src/core/onnx/weights';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../src/core/quantizeLayer';
import { layerOptions } from '../../../src/workers/layerOptions';
import { modelInMemory } from '../../../src/workers/modelCache';
import { buildModel, laplacian } from '../../fixtures/modelBuilder';

/** Counts how often all names are gone through. */
class WatchedNames extends Set<string> {
  passes = 0;

  override [Symbol.iterator]() {
    this.passes++;
    return super[Symbol.iterator]();
  }
}

vi.mock('../../../src/core/onnx/weights', { spy: true });

const weights = [1, 2, 3].map((seed) => laplacian(256, seed));

function openModel() {
  const { model } = buildModel({
    initializers: weights.map((data, i) => ({ name: `w${i}`, dims: [16, 16], data })),
    nodes: weights.map((_, i) => ({ op: 'MatMul', inputs: [`x${i}`, `w${i}`], outputs: [`x${i + 1}`] })),
  });
  const files = memoryFiles('m.onnx', model);
  return modelInMemory(files, indexModel(files, 'm.onnx'));
}

const wanted = weights.map((_, layer) => ({ layer, settings: {} }));
const measured = { format: 'exact', calibration: undefined } as const;

beforeEach(() => void vi.mocked(readWeights).mockClear());

test('names of the whole model are gone through once, however many layers and widths are measured', async () => {
  const model = openModel();
  const names = new WatchedNames(model.index.names);
  names.passes = 0;
  expect(await layerOptions({ ...model, index: { ...model.index, names } }, wanted, measured, {})).toHaveLength(weights.length);
  expect(names.passes).toBe(1);
});

test('errors of weights are measured without having all of a layer’s in memory, and are the same', async () => {
  const model = openModel();
  const found = await layerOptions(model, wanted, measured, {});
  expect(readWeights).not.toHaveBeenCalled();
  for (const { layer, options } of found) {
    for (const { bits, noise } of options) {
      if (bits === 'float') continue;
      const { sums } = quantizeLayer(weights[layer]!, model.index.layers[layer]!, completeSettings({ bits }));
      expect(noise).toBeCloseTo(sums.noise / sums.signal, 12);
    }
  }
});
