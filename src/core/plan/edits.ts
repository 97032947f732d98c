import {
  completeSettings, nearestSettings, scopeOf, type BitWidth, type LayerSettings, type MethodId, type PartialSettings,
} from './layerSettings';
import { entryOf, overDefaults, type PlanEntry, type QuantizationPlan } from './plan';

/** What an edit does, for its undo label; the keys it touches are in `changes`. */
export type EditLabel =
  | { kind: 'bits'; bits: BitWidth }
  | { kind: 'float' }
  | { kind: 'method'; method: MethodId }
  | { kind: 'best' }
  | { kind: 'allocation'; averageBits: number }
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
  return { label: { kind: 'bits', bits }, changes: changeEach(plan, keys, (before) => fitted(plan, before, { bits })) };
}

export function keepFloat(plan: QuantizationPlan, keys: Iterable<string>): PlanEdit {
  return { label: { kind: 'float' }, changes: changeEach(plan, keys, () => 'float') };
}

/** Settings not named keep what the layer's entry says, but for a mode or rounding that the new ones leave no room for. */
export function setSettings(plan: QuantizationPlan, keys: Iterable<string>, settings: PartialSettings): PlanEdit {
  return { label: { kind: 'settings', settings }, changes: changeEach(plan, keys, (before) => fitted(plan, before, settings)) };
}

/** Gives layers another method; width and granularity follow where it does not take theirs, as `nearestSettings` says. */
export function setMethod(plan: QuantizationPlan, keys: Iterable<string>, method: MethodId): PlanEdit {
  const changes = changeEach(plan, keys, (before) => {
    const planned = completeSettings(overDefaults(plan, before === undefined || before === 'float' ? {} : before));
    const { bits, granularity } = nearestSettings(method, planned);
    return fitted(plan, before, {
      method, ...(bits !== planned.bits && { bits }), ...(granularity !== planned.granularity && { granularity }),
    });
  });
  return { label: { kind: 'method', method }, changes };
}

/** Sets what a search for the best method found of each layer, by key. */
export function setBest(plan: QuantizationPlan, found: ReadonlyMap<string, LayerSettings>): PlanEdit {
  const changes = changeEach(plan, found.keys(), (before, key) => {
    const { method, bits, granularity, mode } = found.get(key)!;
    const entry = merged(before, { method, bits, granularity });
    const inherited = completeSettings(overDefaults(plan, entry)).mode;
    return inherited === mode || mode === undefined ? entry : { ...entry, mode };
  });
  return { label: { kind: 'best' }, changes };
}

/** Gives each layer, by key, a width of its own, or leaves it in float; `averageBits` is what that comes to. */
export function setWidths(plan: QuantizationPlan, widths: ReadonlyMap<string, BitWidth | 'float'>, averageBits: number): PlanEdit {
  const changes = changeEach(plan, widths.keys(), (before, key) => {
    const bits = widths.get(key)!;
    return bits === 'float' ? bits : fitted(plan, before, { bits });
  });
  return { label: { kind: 'allocation', averageBits }, changes };
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
  plan: QuantizationPlan, keys: Iterable<string>, change: (before: PlanEntry | undefined, key: string) => PlanEntry | undefined,
): EntryChange[] {
  return [...new Set(keys)].map((key) => {
    const before = entryOf(plan, key);
    return { key, before, after: change(before, key) };
  });
}

/** A mode belongs to its method: another method does not keep it. */
function merged(before: PlanEntry | undefined, settings: PartialSettings): PartialSettings {
  if (before === undefined || before === 'float') return { ...settings };
  const { mode, ...others } = before;
  const isOtherMethod = settings.method !== undefined && settings.method !== before.method;
  return { ...others, ...(mode !== undefined && !isOtherMethod && { mode }), ...settings };
}

/** `merged`, less a mode that does not exist at the new width, and a rounding that the new method does not have. */
function fitted(plan: QuantizationPlan, before: PlanEntry | undefined, settings: PartialSettings): PartialSettings {
  const { mode, rounding, ...others } = merged(before, settings);
  const { method, bits } = completeSettings(overDefaults(plan, others));
  const { modes, roundings } = scopeOf(method, bits);
  return {
    ...others,
    ...(mode !== undefined && modes.includes(mode) && { mode }),
    ...(rounding !== undefined && roundings.includes(rounding) && { rounding }),
  };
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
