import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSettings } from '../../../../src/core/plan/checkSettings';
import {
  applyEdit, changesNothing, editsBetween, keepFloat, revertEdit, setAll, setBest, setBits, setCalibration, setCopyOptions, setMethod,
  setRounding, setSettings, setWidths, type PlanEdit,
} from '../../../../src/core/plan/edits';
import {
  BIT_WIDTHS, completeSettings, GRANULARITIES, GRIDS, METHODS, SUPPORT_REGIONS, type BitWidth, type PartialSettings,
} from '../../../../src/core/plan/layerSettings';
import { emptyPlan, overDefaults, type PlanEntry, type QuantizationPlan } from '../../../../src/core/plan/plan';
import { stringifyPlan } from '../../../../src/core/plan/planJson';

const key = fc.constantFrom('a', 'b', 'c', 's::a', '__proto__', 'constructor');
const bits = fc.constantFrom(...BIT_WIDTHS);
const settings: fc.Arbitrary<PartialSettings> = fc.record(
  { bits, grid: fc.constantFrom(...GRIDS), support: fc.constantFrom(...SUPPORT_REGIONS) }, { requiredKeys: [] },
);

type Action =
  | { do: 'bits'; keys: string[]; bits: (typeof BIT_WIDTHS)[number] }
  | { do: 'float'; keys: string[] }
  | { do: 'settings'; keys: string[]; settings: PartialSettings }
  | { do: 'defaults'; defaults: PlanEntry }
  | { do: 'undo' }
  | { do: 'redo' };

const keys = fc.array(key, { minLength: 1, maxLength: 4 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('bits' as const), keys, bits }),
  fc.record({ do: fc.constant('float' as const), keys }),
  fc.record({ do: fc.constant('settings' as const), keys, settings }),
  fc.record({ do: fc.constant('defaults' as const), defaults: fc.oneof(settings, fc.constant('float' as const)) }),
  fc.record({ do: fc.constant('undo' as const) }),
  fc.record({ do: fc.constant('redo' as const) }),
);

/** The plain model: a map and whole copies of it as history. */
interface Model {
  defaults: PlanEntry | undefined;
  layers: Map<string, PlanEntry>;
}

function changeModel(model: Model, step: Exclude<Action, { do: 'undo' | 'redo' }>): Model {
  const over = (before: PlanEntry | undefined, change: PartialSettings) =>
    ({ ...(typeof before === 'object' ? before : {}), ...change });
  if (step.do === 'defaults') {
    return { ...model, defaults: step.defaults === 'float' ? 'float' : over(model.defaults, step.defaults) };
  }
  const layers = new Map(model.layers);
  for (const name of step.keys) {
    if (step.do === 'float') layers.set(name, 'float');
    else layers.set(name, over(model.layers.get(name), step.do === 'bits' ? { bits: step.bits } : step.settings));
  }
  return { ...model, layers };
}

function editFor(plan: QuantizationPlan, step: Exclude<Action, { do: 'undo' | 'redo' }>): PlanEdit {
  switch (step.do) {
    case 'bits': return setBits(plan, step.keys, step.bits);
    case 'float': return keepFloat(plan, step.keys);
    case 'settings': return setSettings(plan, step.keys, step.settings);
    case 'defaults': return setAll(plan, [], step.defaults);
  }
}

test('random edits, undos and redos leave the plan a plain model predicts', () => {
  fc.assert(fc.property(fc.array(action, { maxLength: 40 }), (steps) => {
    let plan = emptyPlan('m.onnx');
    const edits: PlanEdit[] = [];
    const models: Model[] = [{ defaults: undefined, layers: new Map() }];
    let position = 0;
    for (const step of steps) {
      if (step.do === 'undo') {
        if (position === 0) continue;
        plan = revertEdit(plan, edits[--position]!);
      } else if (step.do === 'redo') {
        if (position === edits.length) continue;
        plan = applyEdit(plan, edits[position++]!);
      } else {
        const edit = editFor(plan, step);
        edits.splice(position, Infinity, edit);
        models.splice(position + 1, Infinity, changeModel(models[position]!, step));
        plan = applyEdit(plan, edit);
        position++;
      }
      const model = models[position]!;
      expect(plan.defaults).toEqual(model.defaults);
      expect(new Map(Object.entries(plan.layers))).toEqual(model.layers);
    }
  }));
});

