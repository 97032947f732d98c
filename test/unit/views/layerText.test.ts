import { describe, expect, test } from 'vitest';
import type { Layer } from '../../../src/core/onnx/layer';
import type { Budget, PlanRow } from '../../../src/protocol/page';
import { budgetText, layerDescription, layerTooltip } from '../../../src/views/layerText';
import { layerOf } from '../editor/fakeCore';

const float: PlanRow = {
  index: 0, state: 'float', bits: null, method: null, granularity: null, sqnrDb: null, predictedSqnrDb: null, mse: null,
  maxAbsError: null, cosine: null, bytesAfter: null, note: null,
};

test.each<[Partial<PlanRow>, string]>([
  [{}, 'float'],
  [{ state: 'planned', bits: 4 }, '4 bits'],
  [{ state: 'previewed', bits: 4, sqnrDb: 18.44 }, '4 bits · 18.4 dB'],
  [{ state: 'previewed', bits: 8, sqnrDb: null }, '8 bits · lossless'],
  [{ state: 'previewed', triedBits: 3, sqnrDb: 12 }, 'float · tried at 3 bits · 12.0 dB'],
  [{ state: 'planned', bits: 4, note: 'it would not get smaller' }, '4 bits · stays float'],
  [{ state: 'cannot' }, 'cannot be quantized'],
])('behind a layer with %j stands "%s"', (row, text) => expect(layerDescription(layerOf(0), { ...float, ...row })).toBe(text));

const quantizedAlready = layerOf(0, {
  quantizable: { reason: 'already-quantized' }, quantized: { bits: 4, granularity: 'channel', scale: null, zeroPoint: null },
});
test('behind a layer that is quantized already stand its bits', () => {
  expect(layerDescription(quantizedAlready, { ...float, state: 'cannot' })).toBe('4 bits · quantized already');
});

describe('a layer\'s tooltip', () => {
  test('says what is known of it', () => {
    const row: PlanRow = { ...float, state: 'previewed', bits: 4, sqnrDb: 18.44, bytesAfter: 8 };
    expect(layerTooltip(layerOf(3, { scope: 'If_1/then_branch' }), row).split('\n')).toEqual([
      'w3', 'in If_1/then_branch', 'Conv · 2×3 · float32', '6 weights, 24 B', '4 bits · 18.4 dB', '24 B → 8 B',
    ]);
  });

  test.each<[Layer, Partial<PlanRow>, string]>([
    [quantizedAlready, { state: 'cannot' }, 'It stays as it is: its weights are quantized already: 4 bits, per channel'],
    [layerOf(0, { quantizable: { reason: 'empty' } }), { state: 'cannot' }, 'It stays float: it has no elements'],
    [layerOf(0), { state: 'planned', bits: 4, note: 'it would not get smaller' }, 'It stays float: it would not get smaller'],
  ])('says why it stays as it is: %#', (layer, row, line) => {
    expect(layerTooltip(layer, { ...float, ...row }).split('\n').at(-1)).toBe(line);
  });
});

const worst = { index: 1, name: 'w', sqnrDb: 18.44, by: 'weights' as const };
const budget: Budget = { bytesBefore: 2048, bytesAfter: 1024, averageBits: 4.25, plannedLayers: 2, quantizedAlready: 0, worst };
test.each<[Partial<Budget>, string]>([
  [{}, '4.3 bits · 2.0 KB → 1.0 KB · worst 18.4 dB'],
  [{ worst: null, bytesAfter: null, averageBits: null }, '2.0 KB'],
  [{ worst: { ...worst, by: 'outputs' } }, '4.3 bits · 2.0 KB → 1.0 KB · worst outputs 18.4 dB'],
  [{ plannedLayers: 0 }, 'float, 2.0 KB'],
  [{ plannedLayers: 0, quantizedAlready: 3, worst: null }, '4.3 bits · 2.0 KB'],
  [{ plannedLayers: 1, quantizedAlready: 3 }, '4.3 bits · 2.0 KB → 1.0 KB · worst 18.4 dB'],
])('the status bar says of %j: %s', (known, text) => expect(budgetText({ ...budget, ...known })).toBe(text));
