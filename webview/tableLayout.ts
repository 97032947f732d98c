import type { TableLayout as SavedLayout } from '../src/protocol/page';
import { COLUMN_IDS, type ColumnId } from './columns';

/** How the table is laid out: which columns it has, in which order and how wide, and whether its rows are grouped. */
export interface TableLayout {
  /** From left to right, hidden ones included; the layer's name is first, since it names the row. */
  readonly order: readonly ColumnId[];
  readonly hidden: readonly ColumnId[];
  /** Asked for by a person: they stay where the table is narrow. */
  readonly kept: readonly ColumnId[];
  /** In pixels; the others are as wide as their content needs. */
  readonly widths: Readonly<Partial<Record<ColumnId, number>>>;
  readonly grouped: boolean;
}

export const FIRST_LAYOUT: TableLayout = { order: COLUMN_IDS, hidden: [], kept: [], widths: {}, grouped: false };

const LEAST_WIDTH = 40;
const GREATEST_WIDTH = 1000;

/** What of a saved layout is known; columns that it does not name stand where they first stood. */
export function layoutOf({ order, hidden, kept, widths, grouped }: SavedLayout): TableLayout {
  const known = COLUMN_IDS.filter((id) => id !== 'layer' && order.includes(id))
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const complete: ColumnId[] = ['layer', ...known];
  COLUMN_IDS.forEach((id, position) => {
    if (complete.includes(id)) return;
    const before = COLUMN_IDS[position - 1] ?? 'layer';
    complete.splice(complete.indexOf(before) + 1, 0, id);
  });
  return {
    order: complete,
    hidden: COLUMN_IDS.filter((id) => id !== 'layer' && hidden.includes(id)),
    kept: COLUMN_IDS.filter((id) => id !== 'layer' && kept.includes(id) && !hidden.includes(id)),
    widths: COLUMN_IDS.reduce<TableLayout['widths']>((known, id) => {
      const width = widths[id];
      return width === undefined ? known : { ...known, [id]: bounded(width) };
    }, {}),
    grouped,
  };
}

export function isFirstLayout(layout: TableLayout): boolean {
  const { order, hidden, kept, widths, grouped } = layout;
  return order.join() === COLUMN_IDS.join() && hidden.length === 0 && kept.length === 0 && Object.keys(widths).length === 0 && !grouped;
}

/** The columns to show of those that have something to say. */
export function shownColumns({ order, hidden }: TableLayout, silent: readonly ColumnId[]): ColumnId[] {
  return order.filter((id) => !hidden.includes(id) && !silent.includes(id));
}

export function hideColumn(layout: TableLayout, id: ColumnId): TableLayout {
  if (id === 'layer') return layout;
  return { ...layout, hidden: [...without(layout.hidden, id), id], kept: without(layout.kept, id) };
}

/** Shows the column, and keeps it where the table is narrow. */
export function showColumn(layout: TableLayout, id: ColumnId): TableLayout {
  if (id === 'layer') return layout;
  return { ...layout, hidden: without(layout.hidden, id), kept: [...without(layout.kept, id), id] };
}

/** Moves the column over `step` of the columns `among` which it stands, to the right or, where negative, to the left. */
export function moveColumn(layout: TableLayout, id: ColumnId, step: number, among: readonly ColumnId[]): TableLayout {
  const target = among[among.indexOf(id) + step];
  return target === undefined ? layout : placeColumn(layout, id, target);
}

/** Puts the column in the place of another, which gives way to the side the column comes from. */
export function placeColumn(layout: TableLayout, id: ColumnId, target: ColumnId): TableLayout {
  if (id === 'layer' || target === 'layer' || id === target) return layout;
  const place = layout.order.indexOf(target);
  const others = without(layout.order, id);
  return { ...layout, order: [...others.slice(0, place), id, ...others.slice(place)] };
}

/** Null: as wide as its content needs. */
export function resizeColumn(layout: TableLayout, id: ColumnId, width: number | null): TableLayout {
  const { [id]: _, ...others } = layout.widths;
  return { ...layout, widths: width === null ? others : { ...others, [id]: bounded(width) } };
}

/** As a message to the host carries it. */
export function savedLayout({ order, hidden, kept, widths, grouped }: TableLayout): SavedLayout {
  return { order: [...order], hidden: [...hidden], kept: [...kept], widths: { ...widths }, grouped };
}

function without(ids: readonly ColumnId[], id: ColumnId): ColumnId[] {
  return ids.filter((each) => each !== id);
}

function bounded(width: number): number {
  return Math.round(Math.min(Math.max(width, LEAST_WIDTH), GREATEST_WIDTH));
}