test('an edit that went through JSON, as over a reload, undoes the same', () => {
  fc.assert(fc.property(keys, settings, fc.oneof(settings, fc.constant('float' as const)), (names, partial, defaults) => {
    const start = applyEdit(emptyPlan('m.onnx'), setBits(emptyPlan('m.onnx'), ['a', 'b'], 4));
    for (const edit of [setSettings(start, names, partial), setAll(start, [], defaults), keepFloat(start, names)]) {
      const reloaded = JSON.parse(JSON.stringify(edit)) as PlanEdit;
      expect(stringifyPlan(revertEdit(applyEdit(start, edit), reloaded))).toBe(stringifyPlan(start));
    }
  }));
});

test('setting all layers takes the entries out that are to follow, in one edit that is undone as one', () => {
  const plan: QuantizationPlan = { version: 1, model: 'm.onnx', layers: { a: { bits: 2 }, b: 'float', gone: { bits: 3 } } };
  const edit = setAll(plan, ['a', 'b', 'c'], { bits: 5 });
  expect(applyEdit(plan, edit)).toEqual({ version: 1, model: 'm.onnx', defaults: { bits: 5 }, layers: { gone: { bits: 3 } } });
  expect(revertEdit(applyEdit(plan, edit), edit)).toEqual(plan);
  expect(applyEdit(plan, setAll(plan, [], { bits: 5 })).layers).toEqual(plan.layers);
});

test('edits leave the plan they were made from untouched', () => {
  const plan = Object.freeze({ ...emptyPlan('m.onnx'), layers: Object.freeze({ a: Object.freeze({ bits: 4 as const }) }) });
  const edit = setSettings(plan, ['a', 'a', 'b'], { grid: 'affine' });
  expect(edit.changes).toEqual([
    { key: 'a', before: { bits: 4 }, after: { bits: 4, grid: 'affine' } },
    { key: 'b', before: undefined, after: { grid: 'affine' } },
  ]);
  expect(applyEdit(plan, edit).layers).toEqual({ a: { bits: 4, grid: 'affine' }, b: { grid: 'affine' } });
  expect(plan.layers).toEqual({ a: { bits: 4 } });
});

test('calibration data and copy options are set and taken out, and what else the plan says stays', () => {
  const plan: QuantizationPlan = { version: 1, model: 'm.onnx', defaults: { bits: 5 }, biasCorrection: true, layers: { a: 'float' } };
  const calibration = { inputs: '../images.npy', layout: 'nhwc' as const };
  const set = setCalibration(plan, calibration);
  const calibrated = applyEdit(plan, set);
  expect(calibrated).toEqual({ ...plan, calibration });
  expect(stringifyPlan(revertEdit(calibrated, set))).toBe(stringifyPlan(plan));
  expect(stringifyPlan(applyEdit(calibrated, setCalibration(calibrated, undefined)))).toBe(stringifyPlan(plan));
  const options = setCopyOptions(calibrated, { biasCorrection: false, equalization: true });
  const { biasCorrection: _, ...others } = calibrated;
  expect(applyEdit(calibrated, options)).toEqual({ ...others, equalization: true });
  expect(revertEdit(applyEdit(calibrated, options), options)).toEqual(calibrated);
});

test('an edit to what the plan says already changes nothing', () => {
  const plan: QuantizationPlan = { version: 1, model: 'm.onnx', calibration: { inputs: 'x.npy' }, layers: { a: { bits: 4 } } };
  expect(changesNothing(setBits(plan, ['a'], 4))).toBe(true);
  expect(changesNothing(setCalibration(plan, { inputs: 'x.npy' }))).toBe(true);
  expect(changesNothing(setCopyOptions(plan, { biasCorrection: false, equalization: false }))).toBe(true);
  expect(changesNothing(setCalibration(plan, { inputs: 'y.npy' }))).toBe(false);
  expect(changesNothing(setCopyOptions(plan, { biasCorrection: true, equalization: false }))).toBe(false);
});

