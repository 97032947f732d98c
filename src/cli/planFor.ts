import type { PlannedLayer } from '../core/plan/layerSettings';
import type { PreviewArguments, QuantizeArguments } from './arguments';
import { plannedLayers, ruinousLayers } from './selection';
import { valueOf, type Session } from './session';

/** What the command line asks to quantize of its model. Warns of settings that usually ruin one. */
export async function planFor(
  { model, selection }: PreviewArguments | QuantizeArguments, { core, signal, warn }: Session,
): Promise<PlannedLayer[]> {
  const { layers } = valueOf(await core.openModel({ path: model }, { signal }));
  const planned = await plannedLayers(selection, model, layers);
  if (ruinousLayers(planned) > 0) {
    warn('warning: symmetric abs-max levels at 2 bits usually ruin a model; the defaults (mse, mid-rise) do not');
  }
  return planned;
}
