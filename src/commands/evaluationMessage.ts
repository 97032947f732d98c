import * as l10n from '@vscode/l10n';
import { decibelText } from '../core/metrics/decibelText';
import type { Evaluation } from '../protocol/evaluation';

/** What an evaluation found, in one line. */
export function evaluationMessage({ samples, evaluated, reference }: Evaluation): string {
  const parts = [l10n.t('{0} samples', samples)];
  if (evaluated.top1 !== null) {
    const before = reference?.accuracy.top1;
    parts.push(before === undefined || before === null
      ? l10n.t('top 1 {0}', percent(evaluated.top1))
      : l10n.t('top 1 {0}, in float {1}', percent(evaluated.top1), percent(before)));
  }
  if (reference && reference.agreement !== null) parts.push(l10n.t('same top 1 on {0}', percent(reference.agreement)));
  for (const { a, difference, notFinite } of reference?.outputs ?? []) {
    const sqnr = difference?.sqnrDb ?? null;
    if (sqnr !== null) parts.push(l10n.t('SQNR of {0} {1} dB', a, decibelText(sqnr, 2)));
    if (notFinite) parts.push(l10n.t('{0} numbers of {1} are NaN or infinite', notFinite, a));
  }
  return parts.join('; ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
