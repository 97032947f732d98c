import type { PlannedLayer } from '../core/plan/layerSettings';
import type { ModelLocation } from '../protocol/coreService';
import type { CoreClient } from '../workers/coreClient';
import { forPage, keyOf, singleAnswer, type Question } from './question';

/** Bins of the error histogram: about three pixels each in the inspector. */
const BINS = 96;

/** The histogram of a layer's errors under these settings. */
export function layerErrors(core: CoreClient, location: ModelLocation, planned: PlannedLayer): Question {
  const { layer, settings } = planned;
  return singleAnswer('layerErrors', layer, keyOf(settings), async (options) => {
    const outcome = await core.layerErrors(location, planned, BINS, options);
    if (!outcome.ok) return outcome;
    const { min, max, counts } = outcome.value.histogram;
    const histogram = { min: forPage(min), max: forPage(max), counts };
    return { ok: true, value: { type: 'layerErrors', errors: { index: layer, histogram } } };
  });
}
