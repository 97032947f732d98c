import type { Problem } from '../errors';
import { checkSettings } from './checkSettings';
import { completeSettings } from './layerSettings';
import { overDefaults, type PlanEntry, type QuantizationPlan } from './plan';

/**
 * Where legal settings do not go with the method, as `setting-invalid` at the JSON path of the entry's part in it: the
 * setting, the method or the bits. What only the defaults are to blame for is reported there alone.
 */
export function planConflicts(plan: QuantizationPlan): Problem[] {
  const entries: [path: string, entry: PlanEntry][] = [
    ['defaults', plan.defaults ?? 'float'],
    ...Object.entries(plan.layers).map(([key, entry]): [string, PlanEntry] => [entryPath(key), entry]),
  ];
  return entries.flatMap(([path, entry]) => {
    if (entry === 'float') return [];
    const problem = checkSettings(completeSettings(overDefaults(plan, entry)), {});
    if (problem === null) return [];
    const own = [String(problem.detail.setting), 'method', 'bits'].find((name) => Object.hasOwn(entry, name));
    return own === undefined ? [] : [{ ...problem, place: { path: `${path}.${own}` } }];
  });
}

/** Whether a problem of a plan is of this kind: its entry is kept, since what it means is clear. */
export function isConflict({ code, detail }: Problem): boolean {
  return code === 'setting-invalid' && detail.method !== undefined;
}

export function entryPath(key: string): string {
  return `layers[${JSON.stringify(key)}]`;
}
