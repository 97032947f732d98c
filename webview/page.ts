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
import { parseHostMessage, type HostMessage, type PageMessage } from '../src/protocol/page';
import { createAllocationPanel, type AllocationPanel } from './allocationPanel';
import { openApp } from './app';
import { onSaveChart } from './chartExport';
import { debounce } from './debounce';
import { element } from './dom';
import { reportErrors } from './errors';
import { createHost, vscode } from './host';
import { keepFocus } from './keepFocus';
import { createModelView, type ModelView } from './modelView';
import { createPageReports } from './pageReports';
import { createProblemView } from './problem';
import { applyHostMessage, initialState, refreshOrder, toggleGrouped, toViewState } from './state';
import { createStore, type Store } from './store';
import { onThemeChange } from './theme';
import { progressRing } from './toolkit';
import { parseViewState } from './viewState';

function startPage(app: HTMLElement): void {
  const store = createStore(initialState(parseViewState(vscode.getState())), refreshOrder, draw);
  const { state } = store;
  const { silence, post, heard } = createHost<PageMessage>(
    l10n.t('What is changed here now is lost. Run "Developer: Reload Window": the plan comes back with its unsaved edits.'),
  );
  reportErrors(store, post);

  const problem = createProblemView((command) => post({ type: 'command', command, layers: [] }));
  const loading = element('section', 'loading',
    progressRing(l10n.t('Reading the model')), element('h1', 'loading-text', l10n.t('Reading the model…')));
  const model = createModelView(store, post);
  const allocation = createAllocationPanel((action) => post({ type: 'allocation', action }), model.focusTable);
  app.replaceChildren(silence, problem.element, loading, model.element, allocation.element, model.menu);

  const reports = createPageReports(state, post);
  const rememberView = debounce(() => {
    vscode.setState(toViewState(state));
    reports.reportLayout();
  });
  function draw(): void {
    const opened = state.header !== null;
    problem.render(state.problem);
    loading.hidden = opened || state.problem !== null;
    model.element.hidden = !opened || state.problem !== null;
    if (model.element.hidden) return;
    model.render();
    reports.reportInspection();
    rememberView();
  }

  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    heard();
    const message = parseHostMessage(data);
    if (!message) {
      if (state.header) return;
      throw new Error(l10n.t('The extension sent what this page does not understand.'));
    }
    receive(message, store, model, allocation);
    if (message.type === 'tableLayout') reports.takeLayout();
    if (message.type === 'askForFocus' && document.hasFocus()) post({ type: 'hasFocus' });
  });
  onSaveChart(app, (chart) => post({ type: 'saveChart', ...chart }));
  addShortcuts(store);
  keepFocus(model.focusRow);
  reportFocus(post);
  onThemeChange(() => {
    model.redraw();
    allocation.redraw();
  });
  draw();
  post({ type: 'ready' });
}

function receive(message: HostMessage, store: Store, model: ModelView, allocation: AllocationPanel): void {
  if (message.type === 'pong' || message.type === 'askForFocus') return;
  if (message.type === 'model') allocation.hide();
  if (message.type === 'allocation' && message.choices) allocation.show(message.choices, message.found);
  else if (message.type === 'allocation') allocation.hide();
  else if (message.type === 'allocationFound') allocation.found(message.found);
  else if (message.type === 'focusFilter') model.focusFilter();
  else if (message.type === 'focusGrid') model.focusTable();
  else if (message.type === 'select') model.showChosen(message.layers, message.current);
  else store.update((changed) => applyHostMessage(changed, message));
}

function addShortcuts(store: Store): void {
  document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
    if (ctrlKey || metaKey || altKey) return;
    if (key.toLowerCase() === 'g') store.update(toggleGrouped);
    if (key.toLowerCase() === 'l') {
      store.update((changed) => {
        changed.logCounts = !changed.logCounts;
      });
    }
  });
}

function reportFocus(post: (message: PageMessage) => void): void {
  window.addEventListener('focus', () => post({ type: 'pageFocus', focused: true }));
  window.addEventListener('blur', () => post({ type: 'pageFocus', focused: false }));
}

startPage(openApp());
