import * as l10n from '@vscode/l10n';
import type { PageCodebook, PageSupportCurve } from '../src/protocol/page';
import { createDistributionChart } from './distributionChart';
import { element } from './dom';
import { figureList } from './figureList';
import { figureGroups } from './figures';
import { layersToChange, type InspectorTab, type UseSettings } from './inspectorTab';
import { ofLayer, problemOf } from './layerCurves';
import { createProblemText } from './problem';
import type { Store } from './store';
import { createSupportChart } from './supportChart';
import { clipLimits, freeLimit, limitOf, movedCodebook, plannedLimit, type SupportLimit } from './supportLimit';
import { sharedGranularity } from './rowText';
import { isFloat, isQuantizable, reasonToStay, type TableRow } from './tableRow';
import { progressRing } from './toolkit';

/** The weights' distribution with the quantizer over it, the choice of its support, and the numbers. */
export function createDistributionTab(store: Store, use: UseSettings): InspectorTab {
  const { state } = store;
  const problem = createProblemText();
  const reading = element('p', 'reading', progressRing(l10n.t('Reading weights')), l10n.t('Reading weights…'));
  const tryLimit = (limit: SupportLimit): void => store.update((changed) => {
    const layer = changed.selection.current;
    changed.triedLimit = layer === null ? null : { layer, limit };
  });
  const chart = createDistributionChart({
    onToggle: (option, on) => store.update((changed) => {
      changed[option] = on;
    }),
    onDrag(x) {
      const curve = state.selection.current === null ? null : ofLayer(state.curves.support, state.selection.current);
      if (curve) tryLimit(freeLimit(limitOf(curve, x)));
    },
  });
  const support = createSupportChart({
    onTry: tryLimit,
    onUse: ({ limit, region }) => use(layersToChange(state.selection), { method: 'uniform', support: region ?? limit }),
  });
  const supportProblem = createProblemText();
  const figures = element('div', 'figure-groups');
  const caution = element('p', 'hint', l10n.t('Weight error, not accuracy: activations stay float.'));
  const view = element('div', 'tab-content',
    element('div', 'layer-chart', problem.element, reading, chart.element, support.element, supportProblem.element),
    element('div', 'layer-figures', figures, caution));
  let drawnRow: TableRow | null = null;
  let drawnChart: readonly unknown[] = [];

  const renderRow = (row: TableRow): void => {
    if (row === drawnRow) return;
    drawnRow = row;
    const shownProblem = isFloat(row.layer) ? row.problem : null;
    problem.render(shownProblem);
    reading.hidden = !isFloat(row.layer) || row.statistics !== null || shownProblem !== null;
    figures.replaceChildren(figureList(figureGroups(row)));
    caution.hidden = !row.plan?.method || reasonToStay(row) !== null;
  };
  const triedOn = (row: TableRow): SupportLimit | null => (
    state.triedLimit?.layer === row.layer.index ? state.triedLimit.limit : null
  );
  const renderChart = (row: TableRow, curve: PageSupportCurve | null): void => {
    const { layer, statistics } = row;
    const planned = reasonToStay(row) === null ? (state.codebooks.get(layer.index) ?? null) : null;
    const tried = curve && triedOn(row);
    const codebook = curve && tried ? triedCodebook(row, planned, curve, tried) : planned;
    const { logCounts, showGauss } = state;
    const canDrag = curve !== null;
    const previous = row.moved === null || row.moved === 0 ? null : (statistics?.previous ?? null);
    const granularity = sharedGranularity(row);
    const wanted = [layer, statistics, previous, planned, tried, curve, canDrag, granularity, logCounts, showGauss];
    if (wanted.every((part, index) => part === drawnChart[index]) && drawnChart.length > 0) return;
    drawnChart = wanted;
    chart.render(statistics && { name: layer.name, statistics, previous, codebook, canDrag, granularity, logCounts, showGauss });
  };
  const render = (row: TableRow, again: boolean): void => {
    const curve = isQuantizable(row) ? ofLayer(state.curves.support, row.layer.index) : null;
    renderRow(row);
    renderChart(row, curve);
    support.render(curve && {
      name: row.layer.name, curve, chosen: triedOn(row) ?? plannedLimit(curve, row.plan),
      granularity: row.plan?.bits ? sharedGranularity(row) : null, layers: layersToChange(state.selection).length,
    }, again);
    supportProblem.render(row.problem ? null : problemOf(state.curves, row.layer.index, 'supportCurve'));
  };
  return {
    element: view,
    render: (row) => render(row, false),
    redraw() {
      drawnChart = [];
      if (drawnRow) render(drawnRow, true);
    },
  };
}

/** What is drawn over the histogram while a limit is tried: its clip limits, and the levels where they follow from them. */
function triedCodebook(
  { layer, plan }: TableRow, planned: PageCodebook | null, curve: PageSupportCurve, tried: SupportLimit,
): PageCodebook {
  const none = { index: layer.index, levels: [], thresholds: [], support: [0, 0] as [number, number], channel: null };
  const isOneGrid = plan?.method === 'uniform' && curve.grid !== 'affine';
  return { ...movedCodebook(planned ?? none, clipLimits(curve, tried), isOneGrid), channel: null };
}
