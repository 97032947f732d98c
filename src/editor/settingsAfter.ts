import { layerKey, type Layer } from '../core/onnx/layer';
import { setSettings, type PlanEdit } from '../core/plan/edits';
import { completeSettings, scopeOf, type LayerSettings, type PartialSettings } from '../core/plan/layerSettings';
import { entryOf, overDefaults, type QuantizationPlan } from '../core/plan/plan';

/** The layer's settings once `chooseSettings` has named these for it. */
export function settingsAfter(plan: QuantizationPlan, layer: Layer, settings: PartialSettings): LayerSettings {
  const key = layerKey(layer);
  const entry = entryOf(plan, key);
  const ofLayer = { ...plan, layers: Object.fromEntries(entry === undefined ? [] : [[key, entry]]) };
  const after = chooseSettings(ofLayer, [layer], settings).changes[0]?.after;
  return completeSettings(overDefaults(plan, typeof after === 'object' ? after : {}));
}

/** `setSettings`, less a layer's mode where the new settings leave no room for it. */
export function chooseSettings(plan: QuantizationPlan, layers: readonly Layer[], settings: PartialSettings): PlanEdit {
  const edit = setSettings(plan, layers.map(layerKey), settings);
  const changes = edit.changes.map((change) => (
    typeof change.after === 'object' ? { ...change, after: withFittingMode(plan, change.after) } : change
  ));
  return { ...edit, changes };
}

function withFittingMode(plan: QuantizationPlan, entry: PartialSettings): PartialSettings {
  const { mode, ...rest } = entry;
  const { method, bits } = completeSettings(overDefaults(plan, rest));
  return mode === undefined || scopeOf(method, bits).modes.includes(mode) ? entry : rest;
}
