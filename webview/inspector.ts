import * as l10n from '@vscode/l10n';
import type { PageCodebook, PageMessage } from '../src/protocol/page';
import { createDistributionChart } from './distributionChart';
import { element, setText } from './dom';
import { figureGroups } from './figures';
import { figureList } from './figureList';
import { formatShape } from './numbers';
import { stayText } from './rowText';
import { createProblemText } from './problem';
import { currentRow } from './state';
import type { Store } from './store';
import { isFloat, isQuantizable, reasonToStay, type TableRow } from './tableRow';
import { button, progressRing } from './toolkit';

export interface Inspector {
  element: HTMLElement;
  render(): void;
  /** Draws again what depends on the theme. */
  redraw(): void;
}

/** Everything about the current layer. */
export function createInspector(store: Store, post: (message: PageMessage) => void): Inspector {
  const { state } = store;
  const command = (name: 'quantizeLayer' | 'previewError') => () => {
    if (state.selection.current !== null) post({ type: 'command', command: name, layers: [state.selection.current] });
  };
  const title = element('h2', 'layer-title');
  const facts = element('p', 'layer-facts');
  const reason = element('p', 'layer-reason');
  const actions = element('div', 'layer-actions',
    button(l10n.t('Quantize Layer…'), 'secondary', command('quantizeLayer')),
    button(l10n.t('Preview Error'), 'secondary', command('previewError')));
  const problem = createProblemText();
  const reading = element('p', 'reading', progressRing(l10n.t('Reading weights')), l10n.t('Reading weights…'));
  const chart = createDistributionChart((option, on) => store.update((changed) => {
    changed[option] = on;
  }));
  const figures = element('div', 'figure-groups');
  const caution = element('p', 'hint', l10n.t('Weight error, not accuracy: activations stay float.'));
  const view = element('aside', 'inspector',
    element('div', 'layer-head', title, facts, reason, actions),
    element('div', 'layer-chart', problem.element, reading, chart.element),
    element('div', 'layer-figures', figures, caution));
  view.setAttribute('aria-label', l10n.t('Layer'));
  let drawnRow: TableRow | null = null;
  let drawnChart: readonly unknown[] = [];

  const renderRow = (row: TableRow): void => {
    if (row === drawnRow) return;
    if (row.layer !== drawnRow?.layer) view.scrollTop = 0;
    drawnRow = row;
    const { layer, plan } = row;
    setText(title, layer.name);
    const known = [layer.op, layer.node, formatShape(layer.dims), layer.dtype, layer.scope].filter((fact) => fact !== '');
    setText(facts, known.join(' · '));
    const stay = stayText(row);
    reason.hidden = stay === '';
    setText(reason, stay);
    actions.hidden = !isQuantizable(row);
    const { statistics } = row;
    const shownProblem = isFloat(layer) ? row.problem : null;
    problem.render(shownProblem);
    reading.hidden = !isFloat(layer) || statistics !== null || shownProblem !== null;
    figures.replaceChildren(figureList(figureGroups(row)));
    caution.hidden = !plan?.method || reasonToStay(row) !== null;
  };
  const renderChart = (row: TableRow, known: PageCodebook | null): void => {
    const { layer, statistics, plan } = row;
    const codebook = reasonToStay(row) === null ? known : null;
    const wanted = [layer, statistics, codebook, state.logCounts, state.showGauss];
    if (wanted.every((part, index) => part === drawnChart[index]) && drawnChart.length > 0) return;
    drawnChart = wanted;
    const { logCounts, showGauss } = state;
    const granularity = plan?.granularity ?? null;
    chart.render(statistics && { name: layer.name, statistics, codebook, granularity, logCounts, showGauss });
  };
  const render = (): void => {
    const row = currentRow(state);
    view.hidden = row === null;
    if (!row) return;
    renderRow(row);
    renderChart(row, state.codebooks.get(row.layer.index) ?? null);
  };

  return {
    element: view,
    render,
    redraw() {
      drawnChart = [];
      render();
    },
  };
}
