import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import { formatDb, UNKNOWN } from './numbers';
import { bestFit, isLossless, isQuantizable, type TableRow } from './tableRow';

/** A cell's text and what it says on hover. */
export interface CellText {
  text: string;
  title: string;
  warning?: boolean;
}

/** Below this much of the weights is noise: 20 dB is a tenth of their amplitude. */
const LOW_SQNR_DB = 20;

/** Families are names, the same in every language. */
export const FAMILY_NAMES = { laplace: 'Laplace', gauss: 'Gauss' } as const;

export function fitText({ statistics, problem }: TableRow): CellText {
  if (problem) return { text: l10n.t('unreadable'), title: problem.title, warning: true };
  const fit = bestFit(statistics);
  if (!fit) return { text: statistics ? UNKNOWN : '', title: '' };
  const ks = (value: number | undefined): string => (value === undefined ? UNKNOWN : value.toFixed(4));
  return {
    text: `${FAMILY_NAMES[fit.family]} ${fit.ks.toFixed(2)}`,
    title: l10n.t('Kolmogorov–Smirnov distance: Laplace {0}, Gauss {1}; lower is better',
      ks(statistics?.laplace?.ks), ks(statistics?.gauss?.ks)),
  };
}

export function methodText(row: TableRow): CellText {
  const { plan, layer } = row;
  if (!isQuantizable(row)) return { text: layer.reason ?? '', title: layer.reason ?? '' };
  if (plan?.note) return { text: plan.method ?? l10n.t('float'), title: plan.note, warning: true };
  if (!plan?.method) return { text: UNKNOWN, title: l10n.t('Stays float') };
  const granularity = plan.granularity === 'channel' ? l10n.t('per channel') : l10n.t('per tensor');
  return { text: plan.method, title: `${plan.method}, ${granularity}` };
}

export function sqnrText({ plan }: TableRow): CellText {
  if (isLossless(plan)) return { text: '∞', title: l10n.t('Every weight is kept exactly') };
  const measured = plan?.sqnrDb ?? null;
  const predicted = plan?.predictedSqnrDb ?? null;
  const title = predicted === null ? '' : l10n.t('Predicted from the fit: {0} dB', formatDb(predicted));
  if (measured === null) return { text: plan?.state === 'planned' && !plan.note ? '…' : UNKNOWN, title };
  const low = measured < LOW_SQNR_DB;
  return {
    text: formatDb(measured),
    title: low ? `${l10n.t('Low: below {0} dB', LOW_SQNR_DB)}${title && ` · ${title}`}` : title,
    warning: low,
  };
}

export function sizeText({ layer, plan }: TableRow): string {
  const before = formatBytes(layer.bytes);
  const after = plan?.bytesAfter ?? null;
  return after === null || plan?.bits === null ? before : `${before} → ${formatBytes(after)}`;
}