test('a rounding is set where the method has it', () => {
  const plan: QuantizationPlan = { version: 1, model: 'm', layers: { a: { method: 'subset', bits: 3 }, b: { bits: 4, rounding: 'gptq' } } };
  expect(applyEdit(plan, setRounding(plan, ['a', 'b'], 'reconstruction')).layers).toEqual({
    a: { method: 'subset', bits: 3, rounding: 'reconstruction' }, b: { bits: 4 },
  });
});

test('another width drops a mode that does not exist there', () => {
  const plan: QuantizationPlan = { version: 1, model: 'm', layers: { a: { method: 'sptq', mode: 'iterative', bits: 2 } } };
  const bits = (edit: PlanEdit) => applyEdit(plan, edit).layers.a;
  expect(bits(setBits(plan, ['a'], 4))).toEqual({ method: 'sptq', bits: 4 });
  expect(bits(setBits(plan, ['a'], 2))).toEqual(plan.layers.a);
});

test('another method drops the mode of the one before', () => {
  const plan: QuantizationPlan = {
    version: 1, model: 'm', defaults: { method: 'n2uq', mode: 'entropy' }, layers: { a: { method: 'sptq', mode: 'iterative', bits: 2 } },
  };
  const after = (edit: PlanEdit) => applyEdit(plan, edit).layers.a;
  expect(after(setSettings(plan, ['a'], { method: 'apot' }))).toEqual({ method: 'apot', bits: 2 });
  expect(after(setSettings(plan, ['a'], { method: 'sptq', grid: 'affine' }))).toEqual({ ...plan.layers.a as object, grid: 'affine' });
  expect(after(setMethod(plan, ['a'], 'msptq'))).toEqual({ method: 'msptq', bits: 2 });
  expect(applyEdit(plan, setAll(plan, [], { method: 'uniform' })).defaults).toEqual({ method: 'uniform' });
});

test('a method takes width and granularity with it as far as it goes', () => {
  const plan: QuantizationPlan = {
    version: 1, model: 'm', defaults: { bits: 6, granularity: 'block:64' }, layers: { own: { bits: 2, grid: 'affine' }, off: 'float' },
  };
  const edit = setMethod(plan, ['own', 'off', 'new'], 'subset');
  expect(edit.changes.map(({ after }) => after)).toEqual([
    { method: 'subset', bits: 2, granularity: 'tensor', grid: 'affine' },
    { method: 'subset', bits: 4, granularity: 'tensor' },
    { method: 'subset', bits: 4, granularity: 'tensor' },
  ]);
  expect(setMethod(plan, ['new'], 'sptq').changes[0]!.after).toEqual({ method: 'sptq' });
  expect(setMethod(plan, ['own'], 'pwlq').changes[0]!.after).toEqual({ method: 'pwlq', bits: 3, grid: 'affine' });
  expect(revertEdit(applyEdit(plan, edit), edit)).toEqual(plan);
});

test('a method that takes what the layer had gives it back, unless the one before had to name something else', () => {
  const there = (plan: QuantizationPlan): QuantizationPlan => applyEdit(plan, setMethod(plan, ['a'], 'subset'));
  const back = (plan: QuantizationPlan): PartialSettings => applyEdit(plan, setMethod(plan, ['a'], 'uniform')).layers.a as PartialSettings;
  const unnamed: QuantizationPlan = { version: 1, model: 'm', layers: { a: { bits: 3 } } };
  expect(there(unnamed).layers.a).toEqual({ method: 'subset', bits: 3 });
  expect(completeSettings(there(unnamed).layers.a as PartialSettings).granularity).toBe('tensor');
  expect(completeSettings(back(there(unnamed)))).toMatchObject({ bits: 3, granularity: 'channel' });
  expect(completeSettings(back(there({ ...unnamed, layers: {} })))).toMatchObject({ bits: 8, granularity: 'channel' });
  const named: QuantizationPlan = { ...unnamed, layers: { a: { bits: 3, granularity: 'tensor' } } };
  expect(back(there(named))).toEqual({ method: 'uniform', bits: 3, granularity: 'tensor' });
  const inherited: QuantizationPlan = { ...unnamed, defaults: { granularity: 'channel' } };
  expect(back(there(inherited))).toEqual({ method: 'uniform', bits: 3, granularity: 'tensor' });
});

