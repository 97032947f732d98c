import { printable } from '../protocol/plainText';

export interface Column<Row> {
  title: string;
  align: 'left' | 'right';
  cell: (row: Row) => string;
  /** Left out where no row has anything in it. */
  optional?: true;
}

/** Real names stay below this. */
const MOST_IN_CELL = 256;
const NOTHING = ['', '-'];

/** Rows as aligned lines of text under their titles. */
export function table<Row>(all: Column<Row>[], rows: Row[]): string {
  const columns = all.filter(({ optional, cell }) => !optional || rows.some((row) => !NOTHING.includes(cell(row))));
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => shortened(printable(cell(row)))))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) => line.map((text, i) => (
    columns[i]!.align === 'left' ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)
  )).join('  ').trimEnd()).join('\n');
}

/** A name may take 64 KB, and every row is as wide as the longest. JSON has it whole. */
function shortened(text: string): string {
  return text.length > MOST_IN_CELL ? `${text.slice(0, MOST_IN_CELL - 1)}…` : text;
}

/** Four significant digits; a dash where there is no number. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(Number(value.toPrecision(4)));
}

export function decibels(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return number(value);
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text;
}

/** A share from 0 to 1; a dash where there is none. */
export function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(2)} %`;
}

/** A whole number with commas between thousands, as `toLocaleString` has it, which takes 16 ms to get ready. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
