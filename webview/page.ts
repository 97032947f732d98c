/**
 * The page of the custom editor. What it expects of the HTML the host serves:
 *
 *     <body>
 *       <div id="app"></div>
 *       <script type="application/json" id="l10n">…a bundle of translated texts, or null…</script>
 *       <script nonce="…" src="…/page.js"></script>
 *     </body>
 *
 * with `page.css` linked in the head, and this policy: `default-src 'none'; style-src <webview source> 'nonce-…';
 * script-src 'nonce-…'`. The head also has `<meta property="csp-nonce" content="…">`, which the toolkit puts on the style
 * element it probes the browser with. No image and no font is needed. `page.js` is a plain script (an IIFE bundle) at the end
 * of the body, before `load` fires, since the toolkit reads the theme then. In the JSON of the bundle `<` must be escaped as
 * `\u003c`. The page says `ready` once it listens; the host answers with `model` or `problem`.
 */
import * as l10n from '@vscode/l10n';
import { parseHostMessage, type Inspected, type PageMessage } from '../src/protocol/page';
import { createAllocationPanel } from './allocationPanel';
import { onSaveChart } from './chartExport';
import { element } from './dom';
import { createEmptyModel } from './emptyModel';
import { reportErrors } from './errors';
import { createFilterBar } from './filterBar';
import { createHeader } from './header';
import { createInspector } from './inspector';
import { createLayerTable } from './layerTable';
import { createNoMatch } from './noMatch';
import { createLifeline } from './lifeline';
import { createProblemView } from './problem';
import { keepVisible, NOTHING_SELECTED, selectChosen, type Selection } from './selection';
import { applyHostMessage, initialState, refreshOrder, toggleGrouped, toViewState } from './state';
import { createSilenceNote } from './silenceNote';
import { createStore } from './store';
import { isFirstLayout, savedLayout } from './tableLayout';
import { createTableActions } from './tableActions';
import { onThemeChange } from './theme';
import { defineControls, progressRing } from './toolkit';
import { parseViewState } from './viewState';

const vscode = acquireVsCodeApi();
/** Scrolling draws every frame; the view is remembered once it rests. */
const REMEMBER_AFTER_MS = 100;

function startPage(app: HTMLElement): void {
  app.setAttribute('role', 'main');
  defineControls();
  const store = createStore(initialState(parseViewState(vscode.getState())), refreshOrder, draw);
  const { state } = store;
  const silence = createSilenceNote(
    l10n.t('What is changed here now is lost. Run "Developer: Reload Window": the plan comes back with its unsaved edits.'),
  );
  const lifeline = createLifeline(() => vscode.postMessage({ type: 'ping' } satisfies PageMessage), silence.render);
  const post = (message: PageMessage): void => {
    vscode.postMessage(message);
    lifeline.told();
  };
  reportErrors(store, post);

  const problem = createProblemView((command) => post({ type: 'command', command, layers: [] }));
  const loading = element('section', 'loading',
    progressRing(l10n.t('Reading the model')), element('h1', 'loading-text', l10n.t('Reading the model…')));
  const table = createLayerTable(store, post);
  const actions = createTableActions(store, table);
  const header = createHeader(store, post, table.reveal);
  const filterBar = createFilterBar(store, actions.element, () => table.focusCurrent());
  const inspector = createInspector(store, post);
  const allocation = createAllocationPanel((action) => post({ type: 'allocation', action }), table.focusCurrent);
  const empty = createEmptyModel();
  const noMatch = createNoMatch(() => {
    filterBar.clear();
    filterBar.focus();
  });
  const tablePane = element('div', 'table-pane', filterBar.element, table.element, noMatch);
  const layers = element('div', 'layers', tablePane, inspector.element);
  const model = element('div', 'model', header.element, empty, layers);
  app.replaceChildren(silence.element, problem.element, loading, model, allocation.element, actions.menu);

  onSaveChart(app, (chart) => post({ type: 'saveChart', ...chart }));

  let remembering = 0;
  function rememberView(): void {
    clearTimeout(remembering);
    remembering = setTimeout(() => {
      vscode.setState(toViewState(state));
      const { layout } = state;
      if (layout === keptLayout || layout === null) return;
      keptLayout = layout;
      post({ type: 'tableLayout', layout: isFirstLayout(layout) ? null : savedLayout(layout) });
    }, REMEMBER_AFTER_MS);
  }
  /** As the host or this tab remembers it. */
  let keptLayout = state.layout;
  let postedInspected: Inspected | null = null;
  let postedSelection: Selection = NOTHING_SELECTED;
  function draw(): void {
    const opened = state.header !== null;
    problem.render(state.problem);
    loading.hidden = opened || state.problem !== null;
    model.hidden = !opened || state.problem !== null;
    if (model.hidden) return;
    empty.hidden = state.rows.size > 0;
    layers.hidden = state.rows.size === 0;
    header.render(state);
    filterBar.render();
    noMatch.hidden = state.order.length > 0;
    table.render();
    actions.render();
    inspector.render();
    const { tab, perTensor } = state.inspector;
    if (tab !== postedInspected?.tab || perTensor !== postedInspected.perTensor) {
      postedInspected = { tab, perTensor };
      post({ type: 'inspect', ...postedInspected });
    }
    if (state.selection !== postedSelection) {
      postedSelection = state.selection;
      post({ type: 'select', layers: [...state.selection.selected], current: state.selection.current });
    }
    rememberView();
  }

  /** A layer that the filter hides is shown by clearing the filter. */
  function showChosen(selection: Selection, current: number): void {
    const { order } = state;
    if (order.includes(current)) return table.show(keepVisible(selection, order, 0));
    filterBar.clear();
    table.show(selection);
  }

  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    lifeline.heard();
    const message = parseHostMessage(data);
    if (!message) {
      if (state.header) return;
      throw new Error(l10n.t('The extension sent what this page does not understand.'));
    }
    if (message.type === 'pong') return;
    if (message.type === 'model') allocation.show(null);
    if (message.type === 'allocation') allocation.show(message.choices);
    else if (message.type === 'allocationFound') allocation.found(message.found);
    else if (message.type === 'focusFilter') filterBar.focus();
    else if (message.type === 'focusGrid') table.focusCurrent();
    else if (message.type === 'select') showChosen(selectChosen(message.layers, message.current), message.current);
    else store.update((changed) => applyHostMessage(changed, message));
    if (message.type === 'tableLayout') keptLayout = state.layout;
  });
  document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
    if (ctrlKey || metaKey || altKey) return;
    if (key.toLowerCase() === 'g') store.update(toggleGrouped);
    if (key.toLowerCase() === 'l') {
      store.update((changed) => {
        changed.logCounts = !changed.logCounts;
      });
    }
  });
  onThemeChange(() => {
    inspector.redraw();
    allocation.redraw();
  });
  draw();
  post({ type: 'ready' });
}

const bundle = document.getElementById('l10n')?.textContent?.trim();
if (bundle && bundle !== 'null') l10n.config({ contents: bundle });
startPage(document.getElementById('app') ?? document.body.appendChild(element('div')));
