import type { ModelReport } from './modelReport';
import { REPORT_COLUMNS } from './reportColumns';

/**
 * The layer table as CSV (RFC 4180): numbers in full, a lossless SQNR as `Infinity`. Text that a spreadsheet would take for
 * a formula is led by an apostrophe, since a model's author chose it.
 */
export function csvReport({ layers }: ModelReport): string {
  const rows = [
    REPORT_COLUMNS.map(({ title }) => title),
    ...layers.map((layer) => REPORT_COLUMNS.map((column) => column.value(layer))),
  ];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: number | string | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
