import type { Allocation } from '../core/allocation/allocateBits';
import { completeSettings, type PlannedLayer } from '../core/plan/layerSettings';
import type { LayerToAllocate } from '../protocol/allocation';

/** The measured layers at these widths, less those in float. */
export function plannedLayers(layers: LayerToAllocate[], widths: Allocation['widths']): PlannedLayer[] {
  const settings = new Map(layers.map((each) => [each.layer, each.settings]));
  return widths.flatMap(({ layer, bits }) => (
    bits === 'float' ? [] : [{ layer, settings: completeSettings({ ...settings.get(layer), bits }) }]
  ));
}
