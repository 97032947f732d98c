import type { PlannedLayer } from '../core/plan/layerSettings';
import type { ModelLocation } from '../protocol/coreService';
import type { CoreClient } from '../workers/coreClient';
import { forPage, keyOf, singleAnswer, type Question } from './question';

/** Bins of the histogram that comes with the channels' errors and is not shown here. */
const BINS = 1;

/** Range and spread of each output channel of a layer. */
export function channelRanges(core: CoreClient, location: ModelLocation, layer: number): Question {
  return singleAnswer('channelRanges', layer, '', async (options) => {
    const outcome = await core.channelRanges(location, layer, options);
    if (!outcome.ok) return outcome;
    const [min, max, std] = (['min', 'max', 'std'] as const).map((figure) => outcome.value.map((each) => rounded(each[figure])));
    return { ok: true, value: { type: 'channelRanges', ranges: { index: layer, min: min!, max: max!, std: std! } } };
  });
}

/** The error of each output channel of a layer under these settings. */
export function channelErrors(core: CoreClient, location: ModelLocation, planned: PlannedLayer): Question {
  const { layer, settings } = planned;
  return singleAnswer('channelErrors', layer, keyOf(settings), async (options) => {
    const outcome = await core.layerErrors(location, planned, BINS, options);
    if (!outcome.ok) return outcome;
    const { channels } = outcome.value;
    const ratios = channels.map(({ sqnrDb }) => sqnrDb);
    // Channels have equally many weights.
    const all = channels.reduce((sum, { mse }) => sum + mse, 0);
    const errors = {
      index: layer, sqnrDb: ratios.map(forPage), lossless: ratios.map((each) => each === Infinity),
      shares: channels.map(({ mse }) => (all === 0 ? 0 : rounded(mse / all))),
    };
    return { ok: true, value: { type: 'channelErrors', errors } };
  });
}

/** Of finite weights every figure is finite. */
function rounded(value: number): number {
  return forPage(value) ?? 0;
}
