import type { Problem } from '../errors';
import { entryOf, type QuantizationPlan } from './plan';

/** What a plan file says of layers that cannot be used; those layers stay float. */
export interface PlanFaults {
  /** Of the plan's defaults, and with them of all layers that the plan does not name. */
  defaults?: Problem | undefined;
  /** By `layerKey`. */
  layers: Map<string, Problem>;
}

export function noFaults(): PlanFaults {
  return { layers: new Map() };
}

/** Why a layer is float though the plan file says something else of it; undefined once an edit has decided about it. */
export function faultOf(plan: QuantizationPlan, faults: PlanFaults, key: string): Problem | undefined {
  const entry = entryOf(plan, key);
  if (entry === 'float') return faults.layers.get(key);
  return entry === undefined && plan.defaults === undefined ? faults.defaults : undefined;
}
