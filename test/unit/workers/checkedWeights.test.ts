import { expect, test } from 'vitest';
import { memoryFiles } from '../../../src/core/bytes/memorySource';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { dequantized, quantizeLayer } from '../../../src/core/quantizeLayer';
import { checkedWeights } from '../../../src/workers/checkedWeights';
import { modelInMemory, type OpenModel } from '../../../src/workers/modelCache';
import { buildModel, laplacian } from '../../fixtures/modelBuilder';

const DIMS = [40, 30];
const weights = laplacian(1200, 3);

function opened(): OpenModel {
  const { model } = buildModel({
    inputs: [{ name: 'x', dims: [1, 40] }], outputs: [{ name: 'y', dims: [1, 30] }],
    initializers: [{ name: 'w', dims: DIMS, data: weights }], nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  });
  const files = memoryFiles('m.onnx', model);
  return modelInMemory(files, indexModel(files, 'm.onnx'));
}

test.each(['channel', 'tensor', 'block:16'] as const)('weights quantized per %s have the error that is told', (granularity) => {
  const model = opened();
  const [layer] = model.index.layers;
  const quantized = quantizeLayer(weights, layer!, completeSettings({ bits: 4, granularity }));
  expect(checkedWeights(model, layer!, quantized, 'copy.onnx')).toEqual(dequantized(quantized));
});

test('a row in the place of another fails, and the layer is named', () => {
  const model = opened();
  const [layer] = model.index.layers;
  const quantized = quantizeLayer(weights, layer!, completeSettings({ bits: 4 }));
  quantized.codes.copyWithin(0, 30, 60);
  expect(() => checkedWeights(model, layer!, quantized, 'copy.onnx'))
    .toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'verification-failed', place: { file: 'copy.onnx', tensor: 'w' } }) }));
});
