import * as l10n from '@vscode/l10n';
import type { PageMessage } from '../src/protocol/page';
import type { BitsChoice } from './bitsSelect';
import { createColumnFit, type ColumnFit } from './columnFit';
import { createGrip } from './columnGestures';
import { columns, type ColumnId } from './columns';
import { element, setAttributes } from './dom';
import { createGroupRow } from './groupRow';
import { createGridReports } from './gridReports';
import { createRow } from './row';
import { addRowGestures } from './rowGestures';
import { focusedLine, selectOnly, type Selection } from './selection';
import { nextSort } from './sort';
import { setCollapsed } from './state';
import type { Store } from './store';
import { createTableHeader, type TableHeader } from './tableHeader';
import { createTableLines, isGroupRow, type LineRow } from './tableLines';
import { isQuantizable } from './tableRow';
import { createVirtualList, ROW_HEIGHT, type RowView } from './virtualList';
import { OVERSCAN, rowsOnScreen, scrollToReveal, withOverscan, type Viewport } from './virtualWindow';

export interface LayerTable {
  element: HTMLElement;
  /** What the column headers stand in; they come and go with the columns. */
  head: HTMLElement;
  fit: ColumnFit;
  render(): void;
  /** Selects the layer, brings its row on screen and gives it the focus. */
  reveal(layer: number): void;
  /** Selects, and brings the current row on screen; the focus stays where it is. */
  show(selection: Selection): void;
  /** Moves the keyboard's focus to the current row. */
  focusCurrent(): void;
}

/** The grid of layers: scrolling, selecting, sorting and folding groups away, by pointer and by keyboard. */
export function createLayerTable(store: Store, post: (message: PageMessage) => void): LayerTable {
  const { state } = store;
  /** The current row is to be brought on screen at the next drawing, and to be focused if that is wanted. */
  let revealCurrent = false;
  let focusIsWanted = false;
  let scrollIsRestored = false;

  const select = (selection: Selection): void => store.update((changed) => {
    changed.selection = selection;
  });
  const show = (selection: Selection): void => {
    revealCurrent = true;
    select(selection);
    const path = selection.current === null ? undefined : state.moduleOf.get(selection.current);
    if (selection.group === undefined && path !== undefined) store.update((changed) => setCollapsed(changed, path, false));
  };
  const reveal = (selection: Selection): void => {
    focusIsWanted = true;
    show(selection);
  };

  const head = element('div', 'table-head');
  head.setAttribute('role', 'rowgroup');
  const body = element('div', 'rows');
  body.setAttribute('role', 'rowgroup');
  const grid = element('div', 'grid', head, body);
  setAttributes(grid, { 'aria-label': l10n.t('Layers'), 'aria-multiselectable': true });
  const fit = createColumnFit(grid, state);
  const tableState = createTableLines(state);
  const createLine = (line: number): RowView<LineRow> => {
    if (line < 0) {
      const view = createGroupRow(fit.columns);
      return { element: view.element, bind: (row, place) => isGroupRow(row) && view.bind(row, place) };
    }
    const view = createRow(fit.columns, (layer, bits) => setBits(layer, bits));
    return { element: view.element, bind: (row, place) => !isGroupRow(row) && view.bind(row, place) };
  };
  const list = createVirtualList(body, createLine);
  let header: TableHeader<ColumnId> | null = null;

  /** The headers and rows of other columns than before; the focus stays on the header it was on. */
  const drawColumns = (): void => {
    const { ids, chosen } = fit.columns;
    const focused = document.activeElement instanceof HTMLElement && head.contains(document.activeElement)
      ? document.activeElement.dataset['column'] : undefined;
    const known = columns();
    const shown = ids.flatMap((id) => known.find((column) => column.id === id) ?? []);
    header = createTableHeader(shown, (column) => store.update((changed) => {
      changed.sort = nextSort(changed.sort, column);
      changed.orderIsStale = true;
    }), () => reveal(state.selection), chosen);
    for (const cell of header.element.children) cell.append(createGrip());
    head.replaceChildren(header.element);
    header.focus(focused);
    list.reset();
  };
  /** A choice in a selected row is meant for all selected rows. */
  const setBits = (layer: number, bits: BitsChoice): void => {
    const { selected } = state.selection;
    const layers = (selected.has(layer) ? [...selected] : [layer]).filter((index) => {
      const row = state.rows.get(index);
      return row !== undefined && isQuantizable(row);
    });
    if (layers.length > 0) post({ type: 'setBits', layers, bits });
  };
  const viewport = (): Viewport => ({
    scrollTop: grid.scrollTop, height: grid.clientHeight - head.offsetHeight, rowHeight: ROW_HEIGHT,
    rowCount: state.lines.order.length,
  });
  addRowGestures(body, store, { select, reveal, rowsOnPage: () => Math.max(Math.floor(viewport().height / ROW_HEIGHT) - 1, 1) });
  const reports = createGridReports(body, state, viewport, post);
  grid.addEventListener('scroll', () => store.update((changed) => {
    changed.scrollTop = grid.scrollTop;
  }));
  new ResizeObserver(() => store.update(() => undefined)).observe(grid);

  return {
    element: grid,
    head,
    fit,
    reveal: (layer) => reveal(selectOnly(layer)),
    show,
    focusCurrent: () => reveal(state.selection),
    render() {
      const { order } = state.lines;
      const current = focusedLine(state.selection);
      if (fit.fit()) drawColumns();
      header?.render(state.sort);
      grid.setAttribute('aria-rowcount', String(order.length + 1));
      body.style.height = `${order.length * ROW_HEIGHT}px`;
      if (!scrollIsRestored) {
        scrollIsRestored = true;
        grid.scrollTop = state.scrollTop;
      }
      const position = current === null ? -1 : order.indexOf(current);
      if (revealCurrent && position >= 0) grid.scrollTop = scrollToReveal(position, viewport());
      list.render(tableState(), withOverscan(rowsOnScreen(viewport()), OVERSCAN, order.length));
      const focusWasLost = reports.hadFocus && document.activeElement === document.body;
      if (focusIsWanted || focusWasLost) list.rowElement(current)?.focus({ preventScroll: true });
      revealCurrent = false;
      focusIsWanted = false;
      reports.reportVisible();
    },
  };
}
