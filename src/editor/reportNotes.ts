import * as l10n from '@vscode/l10n';
import { sharedGranularity } from '../core/groups/layerGroups';
import type { Layer } from '../core/onnx/layer';
import { codesChosenBy } from '../core/plan/calibrationSettings';
import type { PlannedLayer } from '../core/plan/layerSettings';
import type { QuantizeReport } from '../protocol/coreService';
import { fewPositionsText } from '../protocol/fewPositionsText';
import { formatObstacleText } from '../protocol/formatText';
import { channelsUnknownText, skipReasonText, uncalibratedText, uncorrectedText } from '../protocol/problemText';
import { nearestInsteadText } from '../protocol/roundingName';

/** Why layers stay as they are, or what a copy does not do with them as planned and why, by layer. */
export function reportNotes(
  all: readonly Layer[],
  { format, layers, size, uncalibrated, corrections }: Pick<QuantizeReport, 'format' | 'layers' | 'size' | 'uncalibrated' | 'corrections'>,
  planned: readonly PlannedLayer[],
): Map<number, string> {
  const roundings = new Map(planned.map(({ layer, settings }) => [layer, codesChosenBy(settings)]));
  const notes = [
    ...size.skipped.map(({ layer, reason }) => ({ layer, text: skipReasonText(reason) })),
    ...layers.flatMap(({ layer, settings: { granularity } }) => (
      sharedGranularity(all[layer]!, granularity) === granularity ? [] : [{ layer, text: channelsUnknownText() }]
    )),
    ...uncalibrated.map(({ layer, reason }) => (
      { layer, text: nearestInsteadText(roundings.get(layer)!, uncalibratedText(reason)) }
    )),
    ...layers.flatMap(({ layer, fewPositions }) => (fewPositions ? [{ layer, text: fewPositionsText(fewPositions) }] : [])),
    ...size.layers.flatMap(({ layer, obstacle }) => (
      obstacle ? [{ layer, text: l10n.t('stored exactly, not as {0}: {1}', format, formatObstacleText(obstacle)) }] : []
    )),
    ...(corrections?.uncorrected ?? []).map(({ layer, reason }) => (
      { layer, text: l10n.t('bias not corrected: {0}', uncorrectedText(reason)) }
    )),
  ];
  const byLayer = new Map<number, string>();
  for (const { layer, text } of notes) {
    const before = byLayer.get(layer);
    byLayer.set(layer, before === undefined ? text : `${before}; ${text}`);
  }
  return byLayer;
}
