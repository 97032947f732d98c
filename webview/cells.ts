import { COLUMN_IDS, type ColumnId } from './columns';
import { element, setAttributes, setText } from './dom';
import type { CellText } from './rowText';

/** The columns as rows have them. */
export interface DrawnColumns {
  /** From left to right. */
  readonly ids: readonly ColumnId[];
  /** Those and the ones that found no room, for assistive technology to count. */
  readonly chosen: readonly ColumnId[];
  /** So many columns the reason that a layer stays as it is takes, from its method on to its size where that is the last. */
  readonly reasonSpans: number;
  readonly grouped: boolean;
}

/** A cell for every column, of which `row` gets those that are drawn; the function finds a column's. */
export function createCells(row: HTMLElement, { ids, chosen }: DrawnColumns): (id: ColumnId) => HTMLElement {
  const cells = new Map(COLUMN_IDS.map((id) => {
    const cell = element('div', `cell ${id}`);
    setAttributes(cell, { role: id === 'layer' ? 'rowheader' : 'gridcell', 'aria-colindex': chosen.indexOf(id) + 1 });
    return [id, cell];
  }));
  const cellOf = (id: ColumnId): HTMLElement => cells.get(id) ?? row;
  row.append(...ids.map(cellOf));
  return cellOf;
}

export function setCell(cell: HTMLElement, { text, title, warning = false, provisional = null }: CellText): void {
  setText(cell, text);
  cell.title = title;
  cell.classList.toggle('warning', warning);
  cell.classList.toggle('provisional', provisional !== null);
  if (provisional === null) cell.removeAttribute('aria-label');
  else cell.setAttribute('aria-label', provisional);
}
