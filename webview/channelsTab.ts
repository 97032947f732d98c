import * as l10n from '@vscode/l10n';
import { errorConfig, errorText, rangeConfig, rangeText } from './channelConfig';
import {
  adviceText, bandName, channelBands, channelFigures, shareText, widest, worstFirst, type ChannelBand, type ChannelFigures,
} from './channelFigures';
import { createChannelList } from './channelList';
import { createChartFigure } from './chartFigure';
import type { LineData } from './chartStyle';
import type { TableData } from './chartTable';
import { element, setText } from './dom';
import type { InspectorTab } from './inspectorTab';
import { ofLayer, problemOf } from './layerCurves';
import { formatCount, formatDb, formatNumber } from './numbers';
import { createProblemText } from './problem';
import { granularityText } from './rowText';
import type { Store } from './store';
import { isFloat, reasonToStay, type TableRow } from './tableRow';
import { progressRing } from './toolkit';

/** More bands are not told apart in the inspector. */
const MOST_BANDS = 256;

/** How the output channels of the layer differ: range and error of each, as charts and as a list with the worst first. */
export function createChannelsTab(store: Store): InspectorTab {
  const { state } = store;
  const problem = createProblemText();
  const reading = element('p', 'reading', progressRing(l10n.t('Reading weights')), l10n.t('Reading weights…'));
  const none = element('p', 'hint');
  const advice = element('p', 'channel-advice');
  const ranges = createChartFigure<'line', LineData>('channel-ranges');
  const errors = createChartFigure<'line', LineData>('channel-errors');
  const rangeTitle = element('h3', '', l10n.t('Range by output channel'));
  const errorTitle = element('h3');
  const settings = element('p', 'hint');
  const listTitle = element('h3', '', l10n.t('Worst channels first'));
  const list = createChannelList();
  const charts = element('div', 'channel-charts', advice, rangeTitle, ranges.element, errorTitle, settings, errors.element);
  const listPane = element('div', 'layer-figures', listTitle, list.element,
    element('p', 'hint', l10n.t('Weight error, not accuracy: activations stay float.')));
  const view = element('div', 'tab-content', element('div', 'layer-chart', problem.element, reading, none, charts), listPane);
  let drawn: readonly unknown[] = [];
  let drawnRow: TableRow | null = null;

  const renderCharts = (name: string, channels: readonly ChannelFigures[], plan: TableRow['plan']): void => {
    const bands = channelBands(channels, MOST_BANDS);
    const granularity = plan?.bits ? plan.granularity : null;
    const measured = errorConfig(bands);
    setText(advice, adviceText(channels, granularity));
    ranges.render(channels.length === 0 ? null : {
      label: l10n.t('Ranges of the channels of {0}', name), summary: describeRanges(channels), tables: () => [rangeTable(channels)],
      config: rangeConfig(bands), pointText: pointText(bands, rangeText),
    });
    errors.render(measured && {
      label: l10n.t('SQNR of the channels of {0}', name), summary: describeErrors(channels), tables: () => [errorTable(channels)],
      config: measured, pointText: pointText(bands, errorText),
    });
    setText(errorTitle, plan?.rounding === undefined ? l10n.t('SQNR by output channel') : l10n.t('SQNR by output channel, of nearest codes'));
    errorTitle.hidden = settings.hidden = measured === null;
    const bits = plan?.bits ?? plan?.triedBits;
    if (bits) setText(settings, l10n.t('{0}, {1} bits, {2}', plan?.method ?? '', bits, granularityText(plan?.granularity ?? null)));
  };
  const render = (row: TableRow): void => {
    const { layer, plan } = row;
    const known = ofLayer(state.curves.channelRanges, layer.index);
    const error = reasonToStay(row) === null ? ofLayer(state.curves.channelErrors, layer.index) : null;
    const failed = problemOf(state.curves, layer.index, 'channelRanges', 'channelErrors');
    const wanted = [layer, plan, known, error, failed];
    if (drawn.length > 0 && wanted.every((part, index) => part === drawn[index])) return;
    drawn = wanted;
    drawnRow = row;
    const channels = known ? channelFigures(known, error) : [];
    problem.render(failed);
    reading.hidden = known !== null || failed !== null || !isFloat(layer);
    setText(none, emptyText(row, known !== null && channels.length === 0));
    none.hidden = none.textContent === '';
    charts.hidden = listPane.hidden = channels.length === 0;
    renderCharts(layer.name, channels, plan);
    list.render(worstFirst(channels));
  };
  return {
    element: view,
    render,
    redraw() {
      drawn = [];
      if (drawnRow) render(drawnRow);
    },
  };
}

/** Why there are no channels to show; `''` when there are, or may be. */
function emptyText({ layer }: TableRow, isWhole: boolean): string {
  if (!isFloat(layer)) return l10n.t('Only floating-point weights are looked at channel by channel.');
  return isWhole ? l10n.t('This weight has no output channels of its own: its consumers see it reshaped, or in different ways.') : '';
}

function describeRanges(channels: readonly ChannelFigures[]): string {
  const found = widest(channels);
  return [
    l10n.t('{0} output channels.', formatCount(channels.length)),
    found ? l10n.t('The widest is channel {0}, {1} times as wide as the median.', found.channel, formatNumber(found.times, 3)) : '',
  ].join(' ').trim();
}

function describeErrors(channels: readonly ChannelFigures[]): string {
  const ordered = worstFirst(channels);
  const [worst, best] = [ordered[0], ordered.at(-1)];
  return worst && best
    ? l10n.t('Worst is channel {0} with {1} dB, best channel {2} with {3} dB.',
      worst.channel, formatDb(worst.sqnrDb), best.channel, formatDb(best.sqnrDb))
    : '';
}

function pointText(bands: readonly ChannelBand[], text: (band: ChannelBand) => string): (point: number) => string {
  return (point) => {
    const band = bands[point];
    return band ? `${bandName(band)}: ${text(band)}` : '';
  };
}

function rangeTable(channels: readonly ChannelFigures[]): TableData {
  return {
    caption: l10n.t('Range by output channel'),
    heads: [l10n.t('Channel'), l10n.t('Minimum'), l10n.t('Maximum'), l10n.t('Std. dev.')],
    rows: channels.map(({ channel, min, max, std }) => [
      { text: String(channel), value: channel }, ...[min, max, std].map((value) => ({ text: formatNumber(value, 6), value })),
    ]),
  };
}

function errorTable(channels: readonly ChannelFigures[]): TableData {
  return {
    caption: l10n.t('SQNR by output channel'),
    heads: [l10n.t('Channel'), l10n.t('SQNR (dB)'), l10n.t('Of error')],
    rows: channels.map(({ channel, sqnrDb, share }) => [
      { text: String(channel), value: channel }, { text: formatDb(sqnrDb), value: sqnrDb }, { text: shareText(share), value: share },
    ]),
  };
}
