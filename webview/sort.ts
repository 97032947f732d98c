import type { ColumnId } from './columns';
import { bestFit, bitsOf, outputSqnrDb, sqnrDb, type TableRow } from './tableRow';

export interface Sort<Id = ColumnId> {
  column: Id;
  descending: boolean;
}

export type Key = string | number | null;

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const KEYS: Readonly<Record<ColumnId, (row: TableRow) => Key>> = {
  layer: (row) => row.layer.name,
  op: (row) => row.layer.op,
  shape: (row) => row.layer.dims.join('×'),
  type: (row) => row.layer.dtype,
  weights: (row) => row.layer.elements,
  distribution: (row) => row.statistics?.std ?? null,
  fit: (row) => bestFit(row.statistics)?.ks ?? null,
  moved: (row) => row.moved,
  bits: bitsOf,
  method: (row) => row.plan?.method ?? null,
  sqnr: (row) => sqnrDb(row.plan),
  output: (row) => outputSqnrDb(row.plan),
  size: (row) => row.layer.bytes,
};

/** The rows in the order asked for: unknown values last either way, equal ones in the model's order. */
export function sortRows(rows: readonly TableRow[], sort: Sort | null): TableRow[] {
  return sort ? sortBy(rows, KEYS[sort.column], sort.descending) : [...rows];
}

/** Rows by a key: unknown ones last either way, rows with equal ones as they came. */
export function sortBy<Row>(rows: readonly Row[], key: (row: Row) => Key, descending: boolean): Row[] {
  const direction = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => compareKeys(a.key, b.key, direction))
    .map(({ row }) => row);
}

function compareKeys(a: Key, b: Key, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : (a < b ? -1 : 1) * direction;
  return names.compare(String(a), String(b)) * direction;
}

/** The order after a click on a column's header: ascending, descending, then the model's own. */
export function nextSort<Id>(sort: Sort<Id> | null, column: Id): Sort<Id> | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}
