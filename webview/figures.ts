import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import { fewPositionsText } from '../src/protocol/fewPositionsText';
import type { PlanRow } from '../src/protocol/page';
import { rangeText } from '../src/protocol/rangeText';
import { roundingName } from '../src/protocol/roundingName';
import { formatCount, formatDb, formatNumber, UNKNOWN } from './numbers';
import { FAMILY_NAMES, granularityText, ofNearestText, sharedGranularity, sharedText } from './rowText';
import { isLossless, reasonToStay, type TableRow } from './tableRow';

/** One number of the inspector; `key` is its path in `inspect --json` or `preview --json`. */
export interface Figure {
  key: string;
  label: string;
  /** With full precision; null where it is not finite or not known. */
  value: number | string | null;
  text: string;
  /** Says little of this layer, or is not what a copy would have. */
  muted?: boolean;
}

export interface FigureGroup {
  title: string;
  figures: Figure[];
  /** What a figure of the group means, where its label cannot say it. */
  explanation?: string;
}

/** From this Kolmogorov–Smirnov distance on, a prediction from the fit says little of the weights. */
const POOR_FIT_KS = 0.05;

type Format = (value: number) => string;

/** All numbers known of a layer, in the groups they are shown in. */
export function figureGroups(row: TableRow): FigureGroup[] {
  return [storedQuantized, quantizedFigures, weights, quantiles, laplaceFit, gaussFit]
    .map((group) => group(row)).filter(({ figures }) => figures.length > 0);
}

function figure(key: string, label: string, value: number | null | undefined, format: Format = formatNumber): Figure {
  const known = value ?? null;
  return { key, label, value: known, text: known === null ? UNKNOWN : format(known) };
}

export function storedQuantized({ layer: { quantized: stored, bytes } }: TableRow): FigureGroup {
  const title = l10n.t('Quantized already');
  if (!stored) return { title, figures: [] };
  const { bits, granularity, scale, zeroPoint } = stored;
  const span = (key: string, label: string, range: { min: number; max: number }): Figure => (
    { key, label, value: range.min === range.max ? range.min : `${range.min} … ${range.max}`, text: rangeText(range) }
  );
  return {
    title,
    figures: [
      figure('quantized.bits', l10n.t('Bits'), bits),
      ...(granularity === null ? [] : [
        { key: 'quantized.granularity', label: l10n.t('Granularity'), value: granularity, text: granularityText(granularity) },
      ]),
      ...(scale ? [span('quantized.scale', l10n.t('Scale'), scale)] : []),
      ...(zeroPoint ? [span('quantized.zeroPoint', l10n.t('Zero point'), zeroPoint)] : []),
      figure('bytes', l10n.t('Size'), bytes, formatBytes),
    ],
  };
}

/** What the planned or tried setting comes to; without figures where there is none. */
export function quantizedFigures(row: TableRow): FigureGroup {
  const { plan, layer, statistics } = row;
  const title = plan?.triedBits === undefined ? l10n.t('Quantized') : l10n.t('Tried (stays float)');
  if (!plan?.method || reasonToStay(row) !== null) return { title, figures: [] };
  const decibels: Format = (value) => `${formatDb(value)} dB`;
  const sqnr = figure('sqnrDb', l10n.t('SQNR measured'), plan.sqnrDb, decibels);
  // The fit that is known is the layer's, which says nothing of those of its channels or blocks.
  const ks = sharedGranularity(row) === 'tensor' ? statistics?.laplace?.ks ?? 0 : 0;
  const predicted = figure('predictedSqnrDb', l10n.t('SQNR predicted (Laplace fit)'), plan.predictedSqnrDb, decibels);
  const nearest = ofNearestText(plan);
  const ofCodes = (measured: Figure): Figure => (nearest === null ? measured : { ...measured, muted: true });
  const few = plan.output?.state === 'measured' ? plan.output.fewPositions : undefined;
  const explanation = [
    ...(nearest === null ? [] : [`${nearest}.`]),
    ...(few ? [`${fewPositionsText(few)}.`] : []),
    ...(plan.uncalibrated ? [l10n.t('Not rounded by {0}: {1}.', roundingName(plan.uncalibrated.rounding), plan.uncalibrated.reason)] : []),
    ...(predicted.value === null ? [] : [predictionText(ks)]),
  ].join(' ');
  return {
    title,
    ...(explanation !== '' && { explanation }),
    figures: [
      figure('bits', l10n.t('Bits'), plan.bits ?? plan.triedBits),
      { key: 'method', label: l10n.t('Method'), value: plan.method, text: plan.method },
      { key: 'granularity', label: l10n.t('Granularity'), value: sharedGranularity(row), text: sharedText(row) },
      ofCodes(isLossless(plan) ? { ...sqnr, text: '∞ dB' } : sqnr),
      ...outputFigures(plan),
      { ...predicted, muted: ks > POOR_FIT_KS },
      ofCodes(figure('mse', l10n.t('MSE'), plan.mse)),
      ofCodes(figure('cosine', l10n.t('Cosine'), plan.cosine, (value) => formatNumber(value, 6))),
      ofCodes(figure('maxAbsError', l10n.t('Largest error'), plan.maxAbsError)),
      figure('bytesBefore', l10n.t('Size before'), layer.bytes, formatBytes),
      figure('bytesAfter', l10n.t('Size after'), plan.bytesAfter, formatBytes),
    ],
  };
}

