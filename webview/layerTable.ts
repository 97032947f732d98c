import * as l10n from '@vscode/l10n';
import type { PageMessage } from '../src/protocol/page';
import type { BitsChoice } from './bitsSelect';
import { COLUMN_IDS } from './columns';
import { contentWidths, tableColumns, type ContentWidths } from './columnWidths';
import { element, setAttributes } from './dom';
import { selectedByKey } from './gridKeyboard';
import { extendTo, focusOnly, selectOnly, toggle, type Selection } from './selection';
import { nextSort } from './sort';
import type { Store } from './store';
import { createTableHeader } from './tableHeader';
import { isQuantizable } from './tableRow';
import { createVirtualList, ROW_HEIGHT } from './virtualList';
import { rowsOnScreen, scrollToReveal, withOverscan, type Viewport } from './virtualWindow';

/** Rows drawn beyond either edge of the screen. */
const OVERSCAN = 10;
/** Left and right of a row's cells, in pixels; the style sheet has the same. */
const ROW_PADDING = 24;
/** Rows that only fly by are not worth reading their weights. */
const REPORT_VISIBLE_AFTER_MS = 50;

export interface LayerTable {
  element: HTMLElement;
  render(): void;
  /** Selects the layer, brings its row on screen and gives it the focus. */
  reveal(layer: number): void;
  /** Moves the keyboard's focus to the current row. */
  focusCurrent(): void;
}

