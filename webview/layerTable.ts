import * as l10n from '@vscode/l10n';
import type { PageMessage } from '../src/protocol/page';
import type { BitsChoice } from './bitsSelect';
import type { DrawnColumns } from './cells';
import { createColumnFit, type ColumnFit } from './columnFit';
import { createColumnHeaders } from './columnHeaders';
import { setAttributes } from './dom';
import { createGroupRow } from './groupRow';
import { createGridReports } from './gridReports';
import { createRow } from './row';
import { addRowGestures } from './rowGestures';
import { createScrollGrid } from './scrollGrid';
import { focusedLine, selectOnly, type Selection } from './selection';
import { setCollapsed, type PageState } from './state';
import type { Store } from './store';
import { createTableLines, isGroupRow, type LineRow } from './tableLines';
import { isQuantizable } from './tableRow';
import { createVirtualList, type RowView } from './virtualList';

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
  /** The same without bringing it on screen. */
  focusRow(): void;
}

/** The grid of layers: scrolling, selecting, sorting and folding groups away, by pointer and by keyboard. */
export function createLayerTable(store: Store, post: (message: PageMessage) => void): LayerTable {
  const { state } = store;
  /** The current row is to be brought on screen at the next drawing, and to be focused if that is wanted. */
  let revealCurrent = false;
  let focusIsWanted = false;
  /** Keys are meant for the table where a model was opened by them: nothing else in the page has the focus then. */
  let isNew = true;

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
  const focusCurrent = (): void => reveal(state.selection);

  const { element, head, body, viewport, rowsOnPage, arrange } = createScrollGrid(store, () => state.lines.order);
  setAttributes(element, { 'aria-label': l10n.t('Layers'), 'aria-multiselectable': true });
  const fit = createColumnFit(element, state);
  const headers = createColumnHeaders(head, store, focusCurrent);
  const tableState = createTableLines(state);
  const setBits = (layer: number, bits: BitsChoice): void => {
    const layers = layersToQuantize(state, layer);
    if (layers.length > 0) post({ type: 'setBits', layers, bits });
  };
  const list = createVirtualList(body, (line) => createLine(line, fit.columns, setBits));
  addRowGestures(body, store, { select, reveal, rowsOnPage });
  const reports = createGridReports(body, state, viewport, post);

  const focusRow = (): void => list.rowElement(focusedLine(state.selection))?.focus({ preventScroll: true });

  return {
    element,
    head,
    fit,
    reveal: (layer) => reveal(selectOnly(layer)),
    show,
    focusCurrent,
    focusRow,
    render() {
      if (fit.fit()) {
        headers.draw(fit.columns);
        list.reset();
      }
      headers.render();
      const current = focusedLine(state.selection);
      const range = arrange(revealCurrent ? current : null);
      list.render(tableState(), range);
      const focusIsMeant = reports.hadFocus || (isNew && document.hasFocus());
      if (focusIsWanted || (focusIsMeant && document.activeElement === document.body)) focusRow();
      revealCurrent = false;
      focusIsWanted = false;
      isNew = isNew && state.order.length === 0;
      reports.reportVisible();
    },
  };
}

/** A row that can be bound to the lines of one kind: layers, or groups, whose lines are negative. */
function createLine(line: number, columns: DrawnColumns, onBits: (layer: number, bits: BitsChoice) => void): RowView<LineRow> {
  if (line < 0) {
    const view = createGroupRow(columns);
    return { element: view.element, bind: (row, place) => isGroupRow(row) && view.bind(row, place) };
  }
  const view = createRow(columns, onBits);
  return { element: view.element, bind: (row, place) => !isGroupRow(row) && view.bind(row, place) };
}

/** A choice in a selected row is meant for all selected rows. */
function layersToQuantize({ selection: { selected }, rows }: Readonly<PageState>, layer: number): number[] {
  return (selected.has(layer) ? [...selected] : [layer]).filter((index) => {
    const row = rows.get(index);
    return row !== undefined && isQuantizable(row);
  });
}
