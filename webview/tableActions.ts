import * as l10n from '@vscode/l10n';
import type { ColumnId } from './columns';
import { createColumnChooser } from './columnChooser';
import { addColumnGestures } from './columnGestures';
import { element, setAttributes } from './dom';
import type { LayerTable } from './layerTable';
import { tableLayoutOf, toggleGrouped } from './state';
import type { Store } from './store';

export interface TableActions {
  /** Buttons. */
  element: HTMLElement;
  /** To stand where it may cover the page. */
  menu: HTMLElement;
  render(): void;
}

/** How a table is laid out: grouping, and the menu of columns from its button or from a header's context menu. */
export function createTableActions(store: Store, { head, fit }: LayerTable): TableActions {
  const { state } = store;
  const group = barButton(l10n.t('Group'), l10n.t('Group layers by module (G)'), () => store.update(toggleGrouped));
  const chooser = createColumnChooser(store, (): readonly ColumnId[] => fit.dropped, () => {
    choose.setAttribute('aria-expanded', 'false');
  });
  const choose = barButton(l10n.t('Columns'), l10n.t('Choose, move and reset columns'), () => {
    const { left, bottom } = choose.getBoundingClientRect();
    chooser.open({ x: left, y: bottom + 2 });
    choose.setAttribute('aria-expanded', 'true');
  });
  setAttributes(choose, { 'aria-haspopup': 'menu', 'aria-expanded': false });
  addColumnGestures(head, store, () => fit.columns.ids);
  head.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    event.stopPropagation();
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-column]') : null;
    const box = (cell ?? head).getBoundingClientRect();
    const byKey = event.clientX === 0 && event.clientY === 0;
    chooser.open(byKey ? { x: box.left, y: box.bottom } : { x: event.clientX, y: event.clientY }, cell?.dataset['column']);
  });
  return {
    element: element('div', 'table-actions', group, choose),
    menu: chooser.element,
    render() {
      group.setAttribute('aria-pressed', String(tableLayoutOf(state).grouped));
      chooser.render();
    },
  };
}

function barButton(label: string, title: string, onClick: () => void): HTMLButtonElement {
  const button = element('button', 'bar-toggle', label);
  button.type = 'button';
  button.title = title;
  button.addEventListener('click', onClick);
  return button;
}
