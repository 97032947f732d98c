import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import type { Budget, Header } from '../src/protocol/page';
import { formatCount } from './numbers';

/** What the plan makes of the model, in one line. */
export function budgetText(budget: Budget, { layerCount, canQuantize }: Header): string {
  const { bytesBefore, plannedLayers, quantizedAlready } = budget;
  if (layerCount === 0) return formatBytes(bytesBefore);
  if (plannedLayers + quantizedAlready === 0) {
    const none = canQuantize ? l10n.t('every layer stays float') : l10n.t('no layer can be quantized');
    return `${formatBytes(bytesBefore)} · ${none}`;
  }
  return [
    plannedLayers === 0 ? formatBytes(bytesBefore) : sizeChange(budget),
    averageText(budget.averageBits),
    plannedLayers === 0 ? '' : l10n.t('{0} of {1} layers quantized', formatCount(plannedLayers), formatCount(layerCount)),
    alreadyText(budget, layerCount),
  ].filter((fact) => fact !== '').join(' · ');
}

function alreadyText({ plannedLayers, quantizedAlready }: Budget, layerCount: number): string {
  if (quantizedAlready === 0) return '';
  if (plannedLayers > 0) return l10n.t('{0} quantized already', formatCount(quantizedAlready));
  if (quantizedAlready === layerCount) return l10n.t('every layer is quantized already');
  return l10n.t('{0} of {1} layers quantized already', formatCount(quantizedAlready), formatCount(layerCount));
}

/** A change that rounding hides is given in bytes. */
function sizeChange({ bytesBefore, bytesAfter }: Budget): string {
  const before = formatBytes(bytesBefore);
  if (bytesAfter === null) return `${before} → …`;
  const after = formatBytes(bytesAfter);
  if (after !== before || bytesAfter === bytesBefore) return `${before} → ${after}`;
  const change = bytesAfter - bytesBefore;
  return l10n.t('{0} ({1} bytes)', before, `${change < 0 ? '−' : '+'}${formatCount(Math.abs(change))}`);
}

/** With as many decimals as tell it from a whole number of bits, as every layer has. */
function averageText(bits: number | null): string {
  if (bits === null) return '';
  const digits = [1, 2, 3].find((count) => !Number.isInteger(Number(bits.toFixed(count)))) ?? 1;
  return l10n.t('{0} bits on average', bits.toFixed(digits));
}
