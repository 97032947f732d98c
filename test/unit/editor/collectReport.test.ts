import { expect, test } from 'vitest';
import { completeSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import { collectReport } from '../../../src/editor/collectReport';
import { excludedNodes } from '../../../src/editor/excludedNodes';
import type { LayerPreview, QuantizeReport } from '../../../src/protocol/coreService';
import { FakeCore, layerOf, summaryOf } from './fakeCore';

const LAYERS = [layerOf(0), layerOf(1, { scope: 'then' }), layerOf(2), layerOf(3, { name: 'w4' })];
const COPY = { signal: new AbortController().signal, onProgress: () => {} };

function previewOf(layer: number, settings: PartialSettings): LayerPreview {
  return {
    layer, name: `w${layer}`, settings: completeSettings(settings), mse: 0.1, sqnrDb: 20, predictedSqnrDb: 19, outputSqnrDb: null, fewPositions: null,
    maxAbsError: 1, cosine: 1, bytesBefore: 24, bytesAfter: 9, codebook: { levels: [], thresholds: [], support: [-1, 1], channel: null },
  };
}

/** The first layer is rounded by few samples, the second neither calibrated nor stored so, the third left, the fourth not corrected. */
const MEASURED: QuantizeReport = {
  format: 'qdq',
  layers: [{ ...previewOf(0, { rounding: 'gptq' }), fewPositions: { positions: 8, inputs: 32 } }, previewOf(1, {}), previewOf(3, {})],
  size: {
    bytesBefore: 1000, bytesAfter: 400, averageBits: 5,
    layers: [0, 1, 3].map((layer) => ({
      layer, bytesBefore: 24, bytesAfter: 9, ...(layer === 1 ? { format: 'exact', obstacle: 'levels-of-its-own' } : { format: 'qdq', obstacle: null }),
    })),
    skipped: [{ layer: 2, name: 'w2', reason: 'not-smaller' }],
  },
  sqnrDb: 20, calibration: { samples: 8, scaled: true },
  uncalibrated: [{ layer: 1, name: 'w1', reason: 'not-in-main-graph' }],
  corrections: { equalizedPairs: 0, correctedBiases: 1, uncorrected: [{ layer: 3, name: 'w4', reason: 'bias-used-again' }] },
  outputs: [], verified: null,
};

test('a report names what a copy does not do as planned, layer by layer, and why', async () => {
  const core = new FakeCore(LAYERS);
  core.previewModel = async () => ({ ok: true, value: MEASURED });
  const planned = [0, 1, 2, 3].map((layer) => ({ layer, settings: completeSettings({ rounding: 'gptq' }) }));
  const tuning = { calibration: { inputs: '/data/x.idx', layout: 'nhwc' as const }, biasCorrection: true };
  const model = { location: { path: '/m.onnx' }, summary: summaryOf(LAYERS), planFeed: { planned, copyFormat: 'qdq' as const, tuning } };
  const report = await collectReport(core, 'm.onnx', model, COPY);
  if (!report.ok) throw new Error(report.problem.code);
  expect(report.value.layers.map(({ quantized, note }) => [quantized?.rounding, quantized?.format, note])).toEqual([
    ['gptq', 'qdq', 'Rounded by 8 positions of the calibration data for 32 inputs: on other data the error may be larger than rounded to nearest; '
      + 'more samples help'],
    ['nearest', 'exact', 'rounded to nearest, not by GPTQ: it stands in a subgraph or function, where inputs are not captured; '
      + 'stored exactly, not as qdq: its levels are not whole numbers times a scale'],
    [undefined, undefined, 'it would not get smaller'],
    ['nearest', 'qdq', 'bias not corrected: something else uses its bias, too'],
  ]);
  expect(report.value).toMatchObject({
    format: 'qdq',
    calibration: { inputs: 'x.idx', samples: 8, reading: 'divided by 255, channels last' },
    skipped: [{ name: 'w2', scope: '', reason: 'not-smaller' }],
    uncalibrated: [{ name: 'w1', scope: 'then', reason: 'not-in-main-graph' }],
    corrections: { correctedBiases: 1, uncorrected: [{ name: 'w4', scope: '', reason: 'bias-used-again' }] },
  });
});

test('nodes left in float are listed without a layer being measured', async () => {
  const core = new FakeCore(LAYERS);
  core.skippedLayers = async () => ({ ok: true, value: [{ layer: 2, name: 'w2', reason: 'not-finite' }] });
  const model = { location: { path: '/m.onnx' }, summary: summaryOf(LAYERS), planFeed: { planned: [], copyFormat: 'exact' as const, tuning: {} } };
  const nodes = await excludedNodes(core, model, COPY);
  expect([nodes.ok && JSON.parse(nodes.value), core.calls]).toEqual([['conv2'], []]);
});
