import * as l10n from '@vscode/l10n';
import { decibelText } from '../core/metrics/decibelText';
import { count } from '../core/report/reportColumns';
import type { Evaluation } from '../protocol/evaluation';
import type { InputOptions } from '../protocol/outputComparison';
import { readingText } from '../protocol/readingText';

/** What an evaluation found on inputs that were read so, in one line. */
export function evaluationMessage({ samples, scaled, evaluated, reference }: Evaluation, options: InputOptions): string {
  const reading = readingText(options, scaled);
  const parts = [reading === '' ? l10n.t('{0} samples', count(samples)) : l10n.t('{0} samples, {1}', count(samples), reading)];
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
