import type { DrawnColumns } from './cells';
import { COLUMN_IDS, type ColumnId } from './columns';
import { contentWidths, tableColumns, type ContentWidths } from './columnWidths';
import { ROW_PADDING } from './scrollGrid';
import { silentColumns, tableLayoutOf, type PageState } from './state';
import { shownColumns, type TableLayout } from './tableLayout';
import { textMeasure } from './textMeasure';

/** The reason that a layer stays as it is spans these where nothing follows them, those that are shown. */
const REASON_COLUMNS: readonly ColumnId[] = ['method', 'sqnr', 'output', 'size'];

export interface ColumnFit {
  /** What the grid has drawn, as of the last call of `fit`. */
  readonly columns: DrawnColumns;
  /** Columns chosen that found no room. */
  readonly dropped: readonly ColumnId[];
  /** Shares the grid's width among its columns; true when rows must be drawn with other columns than before. */
  fit(): boolean;
}

/** Fits the columns chosen to the width of the grid: only a new model, another layout or another width changes them. */
export function createColumnFit(grid: HTMLElement, state: Readonly<PageState>): ColumnFit {
  let content: ContentWidths = { op: 0, shape: 0, weights: 0 };
  let measuredModel = 0;
  let fitted: readonly unknown[] = [];
  let columns: DrawnColumns = { ids: COLUMN_IDS, chosen: COLUMN_IDS, reasonSpans: 1, grouped: false };
  let dropped: readonly ColumnId[] = [];
  let drawn = '';

  const apply = (layout: TableLayout): void => {
    const chosen = shownColumns(layout, silentColumns(state));
    const fit = tableColumns(grid.clientWidth - ROW_PADDING, content, chosen, layout);
    grid.style.setProperty('--columns', fit.template);
    grid.style.setProperty('--columns-width', `${fit.leastWidth + ROW_PADDING}px`);
    grid.setAttribute('aria-colcount', String(chosen.length));
    dropped = fit.dropped;
    const ids = chosen.filter((id) => !dropped.includes(id));
    const reason = REASON_COLUMNS.filter((id) => id !== 'output' || ids.includes(id));
    const spans = ids.slice(-reason.length).join() === reason.join();
    const reasonSpans = spans ? reason.length - 1 : 1;
    columns = { ids, chosen, reasonSpans, grouped: layout.grouped };
    grid.classList.toggle('reason-spans', spans);
    grid.style.setProperty('--reason-start', String(-1 - reason.length));
    grid.setAttribute('role', layout.grouped ? 'treegrid' : 'grid');
  };

  return {
    get columns() {
      return columns;
    },
    get dropped() {
      return dropped;
    },
    fit() {
      const layout = tableLayoutOf(state);
      const wanted = [state.modelsOpened, grid.clientWidth, layout, silentColumns(state).join()];
      if (wanted.every((part, index) => part === fitted[index])) return false;
      fitted = wanted;
      if (measuredModel !== state.modelsOpened) {
        content = contentWidths([...state.rows.values()].map(({ layer }) => layer), textMeasure(grid));
        measuredModel = state.modelsOpened;
      }
      apply(layout);
      const before = drawn;
      drawn = [columns.ids, columns.chosen, columns.grouped].join(' ');
      return drawn !== before;
    },
  };
}
