import type { Layer } from '../core/onnx/layer';
import { isRuinous } from '../core/plan/checkSettings';
import { scopeOf, type LayerSettings, type PlannedLayer } from '../core/plan/layerSettings';
import { resolvePlan, type Tuning } from '../core/plan/plan';
import { bestMethods, type BestMethods } from './bestMethods';
import type { CopyArguments } from './evaluateArguments';
import { requirePlanInputs, tuningOver } from './planTuning';
import { selectedPlan, warnOfIdleOptions, warnOfMissingData } from './selection';
import { valueOf, type Session } from './session';

/** How much of a command the search for methods takes, for its progress. */
const SEARCH = 0.7;

export interface PlannedCopy {
  /** Of the whole model. */
  layers: Layer[];
  planned: PlannedLayer[];
  tuning: Tuning;
  /** Null when the methods were given. */
  best: BestMethods | null;
  /** Shows how far what is left to do is. */
  progress: Session['progress'];
}

/** What the command line asks to quantize of its model. Warns of what may not be meant, or usually ruins a model. */
export async function planFor(
  { model, selection, format, tuning: given }: CopyArguments & { model: string }, session: Session,
): Promise<PlannedCopy> {
  const { core, signal, warn, progress } = session;
  warnOfIdleOptions(selection, warn);
  const opened = valueOf(await core.openModel({ path: model }, { signal }));
  const { layers } = opened;
  warnOfMissingData(opened, warn);
  const plan = selectedPlan(selection, model, layers, warn);
  const planned = resolvePlan(plan, layers);
  const tuning = tuningOver(plan, selection, given);
  requirePlanInputs(tuning, given);
  if (planned.some(({ settings }) => isRuinous(settings))) {
    warn('warning: symmetric abs-max levels at 2 bits usually ruin a model; the defaults (mse, mid-rise) do not');
  }
  if (!('best' in selection)) return { layers, planned, tuning, best: null, progress };
  const best = await bestMethods(model, planned, format, { ...session, progress: (fraction) => progress(SEARCH * fraction) });
  return {
    layers,
    planned: planned.map(({ layer, settings }) => ({ layer, settings: withRounding(best.get(layer)?.settings ?? settings, settings) })),
    tuning,
    best,
    progress: (fraction) => progress(SEARCH + (1 - SEARCH) * fraction),
  };
}

/** Methods are compared by rounding to nearest; the one found is rounded as was asked for, where it can be. */
function withRounding(found: LayerSettings, { rounding }: LayerSettings): LayerSettings {
  return scopeOf(found.method, found.bits).roundings.includes(rounding) ? { ...found, rounding } : found;
}
