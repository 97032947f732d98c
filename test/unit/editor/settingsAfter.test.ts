import { describe, expect, test } from 'vitest';
import { layerKey } from '../../../src/core/onnx/layer';
import { applyEdit, setAll, setSettings } from '../../../src/core/plan/edits';
import { completeSettings, METHODS, GRANULARITIES, SUPPORT_REGIONS } from '../../../src/core/plan/layerSettings';
import { emptyPlan, resolvePlan } from '../../../src/core/plan/plan';
import { settingsAfter } from '../../../src/editor/settingsAfter';
import { settingsToTry } from '../../../src/editor/methodCurves';
import { parsePageMessage } from '../../../src/protocol/page';
import { layerOf } from './fakeCore';

const layer = layerOf(0);
const empty = emptyPlan('m.onnx');

describe('settings chosen in a chart', () => {
  test('are those that the plan comes to when they are used', () => {
    const plan = applyEdit(applyEdit(empty, setAll(empty, [], { bits: 4, normalize: 'layer' })), setSettings(empty, ['w0'], { grid: 'affine' }));
    for (const settings of settingsToTry(plan, layer, false)) {
      const { method, bits, granularity } = settings;
      const used = applyEdit(plan, setSettings(plan, [layerKey(layer)], { method, bits, granularity }));
      expect(resolvePlan(used, [layer])).toEqual([{ layer: 0, settings }]);
      expect(settings).toMatchObject({ normalize: 'layer', grid: 'affine' });
    }
  });

  test('take the place of a mode that they leave no room for', () => {
    const plan = applyEdit(empty, setSettings(empty, ['w0'], { method: 'sptq', bits: 2, mode: 'iterative' }));
    expect(settingsAfter(plan, layer, { bits: 4 })).toEqual(completeSettings({ method: 'sptq', bits: 4 }));
    expect(setSettings(plan, [layerKey(layer)], { bits: 4 }).changes[0]?.after).toEqual({ method: 'sptq', bits: 4 });
    expect(settingsAfter(plan, layer, { normalize: 'layer' }).mode).toBe('iterative');
  });

  test('start from the defaults of a plan that leaves the layer float', () => {
    const plan = applyEdit(applyEdit(empty, setAll(empty, [], { bits: 3 })), setSettings(empty, ['w1'], { bits: 2 }));
    expect(settingsAfter({ ...plan, layers: { w0: 'float' } }, layer, {}).bits).toBe(3);
  });
});

describe('messages of the page', () => {
  const message = (settings: object) => parsePageMessage({ type: 'setSettings', layers: [0], settings });

  test('may name every method, granularity and rule there is', () => {
    for (const method of METHODS) expect(message({ method })).not.toBeNull();
    for (const granularity of GRANULARITIES) expect(message({ method: 'uniform', granularity })).not.toBeNull();
    for (const support of [...SUPPORT_REGIONS, 3.25]) expect(message({ method: 'uniform', support })).not.toBeNull();
  });

  test('cannot say anything else', () => {
    for (const settings of [{}, { method: 'best' }, { method: 'uniform', support: 0 }, { method: 'uniform', support: 'x' }, { method: 'uniform', bits: 9 }, { method: 'uniform', mode: 'mse' }]) {
      expect(message(settings)).toBeNull();
    }
    expect(parsePageMessage({ type: 'setSettings', layers: [], settings: { method: 'uniform' } })).toBeNull();
    expect(parsePageMessage({ type: 'inspect', tab: 'elsewhere', perTensor: false })).toBeNull();
  });
});
