import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { calibratedLayers } from '../../../src/core/calibration/calibratedLayers';
import { indexModel, readNetwork } from '../../../src/core/onnx/indexModel';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import { captureMoments } from '../../../src/runtime/captureMoments';
import { randomInputs } from '../../../src/runtime/inputs/randomInputs';
import { nativeRuntime } from '../../../src/runtime/nativeRuntime';

const MODELS = join(import.meta.dirname, '../../../../shared/models');
/** Not to be opened; made of operators that ONNX Runtime lacks; images of 720 × 720, which take half a minute. */
const LEFT_OUT = [
  'lfs_pointer.onnx', 'arbitrary_external_file.onnx', 'ext_initializers_missing.onnx', 'superres_prepost_op18.onnx', 'candy_fns.onnx',
];
const names = existsSync(MODELS)
  ? readdirSync(MODELS).filter((name) => name.endsWith('.onnx') && !LEFT_OUT.includes(name))
  : [];

describe.skipIf(names.length === 0)('layers of real models', () => {
  test.each(names)('%s: inputs of its Conv, MatMul and Gemm weights in the main graph are captured', async (name) => {
    const path = join(MODELS, name);
    const runtime = (await nativeRuntime())!;
    const files = openModelFiles(path);
    try {
      const index = indexModel(files, path);
      const network = readNetwork(files, undefined);
      const quantizable = index.layers.filter((layer) => layer.quantizable === true);
      const { layers, reasons } = calibratedLayers(index, network, quantizable.map((layer) => layer.index));
      for (const [layer, reason] of reasons) {
        const { scope, consumers, dims } = index.layers[layer]!;
        const plain = consumers.every(({ op, input }) => input === 1 && (op === 'Conv' || (['MatMul', 'Gemm'].includes(op) && dims.length === 2)));
        expect(reason === 'not-in-main-graph' ? scope !== '' || index.consumerPlaces[layer]!.some((place) => place.scope !== 0) : !plain).toBe(true);
      }
      const arrays = await runtime.withModel(path, [], async ({ inputs }) => randomInputs(inputs, 1));
      const { moments } = await captureMoments(
        runtime, { files, index, network, replaced: new Map(), arrays, options: {}, samples: 1 }, layers,
      );
      expect(moments).toHaveLength(layers.length);
      for (const { groups, columns, second, positions } of moments) {
        expect(positions).toBeGreaterThan(0);
        for (let group = 0; group < groups; group++) {
          for (let i = 0; i < columns; i++) expect(second[(group * columns + i) * columns + i]).toBeGreaterThanOrEqual(0);
        }
      }
    } finally {
      files.close();
    }
  });
});
