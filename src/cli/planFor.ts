import type { PlannedLayer } from '../core/plan/layerSettings';
import { bestMethods, type BestMethods } from './bestMethods';
import type { PreviewArguments, QuantizeArguments } from './arguments';
import { plannedLayers, ruinousLayers } from './selection';
import { valueOf, type Session } from './session';

/** How much of a command the search for methods takes, for its progress. */
const SEARCH = 0.7;

export interface PlannedCopy {
  planned: PlannedLayer[];
  /** Null when the methods were given. */
  best: BestMethods | null;
  /** Shows how far what is left to do is. */
  progress: Session['progress'];
}

/** What the command line asks to quantize of its model. Warns of settings that usually ruin one. */
export async function planFor(
  { model, selection, format }: PreviewArguments | QuantizeArguments, session: Session,
): Promise<PlannedCopy> {
  const { core, signal, warn, progress } = session;
  const { layers } = valueOf(await core.openModel({ path: model }, { signal }));
  const planned = await plannedLayers(selection, model, layers);
  if (ruinousLayers(planned) > 0) {
    warn('warning: symmetric abs-max levels at 2 bits usually ruin a model; the defaults (mse, mid-rise) do not');
  }
  if (!('best' in selection)) return { planned, best: null, progress };
  const best = await bestMethods(model, planned, format, { ...session, progress: (fraction) => progress(SEARCH * fraction) });
  return {
    planned: planned.map(({ layer, settings }) => ({ layer, settings: best.get(layer)?.settings ?? settings })),
    best,
    progress: (fraction) => progress(SEARCH + (1 - SEARCH) * fraction),
  };
}
