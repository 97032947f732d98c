import * as l10n from '@vscode/l10n';
import { formatBytes } from '../src/protocol/byteSize';
import { formatCount, formatDb, formatNumber, UNKNOWN } from './numbers';
import { FAMILY_NAMES } from './rowText';
import { isLossless, type TableRow } from './tableRow';

/** One number of the inspector; `key` is its path in `inspect --json` or `preview --json`. */
export interface Figure {
  key: string;
  label: string;
  /** With full precision; null where it is not finite or not known. */
  value: number | string | null;
  text: string;
}

export interface FigureGroup {
  title: string;
  figures: Figure[];
}

type Format = (value: number) => string;

/** All numbers known of a layer, in the groups they are shown in. */
export function figureGroups(row: TableRow): FigureGroup[] {
  return [quantized, weights, quantiles, laplaceFit, gaussFit]
    .map((group) => group(row)).filter(({ figures }) => figures.length > 0);
}

function figure(key: string, label: string, value: number | null | undefined, format: Format = formatNumber): Figure {
  const known = value ?? null;
  return { key, label, value: known, text: known === null ? UNKNOWN : format(known) };
}

function quantized({ plan, layer }: TableRow): FigureGroup {
  const title = l10n.t('Quantized');
  if (!plan?.method) return { title, figures: [] };
  const decibels: Format = (value) => `${formatDb(value)} dB`;
  const sqnr = figure('sqnrDb', l10n.t('SQNR measured'), plan.sqnrDb, decibels);
  const granularity = plan.granularity === 'channel' ? l10n.t('per channel') : l10n.t('per tensor');
  return {
    title,
    figures: [
      figure('bits', l10n.t('Bits'), plan.bits),
      { key: 'method', label: l10n.t('Method'), value: plan.method, text: plan.method },
      { key: 'granularity', label: l10n.t('Granularity'), value: plan.granularity, text: granularity },
      isLossless(plan) ? { ...sqnr, text: '∞ dB' } : sqnr,
      figure('predictedSqnrDb', l10n.t('SQNR predicted'), plan.predictedSqnrDb, decibels),
      figure('mse', l10n.t('MSE'), plan.mse),
      figure('cosine', l10n.t('Cosine'), plan.cosine, (value) => formatNumber(value, 6)),
      figure('maxAbsError', l10n.t('Largest error'), plan.maxAbsError),
      figure('bytesBefore', l10n.t('Size before'), layer.bytes, formatBytes),
      figure('bytesAfter', l10n.t('Size after'), plan.bytesAfter, formatBytes),
    ],
  };
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
