import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { CoreError } from '../src/core/errors';
import type { FloatArray } from '../src/core/onnx/dataType';
import { indexModel } from '../src/core/onnx/indexModel';
import type { Layer } from '../src/core/onnx/layer';
import { readWeights } from '../src/core/onnx/weights';
import { openModelFiles } from '../src/platform/nodeFiles';

/** A layer of a real model with its weights. */
export interface LayerSample {
  layer: Layer;
  weights: FloatArray;
}

/** One model stored in several ways counts once. */
const VARIANTS = /^lenet5_mnist_/;
/** Fewer weights would be too few for each of 256 levels. */
const LEAST_WEIGHTS = 1000;

/** The quantizable layers of all models in a folder, those of equal weights once: how many there are, and the large enough ones. */
export function layerSamples(folder: string): { samples: LayerSample[]; models: number; layers: number } {
  const seen = new Set<string>();
  const samples: LayerSample[] = [];
  let [models, layers] = [0, 0];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.onnx') && !VARIANTS.test(name)).sort()) {
    const own = layersOf(path.join(folder, file)).filter(({ weights }) => isNew(weights, seen));
    if (own.length === 0) continue;
    models++;
    layers += own.length;
    samples.push(...own.filter(({ weights }) => weights.length >= LEAST_WEIGHTS));
  }
  return { samples, models, layers };
}

function isNew(weights: FloatArray, seen: Set<string>): boolean {
  const hash = createHash('sha256').update(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)).digest('hex');
  const isFirst = !seen.has(hash);
  seen.add(hash);
  return isFirst;
}

/** Nothing of a file that is no model. */
function layersOf(file: string): LayerSample[] {
  const files = openModelFiles(file);
  try {
    const index = indexModel(files, file);
    return index.layers.filter(({ quantizable, fixed }) => quantizable === true && !fixed)
      .map((layer) => ({ layer, weights: readWeights(files, index.tensors[layer.tensor]!) }));
  } catch (error) {
    if (error instanceof CoreError) return [];
    throw error;
  } finally {
    files.close();
  }
}
