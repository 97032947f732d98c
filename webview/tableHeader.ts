import * as l10n from '@vscode/l10n';
import type { Column } from './columns';
import { element, setAttributes, setText } from './dom';
import type { Sort } from './sort';

export interface TableHeader<Id> {
  element: HTMLElement;
  render(sort: Sort<Id> | null): void;
  /** Gives a column's header the focus, if there is such a column. */
  focus(column: string | undefined): void;
}

/**
 * The row of column headers: one tab stop, arrows move along it, Enter and Space sort. `chosen` are the columns as assistive
 * technology counts them, where those are more than the ones drawn.
 */
export function createTableHeader<Id extends string>(
  columns: readonly Column<Id>[], onSort: (column: Id) => void, onLeave: () => void,
  chosen: readonly Id[] = columns.map(({ id }) => id),
): TableHeader<Id> {
  const cells = columns.map((column, position) => {
    const arrow = element('span', 'sort-arrow');
    arrow.setAttribute('aria-hidden', 'true');
    const cell = element('div', `cell ${column.id}`, element('span', 'column-label', column.label), arrow);
    setAttributes(cell, { role: 'columnheader', 'aria-colindex': chosen.indexOf(column.id) + 1, tabindex: position === 0 ? 0 : -1 });
    cell.dataset['column'] = column.id;
    cell.title = `${column.hint}\n${l10n.t('Click to sort')}`;
    cell.addEventListener('click', () => onSort(column.id));
    return { id: column.id, cell, arrow };
  });
  const row = element('div', 'header-row', ...cells.map(({ cell }) => cell));
  setAttributes(row, { role: 'row', 'aria-rowindex': 1 });

  const focus = (target: (typeof cells)[number] | undefined): void => {
    if (!target) return;
    for (const { cell } of cells) cell.tabIndex = cell === target.cell ? 0 : -1;
    target.cell.focus();
  };
  row.addEventListener('keydown', (event) => {
    const position = cells.findIndex(({ cell }) => cell === event.target);
    const column = cells[position];
    if (!column || event.altKey) return;
    if (event.key === 'ArrowRight') focus(cells[position + 1]);
    else if (event.key === 'ArrowLeft') focus(cells[position - 1]);
    else if (event.key === 'ArrowDown') onLeave();
    else if (event.key === 'Enter' || event.key === ' ') onSort(column.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element: row,
    render(sort) {
      for (const { id, cell, arrow } of cells) {
        const sorted = sort?.column === id;
        cell.setAttribute('aria-sort', sorted ? (sort.descending ? 'descending' : 'ascending') : 'none');
        setText(arrow, sorted ? (sort.descending ? '▾' : '▴') : '');
      }
    },
    focus: (column) => focus(cells.find(({ id }) => id === column)),
  };
}
