import * as l10n from '@vscode/l10n';
import type { CompareSide } from '../src/protocol/comparePage';
import { COMPARE_COLUMN_IDS, compareColumns } from './compareColumns';
import { createCompareRow } from './compareRow';
import type { CompareState } from './compareState';
import { compareWidths } from './compareWidths';
import { setAttributes } from './dom';
import { selectedByKey } from './gridKeyboard';
import { createScrollGrid, ROW_PADDING } from './scrollGrid';
import { plainLines, selectOnly } from './selection';
import { nextSort } from './sort';
import type { Store } from './store';
import { createTableHeader } from './tableHeader';
import { textMeasure } from './textMeasure';
import { createVirtualList } from './virtualList';

export interface CompareTable {
  element: HTMLElement;
  render(): void;
  /** Moves the keyboard's focus to the current row. */
  focusCurrent(): void;
  /** The same without bringing it on screen. */
  focusRow(): void;
}

/** The grid of compared layers: one row is current; Enter and a double click open its layer in B, with Shift in A. */
export function createCompareTable(store: Store<CompareState>, open: (row: number, side: CompareSide) => void): CompareTable {
  const { state } = store;
  let revealCurrent = false;
  /** Keys are meant for the table where a comparison was opened by them: nothing else in the page has the focus then. */
  let isNew = true;
  let measured: CompareState['rows'] | null = null;
  const select = (row: number): void => store.update((changed) => {
    changed.selection = selectOnly(row);
  });
  const reveal = (row: number | null): void => {
    revealCurrent = true;
    if (row === null) store.update(() => {});
    else select(row);
  };
  const header = createTableHeader(
    compareColumns(),
    (column) => column !== 'open' && store.update((changed) => {
      changed.sort = nextSort(changed.sort, column);
      changed.orderIsStale = true;
    }),
    () => reveal(state.selection.current),
  );
  const { element: grid, head, body, rowsOnPage, arrange } = createScrollGrid(store, () => state.order);
  head.append(header.element);
  grid.classList.add('compare-grid');
  setAttributes(grid, { role: 'grid', 'aria-label': l10n.t('Compared layers'), 'aria-colcount': COMPARE_COLUMN_IDS.length });
  const list = createVirtualList(body, () => createCompareRow(open));
  /** In the model asked for, or in the one that has the layer. */
  const openRow = (index: number, wanted: CompareSide): void => {
    const row = state.rows.get(index);
    if (row) open(index, row[wanted] ? wanted : row.a ? 'a' : 'b');
  };

  body.addEventListener('mousedown', (event) => {
    const row = rowAt(event.target);
    if (row !== null && event.button === 0) select(row);
  });
  body.addEventListener('dblclick', (event) => {
    const row = rowAt(event.target);
    if (row !== null && !(event.target instanceof HTMLButtonElement)) openRow(row, event.shiftKey ? 'a' : 'b');
  });
  body.addEventListener('keydown', (event) => {
    const { current } = state.selection;
    if (event.target instanceof HTMLButtonElement && event.key !== 'Escape') return;
    if (event.key === 'Escape') return reveal(current);
    if (event.key === 'Enter' && current !== null) openRow(current, event.shiftKey ? 'a' : 'b');
    else {
      const moved = selectedByKey(
        { key: event.key, ctrlKey: false, metaKey: false, shiftKey: false }, state.selection, plainLines(state.order), rowsOnPage(),
      );
      if (!moved || event.ctrlKey || event.metaKey) return;
      reveal(moved.current);
    }
    event.preventDefault();
    event.stopPropagation();
  });

  const fit = (): void => {
    if (measured === state.rows) return;
    measured = state.rows;
    const { template, leastWidth } = compareWidths(state.rows.values(), textMeasure(grid));
    grid.style.setProperty('--columns', template);
    grid.style.setProperty('--columns-width', `${leastWidth + ROW_PADDING}px`);
  };

  const focusRow = (): void => list.rowElement(state.selection.current)?.focus({ preventScroll: true });

  return {
    element: grid,
    focusCurrent: () => reveal(state.selection.current),
    focusRow,
    render() {
      const { current } = state.selection;
      fit();
      header.render(state.sort);
      list.render(state, arrange(revealCurrent ? current : null));
      if (revealCurrent || (isNew && document.hasFocus() && document.activeElement === document.body)) focusRow();
      revealCurrent = false;
      isNew = isNew && state.order.length === 0;
    },
  };
}

function rowAt(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
  return row ? Number(row.dataset['row']) : null;
}
