import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ByteSource, ModelFiles } from '../../../src/core/bytes/byteSource';
import { memoryFiles } from '../../../src/core/bytes/memorySource';
import type { CancelSignal } from '../../../src/core/job';
import { indexModel } from '../../../src/core/onnx/indexModel';
import { passingChunks } from '../../../src/core/onnx/weights';
import { completeSettings, type LayerSettings } from '../../../src/core/plan/layerSettings';
import { SLICE } from '../../../src/core/statistics/cancelSlices';
import { layerStatistics } from '../../../src/core/statistics/layerStatistics';
import { openModelFiles } from '../../../src/platform/nodeFiles';
import { calibrationOf, captureLayers } from '../../../src/workers/calibrateModel';
import { floatInputs } from '../../../src/workers/floatInputs';
import { inputsFit } from '../../../src/workers/inputsFit';
import { tensorOf } from '../../../src/workers/modelWeights';
import { modelInMemory, type OpenModel } from '../../../src/workers/modelCache';
import { quantizeModel } from '../../../src/workers/quantizeModel';
import { tuneCopy } from '../../../src/workers/tuneCopy';
import { npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';

const SIDE = 2048;
const folder = mkdtempSync(join(tmpdir(), 'quantscope-cancelled-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** One layer of four blocks. */
const path = writeModel(folder, 'large.onnx', buildModel({
  inputs: [{ name: 'x', dims: ['batch', SIDE] }],
  outputs: [{ name: 'y', dims: ['batch', SIDE] }],
  initializers: [{ name: 'w', dims: [SIDE, SIDE], data: laplacian(SIDE * SIDE, 1) }],
  nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
}));

type Work = (model: OpenModel, signal: CancelSignal) => unknown;

const quantizing = (settings: Partial<LayerSettings>): Work => (model, signal) => quantizeModel(
  model, [{ layer: 0, settings: completeSettings({ bits: 4, support: 'abs-max', ...settings }) }],
  { path: join(folder, 'copy.onnx'), format: 'exact', force: false, verify: false }, { signal },
);

const WORK: [name: string, work: Work][] = [
  ['inspecting', ({ files, index }, signal) => layerStatistics(() => passingChunks(files, tensorOf(index, index.layers[0]!), signal), 128, signal)],
  ['quantizing per tensor', quantizing({ granularity: 'tensor' })],
  ['quantizing per channel', quantizing({ granularity: 'channel' })],
  ['quantizing to a codebook', quantizing({ granularity: 'tensor', method: 'lloyd-max', fit: 'model' })],
];

interface Course {
  looks: number;
  /** Weights at most, read between two looks at the signal. */
  mostBetween: number;
  /** Weights read after the cancel. */
  afterCancel: number;
  problem: unknown;
}

/** Does the work on the model, cancelled when it looks for the n-th time. */
async function course(work: Work, cancelAt: number): Promise<Course> {
  const files = openModelFiles(path);
  const found: Course = { looks: 0, mostBetween: 0, afterCancel: 0, problem: undefined };
  const index = indexModel(files, path);
  let between = 0;
  const watched = onRead(files, (bytes) => {
    between += bytes / Float32Array.BYTES_PER_ELEMENT;
    found.mostBetween = Math.max(found.mostBetween, between);
    if (found.looks >= cancelAt) found.afterCancel += bytes;
  });
  const signal = {
    get aborted() {
      between = 0;
      return ++found.looks >= cancelAt;
    },
  };
  try {
    await work(modelInMemory(watched, index), signal);
  } catch (error) {
    found.problem = error;
  } finally {
    files.close();
  }
  return found;
}

async function uncancelled(work: Work): Promise<Course> {
  const whole = await course(work, Infinity);
  rmSync(join(folder, 'copy.onnx'), { force: true });
  return whole;
}

function onRead(files: ModelFiles, told: (bytes: number) => void): ModelFiles {
  const main: ByteSource = {
    ...files.main,
    read(offset, length) {
      told(length);
      return files.main.read(offset, length);
    },
  };
  return { ...files, main };
}

describe.each(WORK)('%s a large layer', (_, work) => {
  it('looks at its cancel signal at least once a block it reads, and often while it computes', async () => {
    const { looks, mostBetween, problem } = await uncancelled(work);
    expect(problem).toBeUndefined();
    expect(mostBetween).toBeLessThanOrEqual(SLICE);
    expect(looks).toBeGreaterThanOrEqual((2 * SIDE * SIDE) / SLICE);
  });

  it('ends where it is cancelled, reads nothing more and leaves nothing', async () => {
    const { looks } = await uncancelled(work);
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const { problem, afterCancel } = await course(work, Math.max(1, Math.floor(share * looks)));
      expect(problem).toMatchObject({ problem: { code: 'cancelled' } });
      expect(afterCancel).toBe(0);
      expect(readdirSync(folder)).toEqual(['large.onnx']);
    }
  });
});

/** Work that reads a model's nodes again. Nothing else that it does here looks at the signal. */
const NODE_READING: [name: string, work: Work][] = [
  ['tuning a copy', (model, signal) => tuneCopy(model, [], { biasCorrection: true }, signal)],
  ['planning calibration', (model, signal) => calibrationOf(model, [], { calibration: { inputs: path } }, signal)],
  ['capturing layers', (model, signal) => captureLayers(model, [], { inputs: join(folder, 'none.npy') }, { signal })],
  ['choosing what to capture', (model, signal) => floatInputs(model, [], { inputs: join(folder, 'none.npy') }, { signal })],
  ['fitting inputs', (model, signal) => inputsFit(model, join(folder, 'x.npy'), signal)],
];

describe.each(NODE_READING)('%s of a model of many nodes', (_, work) => {
  it('ends where it is cancelled', async () => {
    const inputs = join(folder, 'x.npy');
    writeFileSync(inputs, npyFloats([1, 4], [1, 2, 3, 4]));
    const nodes = Array.from({ length: 3000 }, (__, i) => ({ op: 'Relu', inputs: [`x${i}`], outputs: [`x${i + 1}`] }));
    const files = memoryFiles('m', buildModel({ inputs: [{ name: 'x0', dims: ['batch', 4] }], nodes }).model);
    const model = modelInMemory(files, indexModel(files, 'm'));
    try {
      await expect((async () => work(model, { aborted: true }))()).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    } finally {
      rmSync(inputs);
    }
  });
});