test('whatever the plan says, a method leaves settings that go together', () => {
  const entry = fc.record({
    method: fc.constantFrom(...METHODS), bits, granularity: fc.constantFrom(...GRANULARITIES),
  }, { requiredKeys: [] });
  fc.assert(fc.property(entry, fc.oneof(entry, fc.constant('float' as const)), fc.constantFrom(...METHODS), (defaults, own, method) => {
    const plan: QuantizationPlan = { version: 1, model: 'm', defaults, layers: { a: own } };
    const { after } = setMethod(plan, ['a'], method).changes[0]!;
    expect(checkSettings(completeSettings(overDefaults(plan, after as PartialSettings)), {})).toBeNull();
  }));
});

test('the best methods are set as they were found, over any defaults', () => {
  const plan: QuantizationPlan = {
    version: 1, model: 'm', defaults: { method: 'n2uq', mode: 'entropy', bits: 3 }, layers: { a: { support: 'hui', bits: 4 }, b: 'float' },
  };
  const found = {
    a: completeSettings({ method: 'lloyd-max', bits: 4, support: 'hui' }),
    b: completeSettings({ method: 'n2uq', bits: 3 }),
    c: completeSettings({ method: 'subset', bits: 3 }),
  };
  const edit = setBest(plan, new Map(Object.entries(found)));
  const after = applyEdit(plan, edit);
  for (const [name, settings] of Object.entries(found)) {
    expect(completeSettings(overDefaults(after, after.layers[name] as PartialSettings))).toEqual(settings);
  }
  expect(after.layers.a).toEqual({ method: 'lloyd-max', bits: 4, granularity: 'channel', support: 'hui' });
  expect(revertEdit(after, edit)).toEqual(plan);
});

test('widths chosen layer by layer are set as one edit, beside the settings that layers have', () => {
  const plan: QuantizationPlan = { version: 1, model: 'm', defaults: { bits: 8 }, layers: { a: { method: 'sptq', bits: 2 }, b: { bits: 4 } } };
  const edit = setWidths(plan, new Map<string, BitWidth | 'float'>([['a', 5], ['b', 'float'], ['constructor', 3]]), 4.2);
  const after = applyEdit(plan, edit);
  expect(after).toEqual({ ...plan, layers: { a: { method: 'sptq', bits: 5 }, b: 'float', constructor: { bits: 3 } } });
  expect(edit.label).toEqual({ kind: 'allocation', averageBits: 4.2 });
  expect(revertEdit(after, edit)).toEqual(plan);
});

describe('edits from one plan to another', () => {
  const from: QuantizationPlan = { version: 1, model: 'a.onnx', defaults: { bits: 8 }, layers: { a: { bits: 4 }, b: 'float' } };
  const edits = [setBits(from, ['a'], 3), setCalibration(from, { inputs: 'x.npy' })];
  const to = edits.reduce<QuantizationPlan>(applyEdit, from);

  test('are those that led there, whatever the name of the model', () => {
    expect(editsBetween(from, { ...to, model: 'b.onnx' }, edits)).toEqual(edits);
    expect(editsBetween(from, from, [])).toEqual([]);
  });

  test('are a single one where those lead elsewhere', () => {
    for (const start of [emptyPlan('a.onnx'), to, { ...from, layers: { a: 'float' as const, c: { bits: 5 as const } } }]) {
      const [edit, ...others] = editsBetween(start, { ...from, biasCorrection: true }, []);
      expect(others).toEqual([]);
      expect(applyEdit(start, edit!)).toEqual({ ...from, biasCorrection: true });
      expect(revertEdit(applyEdit(start, edit!), edit!)).toEqual(start);
    }
  });
});
