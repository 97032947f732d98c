import * as l10n from '@vscode/l10n';
import { columns, type ColumnId } from './columns';
import { element, setAttributes, setText } from './dom';
import type { Sort } from './sort';

export interface TableHeader {
  element: HTMLElement;
  render(sort: Sort | null): void;
}

/** The row of column headers: one tab stop, arrows move along it, Enter and Space sort. */
export function createTableHeader(onSort: (column: ColumnId) => void, onLeave: () => void): TableHeader {
  const cells = columns().map((column, position) => {
    const arrow = element('span', 'sort-arrow');
    arrow.setAttribute('aria-hidden', 'true');
    const cell = element('div', `cell ${column.id}`, element('span', 'column-label', column.label), arrow);
    setAttributes(cell, { role: 'columnheader', 'aria-colindex': position + 1, tabindex: position === 0 ? 0 : -1 });
    cell.title = `${column.hint}\n${l10n.t('Click to sort')}`;
    cell.addEventListener('click', () => onSort(column.id));
    return { id: column.id, cell, arrow };
  });
  const row = element('div', 'header-row', ...cells.map(({ cell }) => cell));
  setAttributes(row, { role: 'row', 'aria-rowindex': 1 });

  const move = (from: number, step: number): void => {
    const target = cells[from + step];
    if (!target) return;
    for (const { cell } of cells) cell.tabIndex = cell === target.cell ? 0 : -1;
    target.cell.focus();
  };
  row.addEventListener('keydown', (event) => {
    const position = cells.findIndex(({ cell }) => cell === event.target);
    const column = cells[position];
    if (!column) return;
    if (event.key === 'ArrowRight') move(position, 1);
    else if (event.key === 'ArrowLeft') move(position, -1);
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
  };
}
