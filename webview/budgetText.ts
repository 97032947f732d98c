import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import type { Budget, Header } from '../src/protocol/page';
import { formatCount } from './numbers';

/** What the plan makes of the model, in one line. */
export function budgetText(budget: Budget, { layerCount, canQuantize }: Header): string {
  const { bytesBefore, plannedLayers } = budget;
  if (layerCount === 0) return formatBytes(bytesBefore);
  if (!canQuantize) return `${formatBytes(bytesBefore)} · ${l10n.t('no layer can be quantized')}`;
  if (plannedLayers === 0) return `${formatBytes(bytesBefore)} · ${l10n.t('every layer stays float')}`;
  return [
    sizeChange(budget),
    averageText(budget.averageBits),
    l10n.t('{0} of {1} layers quantized', formatCount(plannedLayers), formatCount(layerCount)),
  ].filter((fact) => fact !== '').join(' · ');
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
