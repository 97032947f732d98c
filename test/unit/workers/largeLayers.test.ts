import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Layer } from '../../../src/core/onnx/layer';
import { completeSettings, type LayerSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import { quantizeLayer } from '../../../src/core/quantizeLayer';
import type { QuantizeReport } from '../../../src/protocol/coreService';
import { coreJobs } from '../../../src/workers/coreJobs';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

/** Layers of more weights than are held: those of a whole tensor are read again for each pass, columns come in stripes. */
const SIDE = 1030;
const weights = [1, 2].map((seed) => laplacian(SIDE * SIDE, seed));

const jobs = coreJobs();
let folder: string;
let path: string;
let layers: Layer[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-large-'));
  path = writeModel(folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', SIDE] }],
    outputs: [{ name: 'y', dims: ['batch', SIDE] }],
    initializers: weights.map((data, i) => ({ name: `w${i}`, dims: [SIDE, SIDE], data })),
    nodes: [
      { op: 'MatMul', inputs: ['x', 'w0'], outputs: ['h'] },
      { op: 'Gemm', inputs: ['h', 'w1'], outputs: ['y'], attributes: { transB: 1 } },
    ],
  }));
  ({ layers } = await jobs.openModel({}, { path }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const GRANULARITIES = ['tensor', 'channel', 'block:256'] as const;

describe.each(GRANULARITIES)('%s', (granularity) => {
  const written = (partial: PartialSettings, name: string): Promise<QuantizeReport> => {
    const settings = completeSettings({ bits: 4, granularity, ...partial });
    const planned = layers.map(({ index }) => ({ layer: index, settings }));
    return jobs.quantizeModel({}, { path }, planned, { path: join(folder, name), format: 'exact', force: true, verify: true });
  };

  test.each([
    {}, { grid: 'affine', support: 'abs-max' }, { method: 'lloyd-max', fit: 'model' }, { method: 'sptq' }, { method: 'n2uq' },
  ] satisfies PartialSettings[])('%o: written and verified, with the errors of a preview and of all weights at once', async (partial) => {
    const report = await written(partial, 'copy.onnx');
    expect(report.verified).toMatchObject({ layers: 2, maxAbsDifference: 0 });
    for (const [layer, { settings, sqnrDb }] of report.layers.entries()) {
      expect((await jobs.previewLayer({}, { path }, { layer, settings }, 'exact')).sqnrDb).toBe(sqnrDb);
      expect(quantizeLayer(weights[layer]!, layers[layer]!, settings).error.sqnrDb).toBeCloseTo(sqnrDb, 9);
    }
  });

  test('every figure of a layer can be had', async () => {
    const settings: LayerSettings = completeSettings({ bits: 4, granularity });
    for (const { index: layer } of layers) {
      const planned = { layer, settings };
      const { sqnrDb } = await jobs.previewLayer({}, { path }, planned, 'exact');
      const { tried } = await jobs.tryLayer({}, { path }, layer, [settings], 'exact');
      expect(tried[0]!.sqnrDb).toBeCloseTo(sqnrDb, 9);
      const { counts } = (await jobs.layerErrors({}, { path }, planned, 64)).histogram;
      expect(counts.reduce((sum, some) => sum + some, 0)).toBe(SIDE * SIDE);
      expect((await jobs.supportCurve({}, { path }, planned, [1, 3, 5], 'exact')).points).toHaveLength(3);
      expect(await jobs.channelRanges({}, { path }, layer)).toHaveLength(SIDE);
    }
    const [options] = await jobs.layerOptions({}, { path }, [{ layer: 0, settings: { granularity } }], 'exact');
    expect(options!.options.map(({ bits }) => bits)).toEqual([2, 3, 4, 5, 6, 7, 8, 'float']);
  });
});
