import {
  completeSettings, nearestSettings, scopeOf, type BitWidth, type LayerSettings, type MethodId, type PartialSettings, type RoundingId,
} from './layerSettings';
import { entryOf, overDefaults, type CalibrationData, type CopyTuning, type PlanEntry, type QuantizationPlan } from './plan';

/** What an edit does, for its undo label; the keys it touches are in `changes`. */
export type EditLabel =
  | { kind: 'bits'; bits: BitWidth }
  | { kind: 'float' }
  | { kind: 'method'; method: MethodId }
  | { kind: 'rounding'; rounding: RoundingId }
  | { kind: 'best' }
  | { kind: 'allocation'; averageBits: number }
  | { kind: 'settings'; settings: PartialSettings }
  | { kind: 'defaults'; defaults: PlanEntry }
  /** Null: taken out of the plan. */
  | { kind: 'calibration'; inputs: string | null }
  | { kind: 'options' };

/** What a plan says beside its entries of layers: each may be absent. */
export const PLAN_FIELDS = ['defaults', 'calibration', 'biasCorrection', 'equalization'] as const;
type PlanField = (typeof PLAN_FIELDS)[number];

/** Undefined: the plan does not have it. */
export interface Change<T> {
  before: T | undefined;
  after: T | undefined;
}

/**
 * An edit of a plan as a plain value. It holds what was before and what is after, so that undo and redo need nothing
 * else and survive a reload of the window.
 */
export interface PlanEdit extends FieldChanges {
  label: EditLabel;
  changes: EntryChange[];
}

type FieldChanges = { [Field in PlanField]?: Change<NonNullable<QuantizationPlan[Field]>> };

export interface EntryChange extends Change<PlanEntry> {
  key: string;
}

export function applyEdit(plan: QuantizationPlan, edit: PlanEdit): QuantizationPlan {
  return withFields(withEntries(plan, edit.changes, 'after'), edit, 'after');
}

export function revertEdit(plan: QuantizationPlan, edit: PlanEdit): QuantizationPlan {
  return withFields(withEntries(plan, edit.changes, 'before'), edit, 'before');
}

/** Whether the plan is the same before and after. */
export function changesNothing(edit: PlanEdit): boolean {
  const changes: (Change<unknown> | undefined)[] = [...edit.changes, ...PLAN_FIELDS.map((field) => edit[field])];
  return changes.every((change) => change === undefined || isSame(change));
}

function isSame({ before, after }: Change<unknown>): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
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

/**
 * Gives layers another method; width and granularity follow where it does not take theirs, as `nearestSettings` says. What follows
 * from the method of itself is not named, so that a method that takes what the layer had before gives it back.
 */
export function setMethod(plan: QuantizationPlan, keys: Iterable<string>, method: MethodId): PlanEdit {
  const changes = changeEach(plan, keys, (before) => {
    const planned = completeSettings(overDefaults(plan, before === undefined || before === 'float' ? {} : before));
    const nearest = nearestSettings(method, planned);
    const unnamed = completeSettings(overDefaults(plan, fitted(plan, before, { method })));
    const isNamed = (setting: keyof typeof nearest): boolean => (
      nearest[setting] !== planned[setting] && nearest[setting] !== unnamed[setting]
    );
    return fitted(plan, before, {
      method,
      ...(isNamed('bits') && { bits: nearest.bits }),
      ...(isNamed('granularity') && { granularity: nearest.granularity }),
    });
  });
  return { label: { kind: 'method', method }, changes };
}

/** How layers are rounded; those whose method does not have it are rounded to nearest. */
export function setRounding(plan: QuantizationPlan, keys: Iterable<string>, rounding: RoundingId): PlanEdit {
  return { ...setSettings(plan, keys, { rounding }), label: { kind: 'rounding', rounding } };
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

/**
 * Sets the plan's defaults, and the layers of these keys follow them: what the plan says of each is taken out. Settings not
 * named keep what the defaults say; `'float'` leaves every layer that is not named as it is.
 */
export function setAll(plan: QuantizationPlan, keys: Iterable<string>, defaults: PlanEntry): PlanEdit {
  const changes = changeEach(plan, keys, () => undefined).filter(({ before }) => before !== undefined);
  const after = defaults === 'float' ? defaults : merged(plan.defaults, defaults);
  return { label: { kind: 'defaults', defaults }, changes, defaults: { before: plan.defaults, after } };
}

/** Undefined takes it out of the plan. */
export function setCalibration(plan: QuantizationPlan, after: CalibrationData | undefined): PlanEdit {
  return {
    label: { kind: 'calibration', inputs: after?.inputs ?? null }, changes: [], calibration: { before: plan.calibration, after },
  };
}

/** What a copy is to have beside quantized weights; the plan names what is wanted. */
export function setCopyOptions(plan: QuantizationPlan, wanted: Required<CopyTuning>): PlanEdit {
  const change = (before: boolean | undefined, after: boolean): Change<boolean> => ({ before, after: after || undefined });
  return {
    label: { kind: 'options' },
    changes: [],
    biasCorrection: change(plan.biasCorrection, wanted.biasCorrection),
    equalization: change(plan.equalization, wanted.equalization),
  };
}

/** Makes the plan say what another one says; the name of its model stays. */
export function setPlan(plan: QuantizationPlan, after: QuantizationPlan): PlanEdit {
  const keys = [...Object.keys(plan.layers), ...Object.keys(after.layers)];
  const changes = changeEach(plan, keys, (_, key) => entryOf(after, key)).filter((change) => !isSame(change));
  const fields = PLAN_FIELDS.map((field) => [field, { before: plan[field], after: after[field] }] as const);
  return {
    label: { kind: 'settings', settings: {} },
    changes,
    ...Object.fromEntries(fields.filter(([, change]) => !isSame(change))),
  };
}

/** The edits, where they lead from one plan to the other; otherwise the one edit that does. */
export function editsBetween(before: QuantizationPlan, after: QuantizationPlan, edits: readonly PlanEdit[]): PlanEdit[] {
  const reached = edits.reduce<QuantizationPlan>(applyEdit, before);
  return changesNothing(setPlan(reached, after)) ? [...edits] : [setPlan(before, after)];
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

type Side = keyof Change<unknown>;

function withEntries(plan: QuantizationPlan, changes: readonly EntryChange[], side: Side): QuantizationPlan {
  const layers = new Map(Object.entries(plan.layers));
  for (const { key, [side]: entry } of changes) {
    if (entry === undefined) layers.delete(key);
    else layers.set(key, entry);
  }
  return { ...plan, layers: Object.fromEntries(layers) };
}

function withFields(plan: QuantizationPlan, edit: PlanEdit, side: Side): QuantizationPlan {
  const changed = new Map(Object.entries(plan));
  for (const field of PLAN_FIELDS) {
    const change = edit[field];
    if (change?.[side] !== undefined) changed.set(field, change[side]);
    else if (change) changed.delete(field);
  }
  return Object.fromEntries(changed) as unknown as QuantizationPlan;
}
