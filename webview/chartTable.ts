import * as l10n from '@vscode/l10n';
import { element, setText } from './dom';
import { formatCount, formatNumber } from './numbers';

/** A text, or a number with the text it is read as. */
export type TableCell = string | { text: string; value: number | null };

/** Numbers of a chart as they are read. */
export interface TableData {
  caption: string;
  heads: readonly string[];
  rows: readonly (readonly TableCell[])[];
}

export interface ChartTable {
  element: HTMLElement;
  /** `tables` is called when they are to be seen. */
  render(tables: () => readonly TableData[]): void;
}

/** More rows are not read on a page; a saved file has them all. */
const MOST_ROWS = 1000;

/** The chart's twin in numbers; filled only while it is open. */
export function createChartTable(): ChartTable {
  const body = element('div', 'chart-tables');
  body.tabIndex = 0;
  const details = element('details', 'chart-twin', element('summary', '', l10n.t('View as table')), body);
  let tables: () => readonly TableData[] = () => [];
  let filledFrom: typeof tables | null = null;
  const fill = (): void => {
    if (!details.open || filledFrom === tables) return;
    filledFrom = tables;
    const shown = tables();
    body.replaceChildren(...shown.map(table), ...shown.flatMap(restNote));
    body.setAttribute('role', 'region');
    body.setAttribute('aria-label', shown.map(({ caption }) => caption).join(', '));
  };
  details.addEventListener('toggle', fill);
  return {
    element: details,
    render(next) {
      tables = next;
      fill();
    },
  };
}

export function countCell(value: number): TableCell {
  return { text: formatCount(value), value };
}

export function numberCell(value: number | null, digits = 6): TableCell {
  return { text: value === null ? '' : formatNumber(value, digits), value };
}

/** With two decimals; `unknown` where there is no number. */
export function decibelCell(value: number | null, unknown = ''): TableCell {
  return { text: value?.toFixed(2) ?? unknown, value };
}

function restNote({ rows }: TableData): HTMLElement[] {
  return rows.length <= MOST_ROWS ? [] : [
    element('p', 'hint', l10n.t('The first {0} of {1} rows; Save as CSV has them all.', formatCount(MOST_ROWS), formatCount(rows.length))),
  ];
}

function table({ caption, heads, rows }: TableData): HTMLTableElement {
  const created = element('table', '', element('caption', '', caption));
  const headRow = created.createTHead().insertRow();
  for (const head of heads) {
    const cell = element('th', '', head);
    cell.scope = 'col';
    headRow.append(cell);
  }
  const body = created.createTBody();
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = body.insertRow();
    for (const cell of row) setText(line.insertCell(), typeof cell === 'string' ? cell : cell.text);
  }
  return created;
}
