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
import { parseHostMessage, type PageMessage } from '../src/protocol/page';
import { element } from './dom';
import { createEmptyModel } from './emptyModel';
import { reportErrors } from './errors';
import { createFilterBar } from './filterBar';
import { createHeader } from './header';
import { createInspector } from './inspector';
import { createLayerTable } from './layerTable';
import { createNoMatch } from './noMatch';
import { createProblemView } from './problem';
import { NOTHING_SELECTED, type Selection } from './selection';
import { applyHostMessage, initialState, toViewState } from './state';
import { createStore } from './store';
import { onThemeChange } from './theme';
import { defineControls, progressRing } from './toolkit';
import { parseViewState } from './viewState';

const vscode = acquireVsCodeApi();
/** Scrolling draws every frame; the view is remembered once it rests. */
const REMEMBER_AFTER_MS = 100;
const post = (message: PageMessage): void => vscode.postMessage(message);

function startPage(app: HTMLElement): void {
  defineControls();
  const store = createStore(initialState(parseViewState(vscode.getState())), draw);
  const { state } = store;
  reportErrors(store, post);

  const problem = createProblemView(post);
  const loading = element('section', 'loading', progressRing(l10n.t('Reading the model')), l10n.t('Reading the model…'));
  const table = createLayerTable(store, post);
  const header = createHeader(post, table.reveal);
  const filterBar = createFilterBar(store, () => table.focusCurrent());
  const inspector = createInspector(store, post);
  const empty = createEmptyModel();
  const noMatch = createNoMatch(() => {
    filterBar.clear();
    filterBar.focus();
  });
  const tablePane = element('main', 'table-pane', filterBar.element, table.element, noMatch);
  const layers = element('div', 'layers', tablePane, inspector.element);
  const model = element('div', 'model', header.element, empty, layers);
  app.replaceChildren(problem.element, loading, model);

  let remembering = 0;
  function rememberView(): void {
    clearTimeout(remembering);
    remembering = setTimeout(() => vscode.setState(toViewState(state)), REMEMBER_AFTER_MS);
  }
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
    inspector.render();
    if (state.selection !== postedSelection) {
      postedSelection = state.selection;
      post({ type: 'select', layers: [...state.selection.selected], current: state.selection.current });
    }
    rememberView();
  }

  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = parseHostMessage(data);
    if (!message) {
      if (state.header) return;
      throw new Error(l10n.t('The extension sent what this page does not understand.'));
    }
    if (message.type === 'focusFilter') filterBar.focus();
    else if (message.type === 'focusGrid') table.focusCurrent();
    else store.update((changed) => applyHostMessage(changed, message));
  });
  document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
    if (key.toLowerCase() !== 'l' || ctrlKey || metaKey || altKey) return;
    store.update((changed) => {
      changed.logCounts = !changed.logCounts;
    });
  });
  onThemeChange(inspector.redraw);
  draw();
  post({ type: 'ready' });
}

const bundle = document.getElementById('l10n')?.textContent?.trim();
if (bundle && bundle !== 'null') l10n.config({ contents: bundle });
startPage(document.getElementById('app') ?? document.body.appendChild(element('div')));
