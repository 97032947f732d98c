import { expect, test } from 'vitest';
import { completeSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import { budgetOf } from '../../../src/editor/budget';
import { headerOf, layerRowOf, planRowOf } from '../../../src/editor/pageRows';
import type { PlanRow } from '../../../src/protocol/page';
import { planLayer } from '../core/plan/layers';
import { layerOf, summaryOf } from './fakeCore';

const MODEL = { path: '/m.onnx', version: null, bytes: 8, producer: '', irVersion: 8, opsets: {}, parameters: 2, layers: [] };

test.each<[PartialSettings, string | undefined]>([
  [{ method: 'n2uq' }, undefined],
  [{ method: 'n2uq', mode: 'calibrated' }, 'calibrated'],
  [{ method: 'n2uq', rounding: 'gptq' }, 'gptq'],
])('what is rounded by calibration data is said of a row: %j', (settings, rounding) => {
  expect(rowOf(settings).rounding).toBe(rounding);
});

test.each<[PartialSettings, number[] | undefined]>([
  [{ method: 'uniform' }, undefined],
  [{ method: 'subset' }, [2, 3, 4]],
  [{ method: 'pwlq', bits: 4 }, [3, 4, 5, 6, 7, 8]],
])('the widths of a method that does not take all are said of a row: %j', (settings, widths) => {
  expect(rowOf(settings).widths).toEqual(widths);
});

test('a fixed transform is said to be one, with the reason of the command line', () => {
  expect(layerRowOf(layerOf(0, { fixed: true })).fixed).toMatch(/^it looks like a fixed transform/);
  expect(layerRowOf(layerOf(0))).not.toHaveProperty('fixed');
});

test('totals count the layers that are quantized already', () => {
  const already = layerOf(1, { quantized: { bits: 4, granularity: null, scale: null, zeroPoint: null } });
  expect(budgetOf(summaryOf([layerOf(0), already]), null, [])).toMatchObject({ plannedLayers: 0, quantizedAlready: 1 });
});

test('the size of a plan without layers is not told of one that has some', () => {
  const empty = { bytesBefore: 100, bytesAfter: 100, averageBits: 32, layers: [], skipped: [] };
  expect(budgetOf(summaryOf([layerOf(0)]), empty, [])).toMatchObject({ bytesAfter: 100, averageBits: 32 });
  expect(budgetOf(summaryOf([layerOf(0)]), empty, [undefined])).toMatchObject({ plannedLayers: 1, bytesAfter: null, averageBits: null });
});

test('missing files can be located beside a model on disk alone, and only where there are some', () => {
  const header = (bytes: number | null, isOnDisk: boolean): unknown => {
    const externalFiles = [{ location: 'w.bin', bytes, needed: 8 }];
    const { missingFiles, canLocate } = headerOf('m.onnx', { ...MODEL, externalFiles }, isOnDisk);
    return { missingFiles, canLocate };
  };
  expect(header(null, true)).toEqual({ missingFiles: ['w.bin'], canLocate: true });
  expect(header(null, false)).toEqual({ missingFiles: ['w.bin'], canLocate: false });
  expect(header(8, true)).toEqual({ missingFiles: [], canLocate: false });
});

test.each<[PartialSettings, true | undefined]>([
  [{ bits: 2, grid: 'symmetric', support: 'abs-max' }, true],
  [{ bits: 3, grid: 'symmetric', support: 'abs-max' }, undefined],
  [{ bits: 2, support: 'abs-max' }, undefined],
  [{ bits: 2, grid: 'symmetric' }, undefined],
  [{ method: 'msptq', bits: 2, grid: 'symmetric', support: 'abs-max' }, undefined],
])('settings that ruin a layer are said of its row: %j', (settings, ruinous) => {
  expect(rowOf(settings).ruinous).toBe(ruinous);
});

test('a layer whose output channels are not known is told apart', () => {
  const layer = planLayer(0, 'w');
  expect([0, null].map((channelAxis) => layerRowOf({ ...layer, channelAxis }).channelsUnknown)).toEqual([undefined, true]);
});

function rowOf(settings: PartialSettings): PlanRow {
  const state = { settings: completeSettings(settings), preview: undefined, uncalibrated: null, output: undefined, bytesAfter: undefined, note: undefined };
  return planRowOf(planLayer(0, 'w'), state);
}
