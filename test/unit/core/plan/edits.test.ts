import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyEdit, keepFloat, revertEdit, setAll, setBits, setDefaults, setSettings, type PlanEdit,
} from '../../../../src/core/plan/edits';
import { BIT_WIDTHS, GRIDS, SUPPORT_REGIONS, type PartialSettings } from '../../../../src/core/plan/layerSettings';
import { emptyPlan, type PlanEntry, type QuantizationPlan } from '../../../../src/core/plan/plan';
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
    case 'defaults': return setDefaults(plan, step.defaults);
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
    for (const edit of [setSettings(start, names, partial), setDefaults(start, defaults), keepFloat(start, names)]) {
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
