import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelFiles } from '../../../src/core/bytes/byteSource';
import { indexModel } from '../../../src/core/onnx/indexModel';
import type { Layer } from '../../../src/core/onnx/layer';
import type { ModelIndex } from '../../../src/core/onnx/modelIndex';
import { planCopy, type CopyOptions } from '../../../src/core/onnx/planCopy';
import { readWeights } from '../../../src/core/onnx/weights';
import { writeCopy } from '../../../src/core/onnx/writeCopy';
import { completeSettings, type LayerSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import { dequantized, quantizeLayer, type QuantizedLayer } from '../../../src/core/quantizeLayer';
import { writeAtomically } from '../../../src/platform/atomicFile';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import type { Verification } from '../../../src/protocol/coreService';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';
import type { Runtime } from '../../../src/runtime/runtime';
import { verifyCopy } from '../../../src/runtime/verifyCopy';
import { wasmRuntime } from '../../../src/runtime/wasmRuntime';

const MODELS = resolve(import.meta.dirname, '../../../../shared/models');

/** Its nodes are of a domain that stock ONNX Runtime has no kernels for. */
const NOT_LOADABLE = ['superres_prepost_op18.onnx'];
/** They take a speech frame of one length at one rate, a number of beams that is not 0, and an image of 720 × 720. */
const NOT_RUN = ['silero_vad.onnx', 'tiny_gpt2_beamsearch_fp16.onnx', 'candy_fns.onnx'];

describe.skipIf(!existsSync(MODELS))('copies of real models', () => {
  let native: Runtime;
  let folder: string;
  beforeAll(async () => {
    native = (await nativeRuntime())!;
    folder = mkdtempSync(join(tmpdir(), 'quantscope-copies-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of existsSync(MODELS) ? quantizableModels() : []) {
    it.each([8, 4, 3, 2] as const)(`${name} at %i bits`, async (bits) => {
      const source = join(MODELS, name);
      const before = hash(source);
      const verified = await copyAndVerify(native, source, join(folder, `${bits}-${name}`), { bits });
      expect(verified.maxAbsDifference).toBe(0);
      expect(verified.wholeModel).toBe(NOT_LOADABLE.includes(name) ? 'source-does-not-load' : reached(name));
      expect(hash(source)).toBe(before);
    });
  }

  /** Opset 11 has one scale a tensor, 13 and later one a channel; of these only the last has 4-bit codes, at 21. */
  for (const [name, granularity, layers] of [
    ['lenet5_mnist.onnx', 'tensor', 5], ['dtln_1.onnx', 'tensor', 5],
    ['mlperf_resnet8_cifar10_folded.onnx', 'channel', 10], ['silero_vad.onnx', 'channel', 16],
    ['jax_model_with_function.onnx', 'channel', 4],
  ] as const) {
    it.each([8, 4] as const)(`${name} per ${granularity} at %i bits, all in DequantizeLinear`, async (bits) => {
      const target = join(folder, `qdq-${bits}-${name}`);
      const verified = await copyAndVerify(native, join(MODELS, name), target, { bits, granularity }, { format: 'qdq' });
      expect(verified).toEqual({ maxAbsDifference: 0, layers, runtime: 'native', wholeModel: reached(name) });
      expect(readFileSync(target).toString('latin1').split('DequantizeLinear')).toHaveLength(layers + 1);
    });
  }

  it('lenet5_mnist_extdata.onnx in WebAssembly', async () => {
    const source = join(MODELS, 'lenet5_mnist_extdata.onnx');
    const verified = await copyAndVerify(await wasmRuntime(), source, join(folder, 'wasm.onnx'), { bits: 3 });
    expect(verified).toEqual({ maxAbsDifference: 0, layers: 5, runtime: 'wasm', wholeModel: 'ran' });
  });
});

function reached(name: string): Verification['wholeModel'] {
  return NOT_RUN.includes(name) ? 'loaded' : 'ran';
}

function quantizableModels(): string[] {
  return readdirSync(MODELS).filter((name) => name.endsWith('.onnx') && hasQuantizableLayers(join(MODELS, name)));
}

function hasQuantizableLayers(path: string): boolean {
  const files = openModelFiles(path);
  try {
    const index = indexModel(files, path);
    return planCopy(index, everyLayer(index, { bits: 8 }), 'copy.onnx').layers.length > 0;
  } catch {
    return false;
  } finally {
    files.close();
  }
}

function everyLayer(index: ModelIndex, partial: PartialSettings): { layer: number; settings: LayerSettings }[] {
  const settings = completeSettings({ support: 'abs-max', ...partial });
  return index.layers.map(({ index: layer }) => ({ layer, settings }));
}

async function copyAndVerify(
  runtime: Runtime, path: string, target: string, settings: PartialSettings, options: CopyOptions = {},
): Promise<Verification> {
  const files = openModelFiles(path);
  try {
    const index = indexModel(files, path);
    const plan = planCopy(index, everyLayer(index, settings), basename(target), options);
    const quantize = (layer: Layer): QuantizedLayer => quantized(files, index, layer, plan.layers[0]!.settings);
    const outputs = await writeAtomically({ path: target, force: false, sources: [path] }, (open) => {
      writeCopy(files, index, plan, quantize, open);
    });
    expect(outputs.reduce((bytes, output) => bytes + statSync(output).size, 0)).toBe(plan.size.bytesAfter);
    expect(plan.size.bytesAfter).toBeLessThan(plan.size.bytesBefore);
    return await verifyCopy(runtime, {
      path: target,
      name: target,
      source: index,
      layers: plan.layers,
      expected: (layer) => dequantized(quantize(layer)),
    });
  } finally {
    files.close();
  }
}

function quantized(files: ModelFiles, index: ModelIndex, layer: Layer, settings: LayerSettings): QuantizedLayer {
  return quantizeLayer(readWeights(files, index.tensors[layer.tensor]!), layer, settings);
}

/** Of the model and everything beside it that could belong to it. */
function hash(path: string): string {
  const stem = basename(path, '.onnx');
  const own = readdirSync(dirname(path)).filter((name) => name.startsWith(stem)).sort();
  const digest = createHash('sha256');
  for (const name of own) digest.update(readFileSync(join(dirname(path), name)));
  return digest.digest('hex');
}
