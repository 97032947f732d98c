import * as l10n from '@vscode/l10n';
import { addChooserGestures } from './chooserGestures';
import { columns, type Column, type ColumnId } from './columns';
import { element, setAttributes, setText } from './dom';
import { createPopup } from './popup';
import { setLayout, silentColumns, tableLayoutOf, type PageState } from './state';
import type { Store } from './store';
import { FIRST_LAYOUT, hideColumn, moveColumn, placeColumn, showColumn, type TableLayout } from './tableLayout';

export interface ColumnChooser {
  element: HTMLElement;
  /** Follows what became of the columns, while it is open. */
  render(): void;
  /** Opens at a point of the page, with the keyboard on `column` where it is one that can be chosen. */
  open(at: { x: number; y: number }, column?: string): void;
}

interface Item {
  id: ColumnId;
  element: HTMLElement;
  render(): void;
}

/**
 * The menu of columns: Space and Enter show and hide one, Alt with the arrows and dragging move it. The column of names stays
 * where it is, since it names the rows. `dropped` are the columns that found no room.
 */
export function createColumnChooser(store: Store, dropped: () => readonly ColumnId[], onClose: () => void): ColumnChooser {
  const { state } = store;
  const menu = element('div', 'column-chooser');
  setAttributes(menu, { role: 'menu', 'aria-label': l10n.t('Columns') });
  const isShown = (id: ColumnId): boolean => !tableLayoutOf(state).hidden.includes(id) && !dropped().includes(id);
  const items = columns().filter(({ id }) => id !== 'layer').map((column) => createItem(column, state, dropped));
  const reset = element('div', 'menu-item menu-reset',
    element('span', 'menu-mark'), element('span', '', l10n.t('Reset Columns')));
  setAttributes(reset, { role: 'menuitem', tabindex: -1 });
  const hint = element('div', 'menu-hint', l10n.t('Alt+↑ ↓ or drag: move'));

  const inOrder = (): Item[] => tableLayoutOf(state).order.flatMap((id) => items.find((item) => item.id === id) ?? []);
  /** Moving an element takes the focus from it. */
  const render = (): void => {
    const focused = document.activeElement;
    const order = inOrder();
    for (const item of order) item.render();
    const wanted = [...order.map((item) => item.element), reset, hint];
    if (wanted.some((each, index) => menu.children[index] !== each)) menu.replaceChildren(...wanted);
    if (focused instanceof HTMLElement && menu.contains(focused)) focused.focus();
  };
  const popup = createPopup(menu, render, onClose);
  /** Drawn at once: a pointer that drags an item goes by what lies under it. */
  const change = (next: (layout: TableLayout) => TableLayout): void => {
    store.update((changed) => setLayout(changed, next(tableLayoutOf(changed))));
    render();
  };
  addChooserGestures(menu, {
    act(target) {
      if (target === reset) change(({ grouped }) => ({ ...FIRST_LAYOUT, grouped }));
      const item = items.find((each) => each.element === target);
      if (item) change((layout) => (isShown(item.id) ? hideColumn : showColumn)(layout, item.id));
    },
    move: (id, step) => change((layout) => moveColumn(layout, id, step, layout.order)),
    place: (id, target) => change((layout) => placeColumn(layout, id, target)),
  });

  return {
    element: menu,
    render: () => popup.isOpen && render(),
    open(at, column) {
      popup.open(at);
      (items.find(({ id }) => id === column) ?? inOrder()[0])?.element.focus();
    },
  };
}

/** A mark where the column is shown, its name, and why it is not to be seen though it is not hidden. */
function createItem({ id, label, hint }: Column, state: Readonly<PageState>, dropped: () => readonly ColumnId[]): Item {
  const mark = element('span', 'menu-mark');
  const note = element('span', 'menu-note');
  const item = element('div', 'menu-item', mark, element('span', '', label), note);
  setAttributes(item, { role: 'menuitemcheckbox', tabindex: -1 });
  item.title = hint;
  item.dataset['column'] = id;
  return {
    id, element: item,
    render() {
      const hasRoom = !dropped().includes(id);
      const shown = hasRoom && !tableLayoutOf(state).hidden.includes(id);
      item.setAttribute('aria-checked', String(shown));
      setText(mark, shown ? '✓' : '');
      setText(note, hasRoom ? (shown ? silentNote(id, state) : '') : l10n.t('no room'));
    },
  };
}

function silentNote(id: ColumnId, state: Readonly<PageState>): string {
  if (!silentColumns(state).includes(id)) return '';
  if (id === 'type') return l10n.t('where types differ');
  return id === 'moved' ? l10n.t('once the file changes') : l10n.t('with calibration data');
}
