import { layerKey, type Layer } from '../core/onnx/layer';
import type { LayerSettings } from '../core/plan/layerSettings';
import { resolvePlan, type QuantizationPlan, type Tuning } from '../core/plan/plan';
import { faultOf, type PlanFaults } from '../core/plan/planFaults';
import { SETTING_NAMES } from '../core/plan/readSettings';
import { openableTuning } from '../platform/openableTuning';
import { faultNote } from './faultNote';

/** What a plan says of one model. */
export interface ModelPlan {
  /** Of planned layers, by their indexes. */
  settings: ReadonlyMap<number, LayerSettings>;
  /** Why layers stay float whose entries cannot be used. */
  faults: ReadonlyMap<number, string>;
  /** What it says of the whole copy, its paths as they can be opened. */
  tuning: Tuning;
}

/** The plan as it applies to a model's layers. @param folder the model's, which the plan's paths are relative to */
export function modelPlan(plan: QuantizationPlan, faults: PlanFaults, layers: readonly Layer[], folder: string): ModelPlan {
  return {
    settings: new Map(resolvePlan(plan, layers).map(({ layer, settings }) => [layer, settings])),
    faults: faultNotes(plan, faults, layers),
    tuning: openableTuning(plan, folder),
  };
}

/** Whether both plans say the same of a layer. */
export function agreeOn(layer: number, a: ModelPlan, b: ModelPlan): boolean {
  return sameSettings(a.settings.get(layer), b.settings.get(layer)) && a.faults.get(layer) === b.faults.get(layer);
}

/** Two that are absent are the same. */
export function sameSettings(a: LayerSettings | undefined, b: LayerSettings | undefined): boolean {
  if (!a || !b) return a === b;
  return SETTING_NAMES.every((name) => a[name] === b[name]);
}

function faultNotes(plan: QuantizationPlan, faults: PlanFaults, layers: readonly Layer[]): Map<number, string> {
  return new Map(layers.flatMap((layer) => {
    const fault = layer.quantizable === true ? faultOf(plan, faults, layerKey(layer)) : undefined;
    return fault ? [[layer.index, faultNote(fault)]] : [];
  }));
}
