import * as l10n from '@vscode/l10n';
import type { BitWidth } from '../src/core/plan/layerSettings';
import { methodName } from '../src/protocol/methodName';
import type { CurvePoint } from '../src/protocol/page';
import { roundingName } from '../src/protocol/roundingName';
import { decibelCell, type TableCell, type TableData } from './chartTable';
import { methodsOf, pointAt, type MethodPlot } from './methodPlot';
import { formatCount, formatDb } from './numbers';
import { granularityText } from './rowText';

/** A point in words: `Lloyd–Max, 4 bits: 21.3 dB`. */
export function pointText({ method, bits, sqnrDb }: CurvePoint): string {
  return l10n.t('{0}, {1} bits: {2} dB', methodName(method), bits, decibels(sqnrDb));
}

/** What else is known of a point: whether it is of use, prediction, granularity, and whether it is approximate. */
export function pointFacts({ granularity, predictedSqnrDb, sampled, notSmaller }: CurvePoint): string {
  return [
    notSmaller ? l10n.t('the layer would stay as it is, since codes and levels take as much') : '',
    granularityText(granularity),
    predictedSqnrDb === null ? '' : l10n.t('predicted {0} dB', formatDb(predictedSqnrDb)),
    sampled === null ? l10n.t('all weights') : l10n.t('approximate, over {0} weights', formatCount(sampled)),
  ].filter((fact) => fact !== '').join(' · ');
}

/** The chart in words: the range of each width, and which method is best there of those that make a copy smaller. */
export function describeMethods({ points, planned, rounded }: MethodPlot): string {
  const widths = widthsOf(points);
  const sentences = widths.map((bits) => {
    const all = points.filter((point) => point.bits === bits);
    const at = all.filter(({ notSmaller }) => !notSmaller);
    if (at.length === 0) return l10n.t('{0} bits: no method makes the layer smaller.', bits);
    const best = at.reduce((a, b) => ((b.sqnrDb ?? Infinity) > (a.sqnrDb ?? Infinity) ? b : a));
    return at.length === all.length
      ? l10n.t('{0} bits: best is {1} with {2} dB.', bits, methodName(best.method), decibels(best.sqnrDb))
      : l10n.t('{0} bits: best of those that make the layer smaller is {1} with {2} dB.', bits, methodName(best.method), decibels(best.sqnrDb));
  });
  const plannedHere = pointAt(points, planned);
  return [
    ...sentences,
    plannedHere ? l10n.t('Planned: {0}.', pointText(plannedHere)) : '',
    rounded ? l10n.t('With the planned rounding, {0}: {1} dB.', roundingName(rounded.rounding), decibels(rounded.sqnrDb)) : '',
  ].join(' ').trim();
}

/** One row a width, one column a method; then the predictions, and what is still approximate. */
export function methodTables(plot: MethodPlot): TableData[] {
  const methods = methodsOf(plot);
  const widths = widthsOf(plot.points);
  const heads = [l10n.t('Bits'), ...methods.map(methodName)];
  const rows = (cell: (point: CurvePoint) => TableCell): TableCell[][] => widths.map((bits) => [
    String(bits), ...methods.map((method) => {
      const point = pointAt(plot.points, { method, bits });
      return point ? cell(point) : '';
    }),
  ]);
  const measured = rows(({ sqnrDb, sampled }) => (
    { text: `${sampled === null ? '' : '≈ '}${decibels(sqnrDb, 2)}`, value: sqnrDb ?? Infinity }
  ));
  if (plot.of === 'outputs') return [{ caption: l10n.t('Output SQNR measured, rounded to nearest (dB)'), heads, rows: measured }];
  return [
    { caption: l10n.t('SQNR measured (dB)'), heads, rows: measured },
    {
      caption: l10n.t('SQNR predicted (dB)'), heads,
      rows: rows(({ predictedSqnrDb }) => decibelCell(predictedSqnrDb)),
    },
  ];
}

/** Infinite where nothing is lost, which travels as null. */
function decibels(value: number | null, digits = 1): string {
  return value === null ? '∞' : value.toFixed(digits);
}

function widthsOf(points: readonly CurvePoint[]): BitWidth[] {
  return [...new Set(points.map(({ bits }) => bits))].sort((a, b) => a - b);
}
