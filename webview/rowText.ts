import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import { fewPositionsText } from '../src/protocol/fewPositionsText';
import type { LayerRow, PlanRow } from '../src/protocol/page';
import { nearestInsteadText, roundingName } from '../src/protocol/roundingName';
import { formatCount, formatDb, UNKNOWN } from './numbers';
import { bestFit, isFloat, isLossless, isQuantizable, reasonToStay, type TableRow } from './tableRow';

/** A cell's text and what it says on hover. */
export interface CellText {
  text: string;
  title: string;
  warning?: boolean;
  /** Where it is not what a copy would have: what assistive technology calls it. */
  provisional?: string | null;
}

/** Below this much of the weights is noise: 20 dB is a tenth of their amplitude. */
export const LOW_SQNR_DB = 20;

/** Families are names, the same in every language. */
export const FAMILY_NAMES = { laplace: 'Laplace', gauss: 'Gauss' } as const;

export function fitText({ layer, statistics, problem }: TableRow): CellText {
  if (!isFloat(layer) && !statistics) return { text: UNKNOWN, title: '' };
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

/** Below this a distance is not told from others: it is known within as much. */
const LEAST_MOVE = 0.001;

export function movedText({ moved }: Pick<TableRow, 'moved'>): CellText {
  if (moved === null) return { text: '', title: '' };
  if (moved === 0) return { text: '0', title: l10n.t('The weights are the same as before') };
  return {
    text: moved < LEAST_MOVE ? `<${LEAST_MOVE}` : moved.toFixed(3),
    title: l10n.t('Kolmogorov–Smirnov distance between the weights before the file changed and now'),
  };
}

/** Where no width can be chosen: the check mark is for what is quantized already. */
export function fixedBitsText({ quantized, dtype }: LayerRow): string {
  return quantized ? `${quantized.bits} ✓` : dtype;
}

export function methodText(row: TableRow): CellText {
  const { plan } = row;
  const reason = reasonToStay(row);
  if (reason !== null) return { text: shortReason(row, reason), title: reason, warning: isQuantizable(row) };
  if (!plan?.method) return { text: UNKNOWN, title: fixedText(row) || l10n.t('Stays float') };
  if (plan.triedBits !== undefined) {
    const setting = `${plan.method}, ${sharedText(row)}`;
    return {
      text: l10n.t('tried {0} bits', plan.triedBits),
      title: l10n.t('Stays float; its error was tried with {0} bits, {1}', plan.triedBits, setting),
    };
  }
  const { method } = plan;
  const caution = cautionText(row);
  const rounding = plan.uncalibrated ? 'nearest' : plan.rounding;
  const setting = [method, sharedText(row), roundingText(plan)].filter((part) => part !== '');
  return {
    text: rounding === undefined ? method : `${method} · ${rounding}`,
    title: [setting.join(', '), caution].filter((part) => part !== '').join(' · '),
    warning: lacksData(plan) || caution !== '',
  };
}

/** In a quantized copy every row has a reason, of which a cell has no room for how the weights are stored. */
function shortReason({ layer: { quantized } }: TableRow, reason: string): string {
  return quantized ? l10n.t('quantized already, {0} bits', quantized.bits) : reason;
}

function lacksData({ rounding, state, output }: PlanRow): boolean {
  return rounding !== undefined && state === 'previewed' && !output;
}

/** `''` where weights are rounded to nearest and the plan asks for no more. */
function roundingText(plan: PlanRow): string {
  const { rounding, uncalibrated } = plan;
  if (uncalibrated) return nearestInsteadText(uncalibrated.rounding, uncalibrated.reason);
  if (rounding === undefined) return '';
  return lacksData(plan)
    ? l10n.t('{0}: needs calibration data', roundingName(rounding)) : l10n.t('rounding: {0}', roundingName(rounding));
}

/** What to mind of the planned settings, as a sentence; `''` where there is nothing. */
export function cautionText({ plan }: TableRow): string {
  return plan?.ruinous
    ? l10n.t('Three symmetric levels up to the largest weight leave most weights at zero; the defaults, mse and mid-rise, do not') : '';
}

/** Why a layer that could be quantized is not until it is chosen itself, as a sentence; `''` when that is not so. */
function fixedText({ layer: { fixed }, plan }: TableRow): string {
  return fixed === undefined || !plan || plan.bits !== null ? '' : l10n.t('Stays float: {0}', fixed);
}

/** Why the layer stays as it is, as a sentence; `''` when it does not. */
export function stayText(row: TableRow): string {
  const reason = reasonToStay(row);
  if (reason === null) return fixedText(row);
  if (isFloat(row.layer)) return l10n.t('Stays as it is: {0}', reason);
  const sentence = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  return row.layer.quantized ? sentence : `${sentence}: ${row.layer.dtype}`;
}

/** What shares a codebook: `tensor`, `channel`, or `block:32`. */
export function granularityText(granularity: string | null): string {
  if (granularity?.startsWith('block:')) return l10n.t('per block of {0}', granularity.slice('block:'.length));
  return granularity === 'channel' ? l10n.t('per channel') : l10n.t('per tensor');
}

/** What shares a codebook in truth: per channel, all of a layer whose output channels are not known. */
export function sharedGranularity({ layer, plan }: TableRow): string | null {
  const granularity = plan?.granularity ?? null;
  return granularity === 'channel' && layer.channelsUnknown ? 'tensor' : granularity;
}

/** The same in words, and why it is not what is planned. */
export function sharedText(row: TableRow): string {
  const shared = sharedGranularity(row);
  return shared === (row.plan?.granularity ?? null) ? granularityText(shared)
    : l10n.t('per tensor, since its output channels are not known');
}

export function sqnrText(row: TableRow): CellText {
  const { plan } = row;
  if (reasonToStay(row) !== null) return { text: UNKNOWN, title: '' };
  if (isLossless(plan)) return { text: '∞', title: losslessTitle(plan) };
  const measured = plan?.sqnrDb ?? null;
  const predicted = plan?.predictedSqnrDb ?? null;
  const prediction = predicted === null ? null : l10n.t('Predicted (Laplace fit): {0} dB', formatDb(predicted));
  if (measured === null) return { text: plan?.state === 'planned' ? '…' : UNKNOWN, title: prediction ?? '' };
  const low = measured < LOW_SQNR_DB;
  const nearest = ofNearestText(plan);
  return {
    text: formatDb(measured),
    title: [nearest, low ? l10n.t('Low: below {0} dB', LOW_SQNR_DB) : null, prediction].filter((part) => part !== null).join(' · '),
    warning: low,
    provisional: nearest === null ? null : provisionalText(formatDb(measured)),
  };
}

function losslessTitle(plan: PlanRow | null): string {
  return plan?.mse === 0
    ? l10n.t('Every weight is kept exactly')
    : l10n.t('All weights are zero, and those of a copy as near to it as the grid allows');
}

export function provisionalText(figure: string): string {
  return l10n.t('{0}, provisional', figure);
}

/** Why figures of a layer are those of nearest codes, though it is to be rounded by its outputs; null where they are not. */
export function ofNearestText(plan: PlanRow | null): string | null {
  if (plan?.state !== 'previewed' || plan.rounding === undefined) return null;
  if (plan.output?.state === 'pending') return l10n.t('Of nearest codes: rounding by {0} is being computed', roundingName(plan.rounding));
  return plan.output?.state === 'unknown' ? l10n.t('Of nearest codes: {0}', plan.output.reason) : null;
}

/** Of the layer's outputs on calibration data. */
export function outputText(row: TableRow): CellText {
  const output = row.plan?.output;
  if (!output || reasonToStay(row) !== null) return { text: UNKNOWN, title: '' };
  if (output.state === 'pending') return pendingText(row.plan, output.fraction);
  if (output.state === 'unknown') return { text: UNKNOWN, title: l10n.t('Not known: {0}', output.reason) };
  if (output.sqnrDb === null) return { text: '∞', title: l10n.t('Outputs are the same as in float') };
  const cautions = [
    ...(output.sqnrDb < LOW_SQNR_DB ? [l10n.t('Low: below {0} dB', LOW_SQNR_DB)] : []),
    ...(output.fewPositions ? [fewPositionsText(output.fewPositions)] : []),
  ];
  return { text: formatDb(output.sqnrDb), title: cautions.join(' · '), warning: cautions.length > 0 };
}

function pendingText(plan: PlanRow | null, fraction: number | undefined): CellText {
  const title = plan?.rounding === undefined ? l10n.t('Being measured') : l10n.t('Rounding by {0} is being computed', roundingName(plan.rounding));
  if (fraction === undefined) return { text: '…', title };
  const text = `${Math.round(fraction * 100)} %`;
  return { text, title, provisional: l10n.t('{0} of rounding', text) };
}

export function sizeText(row: TableRow): string {
  const { layer, plan } = row;
  const after = plan?.bytesAfter ?? null;
  if (after === null || plan?.bits === null || reasonToStay(row) !== null) return formatBytes(layer.bytes);
  return changeText(layer.bytes, after, true);
}

/** `64 KB → 8 KB`; a change that rounding hides is given in bytes, no change as one size unless `always`. */
export function changeText(before: number, after: number, always = false): string {
  if (before === after && !always) return formatBytes(before);
  if (formatBytes(after) === formatBytes(before)) return `${formatCount(before)} → ${formatCount(after)} B`;
  return `${formatBytes(before)} → ${formatBytes(after)}`;
}
