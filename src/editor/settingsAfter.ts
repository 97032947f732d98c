import { layerKey, type Layer } from '../core/onnx/layer';
import { setSettings } from '../core/plan/edits';
import { completeSettings, type LayerSettings, type PartialSettings } from '../core/plan/layerSettings';
import { entryOf, overDefaults, type QuantizationPlan } from '../core/plan/plan';

/** The layer's settings once `setSettings` has named these for it. */
export function settingsAfter(plan: QuantizationPlan, layer: Layer, settings: PartialSettings): LayerSettings {
  const key = layerKey(layer);
  const entry = entryOf(plan, key);
  const ofLayer = { ...plan, layers: Object.fromEntries(entry === undefined ? [] : [[key, entry]]) };
  const after = setSettings(ofLayer, [key], settings).changes[0]?.after;
  return completeSettings(overDefaults(plan, typeof after === 'object' ? after : {}));
}
