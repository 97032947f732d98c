import * as l10n from '@vscode/l10n';
import type { Layer } from '../core/onnx/layer';
import { formatBytes } from '../protocol/byteSize';
import { sqnrText } from '../protocol/numberText';
import type { Budget, PlanRow } from '../protocol/page';
import { printable } from '../protocol/plainText';
import { obstacleText } from '../protocol/quantizedText';

/** What stands behind a layer's name: its bits and error, or why it has none. */
export function layerDescription({ quantized }: Layer, { state, bits, triedBits, sqnrDb, note }: PlanRow): string {
  if (quantized) return `${l10n.t('{0} bits', quantized.bits)} · ${l10n.t('quantized already')}`;
  if (state === 'cannot') return l10n.t('cannot be quantized');
  const width = bits ?? triedBits;
  const parts = [
    ...(bits === null ? [l10n.t('float')] : []),
    ...(width === undefined ? [] : [bits === null ? l10n.t('tried at {0} bits', width) : l10n.t('{0} bits', width)]),
    ...(state === 'previewed' ? [sqnrText(sqnrDb ?? Infinity)] : []),
    ...(note === null ? [] : [l10n.t('stays float')]),
  ];
  return parts.join(' · ');
}

/** All that is known of a layer, a line each. */
export function layerTooltip(layer: Layer, row: PlanRow): string {
  const { quantizable, name, scope, consumers, dims, dtype, elements, bytes } = layer;
  const reason = quantizable === true ? row.note : obstacleText(layer);
  return [
    name,
    ...(scope === '' ? [] : [l10n.t('in {0}', scope)]),
    [consumers[0]?.op ?? '', dims.join('×'), dtype].filter((part) => part !== '').join(' · '),
    l10n.t('{0} weights, {1}', elements, formatBytes(bytes)),
    layerDescription(layer, row),
    ...(row.bytesAfter === null ? [] : [`${formatBytes(bytes)} → ${formatBytes(row.bytesAfter)}`]),
    ...(reason === null ? [] : [layer.quantized ? l10n.t('It stays as it is: {0}', reason) : l10n.t('It stays float: {0}', reason)]),
  ].map(printable).join('\n');
}

/** The model under its plan, short enough for a status bar. */
export function budgetText({ averageBits, bytesBefore, bytesAfter, plannedLayers, quantizedAlready, worst }: Budget): string {
  if (plannedLayers + quantizedAlready === 0) return l10n.t('float, {0}', formatBytes(bytesBefore));
  return [
    ...(averageBits === null ? [] : [l10n.t('{0} bits', averageBits.toFixed(1))]),
    bytesAfter === null || plannedLayers === 0 ? formatBytes(bytesBefore) : `${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)}`,
    ...(worst === null ? [] : [worstText(worst)]),
  ].join(' · ');
}

function worstText({ sqnrDb, by }: NonNullable<Budget['worst']>): string {
  return by === 'outputs' ? l10n.t('worst outputs {0}', sqnrText(sqnrDb)) : l10n.t('worst {0}', sqnrText(sqnrDb));
}
