import { describe, expect, test } from 'vitest';
import { copyName } from '../../../src/commands/copyName';
import { copyReport } from '../../../src/commands/copyReport';
import { evaluationMessage } from '../../../src/commands/evaluationMessage';
import { noErrorsText } from '../../../src/commands/noErrorsText';
import {
  keepFloat, setAll, setBest, setBits, setCalibration, setCopyOptions, setMethod, setRounding, setSettings, setWidths,
} from '../../../src/core/plan/edits';
import { completeSettings } from '../../../src/core/plan/layerSettings';
import { emptyPlan } from '../../../src/core/plan/plan';
import { editLabel } from '../../../src/editor/editLabel';
import { firstLines } from '../../../src/editor/firstLines';
import type { InputOptions } from '../../../src/protocol/outputComparison';
import { numberText, sqnrText } from '../../../src/protocol/numberText';
import { uncalibratedText } from '../../../src/protocol/problemText';
import { layerOf } from './fakeCore';

const plan = emptyPlan('m.onnx');

test.each([
  [setBits(plan, ['conv1.weight'], 4), 'Set conv1.weight to 4-bit'],
  [setBits(plan, ['a', 'b', 'c'], 2), 'Set 3 layers to 2-bit'],
  [keepFloat(plan, ['fc']), 'Keep fc in float'],
  [setSettings(plan, ['fc'], { method: 'uniform', bits: 5 }), 'Set fc to 5-bit'],
  [setSettings(plan, ['fc'], { granularity: 'tensor' }), 'Change settings of fc'],
  [setMethod(plan, ['fc'], 'subset'), 'Set fc to SubsetQ'],
  [setMethod(plan, ['a', 'b'], 'lloyd-max'), 'Set 2 layers to Lloyd–Max'],
  [setBest(plan, new Map(['a', 'b', 'c', 'd', 'e'].map((key) => [key, completeSettings({})]))), 'Use best method for 5 layers'],
  [setWidths(plan, new Map<string, 2 | 'float'>([['a', 2], ['b', 'float']]), 3.96), 'Allocate bits: 4.0 on average'],
  [setRounding(plan, ['fc'], 'gptq'), 'Round fc: GPTQ'],
  [setCalibration(plan, { inputs: '../data/images.npy' }), 'Set calibration data to images.npy'],
  [setCalibration(plan, undefined), 'Clear calibration data'],
  [setCopyOptions(plan, { biasCorrection: true, equalization: true }), 'Change copy options'],
  [setAll(plan, [], { bits: 8 }), 'Set all layers to 8-bit'],
  [setAll(plan, [], 'float'), 'Change settings of all layers'],
])('undo calls the edit what it does: %#', (edit, label) => expect(editLabel(edit)).toBe(label));

test('an evaluation tells how many numbers of an output are not finite', () => {
  const accuracy = { top1: null, top5: null };
  const text = evaluationMessage({
    file: 'x.npy', labels: null, samples: 4000, scaled: false, unused: [], runtime: 'native', evaluated: accuracy, outputs: [],
    reference: {
      accuracy, agreement: 0, onlyA: [], onlyB: [],
      outputs: [{ a: 'y', b: 'y', dims: [4, 7], difference: null, notFinite: 28, top1Agreement: 0 }],
    },
  }, {});
  expect(text).toBe('4,000 samples; same top 1 on 0.00 %; 28 numbers of y are NaN or infinite');
});

test.each<[InputOptions, boolean, string]>([
  [{}, false, '2 samples'],
  [{}, true, '2 samples, divided by 255'],
  [{ scale: 1 / 255 }, false, '2 samples, divided by 255'],
  [{ scale: 1, layout: 'nhwc' }, false, '2 samples, as stored, channels last'],
  [{ scale: 0.5, layout: 'nchw' }, false, '2 samples, multiplied by 0.5, channels first'],
])('an evaluation of inputs read by %j tells how they were read', (options, scaled, text) => {
  expect(evaluationMessage({
    file: 'x.idx', labels: null, samples: 2, scaled, unused: [], runtime: 'native', evaluated: { top1: null, top5: null },
    outputs: [], reference: null,
  }, options)).toBe(text);
});

test.each([
  ['lenet.onnx', [4, 4], 'lenet.4bit.onnx'],
  ['lenet.v2.ONNX', [8], 'lenet.v2.8bit.onnx'],
  ['lenet.onnx', [4, 8], 'lenet.mixed.onnx'],
  ['weights.bin', [2], 'weights.bin.2bit.onnx'],
] as const)('a copy of %s with %j bits is named %s', (model, bits, name) => expect(copyName(model, bits)).toBe(name));

test.each([
  [['/f/zz.onnx'], 'Wrote zz.onnx: 0 layers quantized, 2.0 KB → 1.0 KB, SQNR of weights 30.0 dB, not verified'],
  [['/f/zz.onnx', '/f/zz.onnx.data'], 'Wrote zz.onnx and zz.onnx.data: 0 layers quantized, 2.0 KB → 1.0 KB, SQNR of weights 30.0 dB, not verified'],
])('a copy in %j is reported with every file', (outputs, text) => {
  const size = { bytesBefore: 2048, bytesAfter: 1024, averageBits: 4, layers: [], skipped: [] };
  expect(copyReport({ format: 'exact', layers: [], size, sqnrDb: 30, calibration: null, uncalibrated: [], corrections: null, outputs, verified: null })).toBe(text);
});