/** The grid of layers: scrolling, selecting and sorting, by pointer and by keyboard. */
export function createLayerTable(store: Store, post: (message: PageMessage) => void): LayerTable {
  const { state } = store;
  /** The current row is to be brought on screen and focused at the next drawing. */
  let revealCurrent = false;
  let reportedFocus = false;
  let reportedRows = '';
  let reportIsDue = false;
  let scrollIsRestored = false;
  let content: ContentWidths = { op: 0, shape: 0, weights: 0 };
  let measuredModel = 0;
  let fittedWidth = 0;

  const select = (selection: Selection): void => store.update((changed) => {
    changed.selection = selection;
  });
  const reveal = (selection: Selection): void => {
    revealCurrent = true;
    select(selection);
  };

  const header = createTableHeader(
    (column) => store.update((changed) => {
      changed.sort = nextSort(changed.sort, column);
      changed.orderIsStale = true;
    }),
    () => reveal(state.selection),
  );
  const head = element('div', 'table-head', header.element);
  head.setAttribute('role', 'rowgroup');
  const body = element('div', 'rows');
  body.setAttribute('role', 'rowgroup');
  const grid = element('div', 'grid', head, body);
  setAttributes(grid, {
    role: 'grid', 'aria-label': l10n.t('Layers'), 'aria-multiselectable': true, 'aria-colcount': COLUMN_IDS.length,
  });
  const list = createVirtualList(body, (layer, bits) => setBits(layer, bits));

  /** A choice in a selected row is meant for all selected rows. */
  const setBits = (layer: number, bits: BitsChoice): void => {
    const { selected } = state.selection;
    const layers = (selected.has(layer) ? [...selected] : [layer]).filter((index) => {
      const row = state.rows.get(index);
      return row !== undefined && isQuantizable(row);
    });
    if (layers.length > 0) post({ type: 'setBits', layers, bits });
  };
  /** Only a new model or another width of the table changes its columns. */
  const fitColumns = (): void => {
    const isMeasured = measuredModel === state.modelsOpened;
    if (isMeasured && fittedWidth === grid.clientWidth) return;
    if (!isMeasured) content = contentWidths([...state.rows.values()].map(({ layer }) => layer), textMeasure(grid));
    measuredModel = state.modelsOpened;
    fittedWidth = grid.clientWidth;
    const { template, leastWidth, dropped } = tableColumns(fittedWidth - ROW_PADDING, content);
    grid.style.setProperty('--columns', template);
    grid.style.setProperty('--columns-width', `${leastWidth + ROW_PADDING}px`);
    for (const id of COLUMN_IDS) grid.classList.toggle(`without-${id}`, dropped.includes(id));
  };
  const viewport = (): Viewport => ({
    scrollTop: grid.scrollTop, height: grid.clientHeight - head.offsetHeight, rowHeight: ROW_HEIGHT, rowCount: state.order.length,
  });
  const reportFocus = (): void => {
    const focused = document.hasFocus() && document.activeElement?.parentElement === body;
    if (focused === reportedFocus) return;
    reportedFocus = focused;
    post({ type: 'gridFocus', focused });
  };
  const reportVisible = (): void => {
    reportIsDue = false;
    const { first, last } = rowsOnScreen(viewport());
    const near = withOverscan({ first, last }, OVERSCAN, state.order.length);
    const { order } = state;
    const layers = [...order.slice(first, last), ...order.slice(last, near.last), ...order.slice(near.first, first)];
    const rows = `${state.modelsOpened}: ${layers.join()}`;
    if (rows === reportedRows) return;
    reportedRows = rows;
    post({ type: 'visible', layers });
  };

  body.addEventListener('mousedown', (event) => {
    const layer = layerAt(event.target);
    if (layer === null || event.button !== 0) return;
    const { selection, order } = state;
    if (event.shiftKey) select(extendTo(selection, order, layer));
    else if (event.ctrlKey || event.metaKey) select(toggle(selection, layer));
    else if (event.target instanceof HTMLSelectElement && selection.selected.has(layer)) select(focusOnly(selection, layer));
    else select(selectOnly(layer));
  });
  body.addEventListener('contextmenu', (event) => {
    const layer = layerAt(event.target);
    if (layer === null) return;
    select(state.selection.selected.has(layer) ? focusOnly(state.selection, layer) : selectOnly(layer));
  });
  body.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight') return (event.target as HTMLElement).querySelector('select')?.focus();
    const page = Math.max(Math.floor(viewport().height / ROW_HEIGHT) - 1, 1);
    const selection = selectedByKey(event, state.selection, state.order, page);
    if (!selection) return;
    event.preventDefault();
    event.stopPropagation();
    reveal(selection);
  });
  grid.addEventListener('focusin', reportFocus);
  grid.addEventListener('focusout', () => queueMicrotask(reportFocus));
  grid.addEventListener('scroll', () => store.update((changed) => {
    changed.scrollTop = grid.scrollTop;
  }));
  new ResizeObserver(() => store.update(() => undefined)).observe(grid);

  return {
    element: grid,
    reveal: (layer) => reveal(selectOnly(layer)),
    focusCurrent: () => reveal(state.selection),
    render() {
      const { order, selection } = state;
      fitColumns();
      header.render(state.sort);
      grid.setAttribute('aria-rowcount', String(order.length + 1));
      body.style.height = `${order.length * ROW_HEIGHT}px`;
      if (!scrollIsRestored) {
        scrollIsRestored = true;
        grid.scrollTop = state.scrollTop;
      }
      const position = selection.current === null ? -1 : order.indexOf(selection.current);
      if (revealCurrent && position >= 0) grid.scrollTop = scrollToReveal(position, viewport());
      list.render(state, withOverscan(rowsOnScreen(viewport()), OVERSCAN, order.length));
      const focusWasLost = reportedFocus && document.activeElement === document.body;
      if (revealCurrent || focusWasLost) list.rowElement(selection.current)?.focus({ preventScroll: true });
      revealCurrent = false;
      if (!reportIsDue) setTimeout(reportVisible, REPORT_VISIBLE_AFTER_MS);
      reportIsDue = true;
    },
  };
}

/** Measures texts in the font of `target`. */
function textMeasure(target: Element): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  const { fontSize, fontFamily } = getComputedStyle(target);
  if (context) context.font = `${fontSize} ${fontFamily}`;
  return (text) => context?.measureText(text).width ?? 0;
}

function layerAt(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-layer]') : null;
  return row ? Number(row.dataset['layer']) : null;
}