/** Where weights are rounded by what they do to outputs, and where these are measured on calibration data. */
function outputFigures({ rounding: planned, uncalibrated, output }: PlanRow): Figure[] {
  const rounding = uncalibrated ? 'nearest' : planned;
  const sqnr = output?.state === 'measured' ? output.sqnrDb : null;
  return [
    ...(rounding === undefined ? [] : [
      { key: 'rounding', label: l10n.t('Rounding'), value: rounding, text: roundingName(rounding) },
    ]),
    ...(output?.state === 'measured' ? [
      { key: 'outputSqnrDb', label: l10n.t('Output SQNR'), value: sqnr, text: sqnr === null ? '∞ dB' : `${formatDb(sqnr)} dB` },
    ] : []),
  ];
}

/** Measured and predicted SQNR differ by tens of decibels at high bit widths, which needs a word. */
function predictionText(ks: number): string {
  const caution = ks > POOR_FIT_KS
    ? l10n.t('The fit is poor here (KS distance {0}), so it says little.', ks.toFixed(2))
    : l10n.t('It is too low where few weights share their levels, and at high bit widths, as real weights have thinner tails.');
  return `${l10n.t('Predicted: the same levels on Laplacians fitted to the weights that share them.')} ${caution}`;
}

function weights({ statistics }: TableRow): FigureGroup {
  const title = l10n.t('Weights');
  if (!statistics) return { title, figures: [] };
  return {
    title,
    figures: [
      figure('count', l10n.t('Count'), statistics.count, formatCount),
      figure('zeros', l10n.t('Zeros'), statistics.zeros, formatCount),
      figure('nan', 'NaN', statistics.nan, formatCount),
      figure('inf', '±Inf', statistics.inf, formatCount),
      figure('min', l10n.t('Minimum'), statistics.min),
      figure('max', l10n.t('Maximum'), statistics.max),
      figure('mean', l10n.t('Mean'), statistics.mean),
      figure('std', l10n.t('Std. deviation'), statistics.std),
      figure('median', l10n.t('Median'), statistics.median),
      figure('meanAbsDeviation', l10n.t('Mean abs. dev.'), statistics.meanAbsDeviation),
      figure('kurtosis', l10n.t('Excess kurtosis'), statistics.kurtosis),
    ],
  };
}

function quantiles({ statistics }: TableRow): FigureGroup {
  const entries = Object.entries(statistics?.quantiles ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  return {
    title: l10n.t('Quantiles'),
    figures: entries.map(([probability, value]) =>
      figure(`quantiles.${probability}`, `${formatNumber(Number(probability) * 100)} %`, value)),
  };
}

function laplaceFit({ statistics }: TableRow): FigureGroup {
  const fit = statistics?.laplace;
  return {
    title: l10n.t('{0} fit', FAMILY_NAMES.laplace),
    figures: !statistics ? [] : [
      figure('laplace.location', l10n.t('Location'), fit?.location),
      figure('laplace.scale', l10n.t('Scale b'), fit?.scale),
      figure('laplace.ks', l10n.t('KS distance'), fit?.ks),
      figure('laplace.logLikelihood', l10n.t('Log-likelihood'), fit?.logLikelihood),
    ],
  };
}

function gaussFit({ statistics }: TableRow): FigureGroup {
  const fit = statistics?.gauss;
  return {
    title: l10n.t('{0} fit', FAMILY_NAMES.gauss),
    figures: !statistics ? [] : [
      figure('gauss.mean', l10n.t('Mean'), fit?.location),
      figure('gauss.std', l10n.t('Std. deviation'), fit?.scale),
      figure('gauss.ks', l10n.t('KS distance'), fit?.ks),
      figure('gauss.logLikelihood', l10n.t('Log-likelihood'), fit?.logLikelihood),
    ],
  };
}
