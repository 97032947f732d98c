import type { BitWidth, PartialSettings } from './layerSettings';
import { entryOf, type PlanEntry, type QuantizationPlan } from './plan';

/** What an edit does, for its undo label; the keys it touches are in `changes`. */
export type EditLabel =
  | { kind: 'bits'; bits: BitWidth }
  | { kind: 'float' }
  | { kind: 'settings'; settings: PartialSettings }
  | { kind: 'defaults'; defaults: PlanEntry };

/**
 * An edit of a plan as a plain value. It holds what was before and what is after, so that undo and redo need nothing
 * else and survive a reload of the window.
 */
export interface PlanEdit {
  label: EditLabel;
  changes: EntryChange[];
  defaults?: { before: PlanEntry | undefined; after: PlanEntry | undefined };
}

/** Undefined: the plan does not name the layer. */
export interface EntryChange {
  key: string;
  before: PlanEntry | undefined;
  after: PlanEntry | undefined;
}

export function applyEdit(plan: QuantizationPlan, edit: PlanEdit): QuantizationPlan {
  const changed = withEntries(plan, edit.changes.map(({ key, after }) => [key, after]));
  return edit.defaults ? withDefaults(changed, edit.defaults.after) : changed;
}

export function revertEdit(plan: QuantizationPlan, edit: PlanEdit): QuantizationPlan {
  const changed = withEntries(plan, edit.changes.map(({ key, before }) => [key, before]));
  return edit.defaults ? withDefaults(changed, edit.defaults.before) : changed;
}

export function setBits(plan: QuantizationPlan, keys: Iterable<string>, bits: BitWidth): PlanEdit {
  return { label: { kind: 'bits', bits }, changes: changeEach(plan, keys, (before) => merged(before, { bits })) };
}

export function keepFloat(plan: QuantizationPlan, keys: Iterable<string>): PlanEdit {
  return { label: { kind: 'float' }, changes: changeEach(plan, keys, () => 'float') };
}

/** Settings not named keep what the layer's entry says. */
export function setSettings(plan: QuantizationPlan, keys: Iterable<string>, settings: PartialSettings): PlanEdit {
  return { label: { kind: 'settings', settings }, changes: changeEach(plan, keys, (before) => merged(before, settings)) };
}

/** Settings not named keep what the plan's defaults say; `'float'` leaves every layer that is not named as it is. */
export function setDefaults(plan: QuantizationPlan, defaults: PlanEntry): PlanEdit {
  const after = defaults === 'float' ? defaults : merged(plan.defaults, defaults);
  return { label: { kind: 'defaults', defaults }, changes: [], defaults: { before: plan.defaults, after } };
}

/** `setDefaults`, and the layers of these keys follow them: what the plan says of each is taken out. */
export function setAll(plan: QuantizationPlan, keys: Iterable<string>, defaults: PlanEntry): PlanEdit {
  const changes = changeEach(plan, keys, () => undefined).filter(({ before }) => before !== undefined);
  return { ...setDefaults(plan, defaults), changes };
}

function changeEach(
  plan: QuantizationPlan, keys: Iterable<string>, change: (before: PlanEntry | undefined) => PlanEntry | undefined,
): EntryChange[] {
  return [...new Set(keys)].map((key) => {
    const before = entryOf(plan, key);
    return { key, before, after: change(before) };
  });
}

function merged(before: PlanEntry | undefined, settings: PartialSettings): PartialSettings {
  return before === undefined || before === 'float' ? { ...settings } : { ...before, ...settings };
}

function withEntries(plan: QuantizationPlan, entries: [string, PlanEntry | undefined][]): QuantizationPlan {
  const layers = new Map(Object.entries(plan.layers));
  for (const [key, entry] of entries) {
    if (entry === undefined) layers.delete(key);
    else layers.set(key, entry);
  }
  return { ...plan, layers: Object.fromEntries(layers) };
}

function withDefaults(plan: QuantizationPlan, defaults: PlanEntry | undefined): QuantizationPlan {
  const { defaults: _replaced, ...rest } = plan;
  return defaults === undefined ? rest : { ...rest, defaults };
}
