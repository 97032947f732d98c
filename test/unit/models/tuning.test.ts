import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { coreJobs } from '../../../src/workers/coreJobs';
import { npyFloats } from '../../fixtures/inputFiles';
import { seededRandom } from '../../fixtures/modelBuilder';

const MODELS = resolve(import.meta.dirname, '../../../../shared/models');

/** Image sizes, pairs of layers, and layers with a bias to correct; BatchNormalization stands between those of the second. */
const TUNED: [string, number, number, number][] = [
  ['mlperf_resnet8_cifar10_folded', 32, 3, 10], ['mlperf_vww96_bn', 96, 0, 27], ['nanodet_m_416', 416, 47, 73],
];

describe.skipIf(!existsSync(MODELS))('real models, equalized and corrected', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'quantscope-tuning-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(TUNED)('%s is verified, and its outputs have less error', async (name, size, equalizedPairs, correctedBiases) => {
    const source = join(MODELS, `${name}.onnx`);
    const before = readFileSync(source);
    const inputs = join(folder, `${name}.npy`);
    writeFileSync(inputs, npyFloats([4, 3, size, size], images(4, size)));
    const jobs = coreJobs();
    const { layers } = await jobs.openModel({}, { path: source });
    const planned = layers.filter(({ quantizable }) => quantizable === true)
      .map(({ index }) => ({ layer: index, settings: completeSettings({ bits: 4, granularity: 'tensor' }) }));
    const sqnr = async (tuning: object): Promise<number> => {
      const path = join(folder, `${name}.onnx`);
      const report = await jobs.quantizeModel({}, { path: source }, planned, { path, format: 'exact', force: true, verify: true, tuning });
      expect(report.verified).toMatchObject({ maxAbsDifference: 0, wholeModel: 'ran' });
      expect(statSync(path).size).toBe(report.size.bytesAfter);
      if ('biasCorrection' in tuning) expect(report.corrections).toEqual({ equalizedPairs, correctedBiases, uncorrected: [] });
      const { outputs } = await jobs.compareOutputs({}, { path: source }, { path }, { file: inputs });
      return outputs.reduce((sum, { difference }) => sum + difference!.sqnrDb!, 0) / outputs.length;
    };
    expect(await sqnr({ calibration: { inputs }, biasCorrection: true, equalization: true })).toBeGreaterThan(await sqnr({}) + 1);
    expect(readFileSync(source).equals(before)).toBe(true);
  });
});

/** Waves and noise, from 0 to 1. */
function images(count: number, size: number): Float32Array {
  const random = seededRandom(5);
  const planes = Array.from({ length: 3 * count }, () => {
    const [light, depth, across, down] = [random(), random(), 0.3 * random(), 0.3 * random()] as const;
    return Float32Array.from({ length: size * size }, (_, i) => (
      0.4 * light + 0.2 * depth * (1 + Math.sin(across * (i % size) + down * Math.floor(i / size))) + 0.2 * random()
    ));
  });
  return Float32Array.from(planes.flatMap((plane) => [...plane]));
}
