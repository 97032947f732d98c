import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mnistAccuracy } from '../../../bench/mnist';
import { FLOAT_ACCURACY, MNIST_COPIES, mnistFiles } from '../../../bench/mnistCopies';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { coreJobs } from '../../../src/workers/coreJobs';

const { model, data } = mnistFiles(path.resolve(import.meta.dirname, '../../../../shared'));

describe.skipIf(!existsSync(model) || !existsSync(data))('top-1 accuracy on MNIST of copies of a 784-512-512-10 MLP', () => {
  const jobs = coreJobs();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'quantscope-accuracy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is known of the model itself', async () => {
    expect(await mnistAccuracy(model, data)).toBeCloseTo(FLOAT_ACCURACY, 9);
  });

  it.each(MNIST_COPIES)('$name: $expected ± $tolerance %', async ({ settings, expected, tolerance }) => {
    const copy = path.join(folder, 'copy.onnx');
    const { layers } = await jobs.openModel({}, { path: model });
    const planned = layers.map(({ index: layer }) => ({ layer, settings: completeSettings(settings) }));
    await jobs.quantizeModel({}, { path: model }, planned, { path: copy, format: 'exact', force: true, verify: false });
    const difference = Math.abs((await mnistAccuracy(copy, data)) - expected);
    expect(difference).toBeLessThanOrEqual(tolerance + 1e-9);
  });
});
