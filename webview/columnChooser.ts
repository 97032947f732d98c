import * as l10n from '@vscode/l10n';
import { columns, type ColumnId } from './columns';
import { element, setAttributes, setText } from './dom';
import { createPopup } from './popup';
import { setLayout, silentColumns, tableLayoutOf } from './state';
import type { Store } from './store';
import { FIRST_LAYOUT, moveColumn, placeColumn, toggleColumn, type TableLayout } from './tableLayout';

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
  /** Drawn at once: a pointer that drags an item goes by what lies under it. */
  const change = (next: (layout: TableLayout) => TableLayout): void => {
    store.update((changed) => setLayout(changed, next(tableLayoutOf(changed))));
    render();
  };
  const menu = element('div', 'column-chooser');
  setAttributes(menu, { role: 'menu', 'aria-label': l10n.t('Columns') });
  const items = columns().filter(({ id }) => id !== 'layer').map(({ id, label, hint }): Item => {
    const mark = element('span', 'menu-mark');
    const note = element('span', 'menu-note');
    const item = element('div', 'menu-item', mark, element('span', '', label), note);
    setAttributes(item, { role: 'menuitemcheckbox', tabindex: -1 });
    item.title = hint;
    item.dataset['column'] = id;
    return {
      id, element: item,
      render() {
        const shown = !tableLayoutOf(state).hidden.includes(id);
        item.setAttribute('aria-checked', String(shown));
        setText(mark, shown ? '✓' : '');
        setText(note, !shown ? '' : dropped().includes(id) ? l10n.t('no room') : silentNote(id));
      },
    };
  });
  const silentNote = (id: ColumnId): string => {
    if (!silentColumns(state).includes(id)) return '';
    return id === 'moved' ? l10n.t('once the file changes') : l10n.t('with calibration data');
  };
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
  const resetColumns = (): void => change(({ grouped }) => ({ ...FIRST_LAYOUT, grouped }));
  const act = (target: Element): void => {
    if (target === reset) resetColumns();
    const item = items.find((each) => each.element === target);
    if (item) change((layout) => toggleColumn(layout, item.id));
  };

  menu.addEventListener('keydown', (event) => {
    const target = event.target;
    if (!(target instanceof HTMLElement)) return;
    const all = [...menu.querySelectorAll<HTMLElement>('.menu-item')];
    const position = all.indexOf(target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = items.find((each) => each.element === target);
    if (step !== undefined && event.altKey) {
      if (item) change((layout) => moveColumn(layout, item.id, step, layout.order));
    } else if (step !== undefined) all[(position + step + all.length) % all.length]?.focus();
    else if (event.key === 'Home') all[0]?.focus();
    else if (event.key === 'End') all.at(-1)?.focus();
    else if (event.key === ' ' || event.key === 'Enter') act(target);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  let dragged: ColumnId | null = null;
  let moved = false;
  const itemAt = ({ clientX, clientY }: MouseEvent): Item | undefined => {
    const under = document.elementFromPoint(clientX, clientY)?.closest('.menu-item');
    return items.find((each) => each.element === under);
  };
  menu.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    dragged = itemAt(event)?.id ?? null;
    moved = false;
    menu.setPointerCapture(event.pointerId);
  });
  menu.addEventListener('pointermove', (event) => {
    const target = dragged === null ? undefined : itemAt(event);
    if (!dragged || !target || target.id === dragged) return;
    moved = true;
    const id = dragged;
    change((layout) => placeColumn(layout, id, target.id));
  });
  menu.addEventListener('pointerup', (event) => {
    dragged = null;
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest('.menu-item');
    if (!moved && under && event.button === 0) act(under);
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
