import { expect, test } from 'vitest';
import { completeSettings, type PartialSettings } from '../../../src/core/plan/layerSettings';
import { planRowOf } from '../../../src/editor/pageRows';
import { planLayer } from '../core/plan/layers';

test.each<[PartialSettings, string | undefined]>([
  [{ method: 'n2uq' }, undefined],
  [{ method: 'n2uq', mode: 'calibrated' }, 'calibrated'],
  [{ method: 'n2uq', rounding: 'gptq' }, 'gptq'],
])('what is rounded by calibration data is said of a row: %j', (settings, rounding) => {
  const state = { settings: completeSettings(settings), preview: undefined, output: undefined, bytesAfter: undefined, note: undefined };
  expect(planRowOf(planLayer(0, 'w'), state).rounding).toBe(rounding);
});