test('a copy in another format is reported with its caveat and the layers it could not hold', () => {
  const stored = { bytesBefore: 9, bytesAfter: 8 };
  const layers = [
    { ...stored, layer: 0, format: 'qdq' as const, obstacle: null },
    { ...stored, layer: 1, format: 'exact' as const, obstacle: 'mean' as const },
  ];
  const size = { bytesBefore: 2048, bytesAfter: 1024, averageBits: 4, layers, skipped: [] };
  const text = copyReport({ format: 'qdq', layers: [], size, sqnrDb: null, calibration: null, uncalibrated: [], corrections: null, outputs: ['/f/c.onnx'], verified: null });
  expect(text).toMatch(/, 1 of them stored exactly, not as qdq, not verified\. Made for readers of DequantizeLinear: /);
});

test('a copy whose layers are rounded by few positions is reported with the first of them', () => {
  const size = { bytesBefore: 2048, bytesAfter: 1024, averageBits: 4, layers: [], skipped: [] };
  const layers = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({
    layer: i, name, settings: completeSettings({ rounding: 'gptq' }), mse: 0, sqnrDb: 9, predictedSqnrDb: 9, outputSqnrDb: 30,
    fewPositions: i === 0 ? null : { positions: 16, inputs: 784 }, maxAbsError: 0, cosine: 1, bytesBefore: 9, bytesAfter: 8,
    codebook: { levels: [], thresholds: [], support: [-1, 1] as [number, number], channel: null },
  }));
  const report = { format: 'exact' as const, layers, size, sqnrDb: 9, calibration: { samples: 16, scaled: false }, uncalibrated: [], corrections: null, outputs: ['/f/c.onnx'], verified: null };
  expect(copyReport(report)).toMatch(/, not verified\. Rounded by fewer .* inputs: b \(16 for 784\), c \(16 for 784\), d \(16 for 784\) and 1 more\. On other data/);
  expect(copyReport({ ...report, layers: layers.slice(0, 1) })).toMatch(/, not verified$/);
});

test.each([
  [2e8, 'ran', /, verified with ONNX Runtime$/],
  [2e8, 'loaded', /, weights verified with ONNX Runtime, which loads the copy; it was not run, since it may not end or inputs could not be made up$/],
  [2e8, 'source-does-not-load', /, weights verified with ONNX Runtime, which loads neither the model nor its copy$/],
  [2e9, 'skipped-too-large', /, weights verified with ONNX Runtime, too large to be loaded as a whole\. ONNX Runtime unpacks 1\.9 GB of weights each time/],
] as const)('of a copy with %d bytes of weights is said what was verified, and what loading it costs', (bytesBefore, wholeModel, said) => {
  const layers = [{ layer: 0, bytesBefore, bytesAfter: 8, format: 'exact' as const, obstacle: null }];
  const size = { bytesBefore, bytesAfter: 1024, averageBits: 4, layers, skipped: [] };
  const verified = { maxAbsDifference: 0 as const, layers: 1, runtime: 'native', wholeModel };
  const text = copyReport({ format: 'exact', layers: [], size, sqnrDb: null, calibration: null, uncalibrated: [], corrections: null, outputs: ['/f/c.onnx'], verified });
  expect(text).toMatch(said);
});

test.each([
  [['a.'], 'a.'], [['a.', 'b.', 'c.'], 'a. b. c.'], [['a.', 'b.', 'c.', 'd.', 'e.'], 'a. b. c. And 2 more: see the log.'],
])('of %j a notification says %s', (lines, text) => expect(firstLines(lines)).toBe(text));

describe('numbers', () => {
  test.each([[18.44, '18.4 dB'], [Infinity, 'lossless'], [-Infinity, 'no signal'], [NaN, 'unknown']])('%d dB is %s', (db, text) => expect(sqnrText(db)).toBe(text));
  test.each([[0, '0'], [0.000123456, '0.000123'], [12.345, '12.3']])('%d is %s', (value, text) => expect(numberText(value)).toBe(text));
});

test('a list of worst layers that would be empty says why', () => {
  const already = layerOf(0, { quantized: { bits: 4, granularity: null, scale: null, zeroPoint: null } });
  expect(noErrorsText([already])).toMatch(/^All layers are quantized already\./);
  for (const layers of [[], [layerOf(1)], [already, layerOf(1)]]) expect(noErrorsText(layers)).toMatch(/^The plan quantizes no layer yet\./);
});

test('an operator whose inputs are not captured is told what sets it apart from those of its kind', () => {
  const text = uncalibratedText('operator-not-calibrated');
  for (const condition of ['Conv that reads the weight itself', 'a matrix on the right']) expect(text).toContain(condition);
});
