import type { PageMessage } from '../src/protocol/page';
import { element } from './dom';
import { createEmptyModel } from './emptyModel';
import { createFilterBar } from './filterBar';
import { createHeader } from './header';
import { createInspector } from './inspector';
import { createLayerTable } from './layerTable';
import { createNoMatch } from './noMatch';
import { keepVisible, selectChosen } from './selection';
import type { Store } from './store';
import { createTableActions } from './tableActions';

export interface ModelView {
  element: HTMLElement;
  /** To stand where it may cover the page. */
  menu: HTMLElement;
  render(): void;
  /** Draws again what depends on the theme. */
  redraw(): void;
  /** Selects layers chosen elsewhere; the focus stays where it is. */
  showChosen(layers: readonly number[], current: number): void;
  focusFilter(): void;
  /** Moves the keyboard's focus to the current row. */
  focusTable(): void;
  /** The same without bringing it on screen. */
  focusRow(): void;
}

/** The model that is open: its header, the table of its layers under a filter, and the inspector. */
export function createModelView(store: Store, post: (message: PageMessage) => void): ModelView {
  const { state } = store;
  const table = createLayerTable(store, post);
  const actions = createTableActions(store, table);
  const header = createHeader(store, post, table.reveal);
  const filterBar = createFilterBar(store, actions.element, () => table.focusCurrent());
  const inspector = createInspector(store, post);
  const empty = createEmptyModel();
  const noMatch = createNoMatch(() => {
    filterBar.clear();
    filterBar.focus();
  });
  const tablePane = element('div', 'table-pane', filterBar.element, table.element, noMatch);
  const layers = element('div', 'layers', tablePane, inspector.element);

  return {
    element: element('div', 'model', header.element, empty, layers),
    menu: actions.menu,
    render() {
      empty.hidden = state.rows.size > 0;
      layers.hidden = state.rows.size === 0;
      header.render(state);
      filterBar.render();
      noMatch.hidden = state.order.length > 0;
      table.render();
      actions.render();
      inspector.render();
    },
    redraw: inspector.redraw,
    /** A layer that the filter hides is shown by clearing the filter. */
    showChosen(chosen, current) {
      const selection = selectChosen(chosen, current);
      if (state.order.includes(current)) return table.show(keepVisible(selection, state.order, 0));
      filterBar.clear();
      table.show(selection);
    },
    focusFilter: filterBar.focus,
    focusTable: table.focusCurrent,
    focusRow: table.focusRow,
  };
}
