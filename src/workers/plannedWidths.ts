import { basename } from 'node:path';
import type { Allocation } from '../core/allocation/allocateBits';
import { noiseOf, type LayerOptions } from '../core/allocation/layerOptions';
import type { CopyFormat } from '../core/encodings/copyFormat';
import type { ModelIndex } from '../core/onnx/modelIndex';
import { planCopy } from '../core/onnx/planCopy';
import { completeSettings, type PlannedLayer } from '../core/plan/layerSettings';
import type { ChosenWidths, LayerToAllocate } from '../protocol/allocation';

/** The measured layers at these widths, less those in float. */
export function plannedLayers(layers: LayerToAllocate[], widths: Allocation['widths']): PlannedLayer[] {
  const settings = new Map(layers.map((each) => [each.layer, each.settings]));
  return widths.flatMap(({ layer, bits }) => (
    bits === 'float' ? [] : [{ layer, settings: completeSettings({ ...settings.get(layer), bits }) }]
  ));
}

/** The copy of a choice, with the widths that it really has. */
export type CopyOf = (allocation: Allocation) => ChosenWidths;

/** A layer that saves less than tables of which it has no share with others take stays in float, whatever width was chosen for it. */
export function copiesOf(index: ModelIndex, layers: LayerToAllocate[], options: readonly LayerOptions[], format: CopyFormat): CopyOf {
  return ({ widths: chosen, noise, optimal }) => {
    const { size } = planCopy(index, plannedLayers(layers, chosen), basename(index.path), { format });
    const left = new Set(size.skipped.filter(({ reason }) => reason === 'not-smaller').map(({ layer }) => layer));
    if (left.size === 0) return { widths: chosen, noise, optimal, size };
    const widths = chosen.map((each): typeof each => (left.has(each.layer) ? { ...each, bits: 'float' } : each));
    return { widths, noise: noiseOf(options, widths), optimal: false, size };
  };
}
