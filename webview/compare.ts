/**
 * The page that compares two models. It lives in the same HTML as the model's page, under the same policy, says `ready` once
 * it listens, and is answered with `models`, `progress`, and `comparison` or `problem` when there is one.
 */
import * as l10n from '@vscode/l10n';
import { parseCompareHostMessage, type ComparePageMessage } from '../src/protocol/comparePage';
import { openApp } from './app';
import { createCompareBar } from './compareBar';
import { createCompareHeader } from './compareHeader';
import {
  applyCompareMessage, compareViewState, initialCompareState, refreshCompareOrder, type CompareState,
} from './compareState';
import { createCompareTable } from './compareTable';
import { debounce } from './debounce';
import { element, setText } from './dom';
import { reportErrors } from './errors';
import { createHost, vscode } from './host';
import { keepFocus } from './keepFocus';
import { createProblemView } from './problem';
import { createStore } from './store';
import { button, progressRing } from './toolkit';

function startPage(app: HTMLElement): void {
  const store = createStore(initialCompareState(vscode.getState()), refreshCompareOrder, draw);
  const { state } = store;
  const { silence, post, heard } = createHost<ComparePageMessage>(
    l10n.t('Run "Developer: Reload Window": the models are compared anew.'),
  );
  reportErrors(store, post);

  const problem = createProblemView((command) => post({ type: 'command', command }));
  const header = createCompareHeader(post);
  const table = createCompareTable(store, (row, side) => post({ type: 'open', side, row }));
  const bar = createCompareBar(store, (tolerance) => post({ type: 'tolerance', tolerance }), table.focusCurrent);
  const loading = element('section', 'loading', progressRing(l10n.t('Comparing the models')), l10n.t('Comparing the models…'));
  const noRows = createNoRows(() => {
    bar.clear();
    bar.focus();
  });
  const pane = element('div', 'table-pane compare-pane', bar.element, table.element, noRows.element);
  const body = element('div', 'compare-body', loading, pane);
  app.replaceChildren(silence, element('div', 'model', header.element, problem.element, body));

  const rememberView = debounce(() => state.models && vscode.setState(compareViewState(state)));
  function draw(): void {
    header.render(state);
    problem.render(state.problem);
    body.hidden = state.problem !== null;
    loading.hidden = state.summary !== null;
    pane.hidden = state.summary === null;
    if (state.problem === null && state.summary !== null) {
      bar.render();
      noRows.render(state);
      table.render();
    }
    rememberView();
  }

  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    heard();
    const message = parseCompareHostMessage(data);
    if (!message) throw new Error(l10n.t('The extension sent what this page does not understand.'));
    if (message.type === 'pong') return;
    store.update((changed) => applyCompareMessage(changed, message));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    bar.focus();
  });
  keepFocus(table.focusRow);
  draw();
  post({ type: 'ready' });
}

/** What stands in place of the rows when there are none to show. */
function createNoRows(showAll: () => void): { element: HTMLElement; render(state: Readonly<CompareState>): void } {
  const text = element('p');
  const all = button(l10n.t('Show All Layers'), 'secondary', showAll);
  const view = element('section', 'no-match', text, all);
  return {
    element: view,
    render({ rows, order, filter }) {
      view.hidden = order.length > 0;
      all.hidden = rows.size === 0;
      setText(text, rows.size === 0
        ? l10n.t('Neither model has a layer to compare.')
        : filter.trim() === '' ? l10n.t('All layers are equal.') : l10n.t('No layer matches the filter.'));
    },
  };
}

startPage(openApp());
