import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelFiles } from '../../../src/core/bytes/byteSource';
import { isFloatType } from '../../../src/core/onnx/dataType';
import { indexModel } from '../../../src/core/onnx/indexModel';
import type { ModelIndex } from '../../../src/core/onnx/modelIndex';
import { readWeights } from '../../../src/core/onnx/weights';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { dequantized, quantizeLayer } from '../../../src/core/quantizeLayer';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import { problemOf } from '../../fixtures/problemOf';

const MODELS = resolve(import.meta.dirname, '../../../../shared/models');
const EXPECTED = resolve(import.meta.dirname, '../../expected');

/** Made by make_expected.py: one file a model. */
interface Expected {
  file: string;
  refused?: string;
  layers?: object[];
}

const expectations = readdirSync(EXPECTED)
  .filter((name) => name.endsWith('.layers.json'))
  .map((name): Expected => JSON.parse(readFileSync(resolve(EXPECTED, name), 'utf8')));

function withModel<T>(file: string, use: (files: ModelFiles, index: ModelIndex) => T): T {
  const files = openModelFiles(resolve(MODELS, file));
  try {
    return use(files, indexModel(files, file));
  } finally {
    files.close();
  }
}

function observe(files: ModelFiles, index: ModelIndex): object[] {
  return index.layers.map(({ name, scope, consumers, dims, dtype, elements, channelAxis, storage, tensor }) => {
    const weights = isFloatType(dtype) ? Float32Array.from(readWeights(files, index.tensors[tensor]!)) : null;
    const sha256 = weights && createHash('sha256').update(new Uint8Array(weights.buffer)).digest('hex');
    return { name, scope, consumers, dims, dtype, elements, channelAxis, form: storage.form, sha256 };
  });
}

describe.skipIf(!existsSync(MODELS))('the shared models open with the layers that the onnx package finds', () => {
  test('there is an expectation for every model of the manifest', () => {
    const text = readFileSync(resolve(MODELS, 'manifest.json'), 'utf8');
    const manifest: { models: { files: { path: string }[] }[] } = JSON.parse(text);
    const files = manifest.models.map((model) => model.files[0]!.path.replace('models/', ''));
    expect(expectations.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  });

  for (const { file, layers, refused } of expectations) {
    test(refused === undefined ? file : `${file} is refused as ${refused}`, () => {
      if (refused === undefined) expect(withModel(file, observe)).toEqual(layers);
      else expect(problemOf(() => withModel(file, observe)).code).toBe(refused);
    });
  }
});

describe.skipIf(!existsSync(MODELS))('one network stored in five ways', () => {
  const lenet = (variant: string) => withModel(`lenet5_mnist${variant}.onnx`, (files, index) => (
    index.layers.map(({ name, dims, channelAxis, quantizable, tensor }) => (
      { name, dims, channelAxis, quantizable, weights: readWeights(files, index.tensors[tensor]!) }
    ))
  ));

  test.each(['_extdata', '_constnodes', '_floatdata'])('lenet5_mnist%s.onnx has the same layers and weights', (variant) => {
    expect(lenet(variant)).toEqual(lenet(''));
  });

  test('lenet5_mnist_fp16.onnx has the same layers, and weights rounded to half precision', () => {
    const single = lenet('');
    const half = lenet('_fp16');
    expect(half.map(({ weights: _, ...layer }) => layer)).toEqual(single.map(({ weights: _, ...layer }) => layer));
    // Half a unit in the last of 11 significant bits; below 2⁻¹⁴ float16 is subnormal with steps of 2⁻²⁴.
    const excess = single.map(({ weights }, i) => weights.map((weight, k) => (
      Math.abs(half[i]!.weights[k]! - weight) - Math.max(Math.abs(weight) * 2 ** -11, 2 ** -25)
    )));
    for (const layer of excess) expect(Math.max(...layer)).toBeLessThanOrEqual(0);
  });

  const quantized = (variant: string): Float32Array[] => withModel(`lenet5_mnist${variant}.onnx`, (files, index) => (
    index.layers.map((layer) => (
      dequantized(quantizeLayer(readWeights(files, index.tensors[layer.tensor]!), layer, completeSettings({ bits: 4, support: 'abs-max' })))
    ))
  ));

  test.each(['_extdata', '_constnodes', '_floatdata'])('lenet5_mnist%s.onnx has the same quantized weights', (variant) => {
    expect(quantized(variant)).toEqual(quantized(''));
  });

  test('lenet5_mnist_fp16.onnx has the same quantized weights within its rounding, but for ties it turns', () => {
    const half = quantized('_fp16');
    quantized('').forEach((weights, i) => {
      const moved = weights.filter((weight, k) => Math.abs(half[i]![k]! - weight) > 2 * Math.max(Math.abs(weight) * 2 ** -11, 2 ** -25));
      expect(moved.length / weights.length).toBeLessThan(0.005);
    });
  });
});

describe.skipIf(!existsSync(MODELS))('the shared models, beyond their layers', () => {
  test('ext_initializers_missing.onnx opens and names the file that is not there', () => {
    const { externalFiles } = withModel('ext_initializers_missing.onnx', (_, index) => index);
    expect(externalFiles).toEqual([{ location: 'Pads.bin', bytes: null, needed: 32 }]);
  });

  test('arbitrary_external_file.onnx is refused with the tensor and where it points', () => {
    const problem = problemOf(() => withModel('arbitrary_external_file.onnx', () => null));
    expect(problem.place.tensor).toBe('evil_weights');
    expect(problem.detail['location']).toContain('etc/passwd');
  });

  test('bytes count the model and its external data', () => {
    expect(withModel('lenet5_mnist_extdata.onnx', (_, index) => index.bytes)).toBe(3463 + 245280);
  });

  test.each([
    ['mlp_mnist_rmsprop', 669706],
    ['ultraface_rfb320', 281100 + 26524],
    ['ppocr_cls_v2', 133700],
    ['silero_vad', 545286],
  ])('%s has %i parameters', (name, parameters) => {
    expect(withModel(`${name}.onnx`, (_, index) => index.parameters)).toBe(parameters);
  });
});
