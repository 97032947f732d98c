import type { RowRange } from './virtualWindow';

/** Height of a row in pixels; the style sheet has the same. */
export const ROW_HEIGHT = 26;

/** What of a row depends on the table around it. */
export interface RowPlace {
  /** Position among the visible rows. */
  position: number;
  selected: boolean;
  current: boolean;
}

/** One row of a table; it is bound to another item when it scrolls out of sight. */
export interface RowView<Row> {
  element: HTMLElement;
  bind(row: Row, place: RowPlace): void;
}

interface Drawn<Row> {
  view: RowView<Row>;
  row: Row;
  place: RowPlace;
}

/** The part of a page's state that is a table; numbers are keys of `rows`. */
export interface TableState<Row> {
  rows: { get(key: number): Row | undefined };
  /** From top to bottom. */
  order: readonly number[];
  selection: { current: number | null; selected: { has(key: number): boolean } };
}

export interface VirtualList<Row> {
  /** Draws the rows of the range and, wherever it stands, the current one, which holds the keyboard's focus. */
  render(state: Readonly<TableState<Row>>, range: RowRange): void;
  /** The element of a row, when it is drawn. */
  rowElement(key: number | null): HTMLElement | null;
  /** Draws every row anew, in elements newly created. */
  reset(): void;
}

/**
 * Keeps a few dozen row elements for any number of rows, absolutely placed in `body`. Rows with negative keys are of a kind of
 * their own: their elements are bound to none of the others.
 */
export function createVirtualList<Row>(body: HTMLElement, createRow: (key: number) => RowView<Row>): VirtualList<Row> {
  const drawn = new Map<number, Drawn<Row>>();
  const spare = { own: [] as RowView<Row>[], others: [] as RowView<Row>[] };
  const sparesFor = (key: number): RowView<Row>[] => (key < 0 ? spare.own : spare.others);

  const retire = (keep: ReadonlySet<number>): void => {
    for (const [key, { view }] of drawn) {
      if (keep.has(key)) continue;
      drawn.delete(key);
      view.element.remove();
      sparesFor(key).push(view);
    }
  };

  return {
    render(state, range) {
      const { current, selected } = state.selection;
      const positions = positionsToDraw(state.order, range, current);
      retire(new Set(positions.flatMap((position) => state.order[position] ?? [])));
      const focusable = current !== null && state.order.includes(current) ? current : state.order[range.first];
      let next = body.firstElementChild;
      for (const position of positions) {
        const key = state.order[position];
        const row = key === undefined ? undefined : state.rows.get(key);
        if (key === undefined || row === undefined) continue;
        const place = { position, selected: selected.has(key), current: key === focusable };
        const before = drawn.get(key);
        const view = before?.view ?? sparesFor(key).pop() ?? createRow(key);
        if (!before || before.row !== row || !isSamePlace(before.place, place)) {
          drawn.set(key, { view, row, place });
          view.bind(row, place);
          view.element.style.transform = `translateY(${position * ROW_HEIGHT}px)`;
        }
        if (view.element === next) next = next.nextElementSibling;
        else body.insertBefore(view.element, next);
      }
    },
    rowElement: (key) => (key === null ? null : (drawn.get(key)?.view.element ?? null)),
    reset() {
      retire(new Set());
      spare.own = [];
      spare.others = [];
    },
  };
}

/** Ascending, so that the document's order is the order on screen. */
function positionsToDraw(order: readonly number[], { first, last }: RowRange, current: number | null): number[] {
  const positions = Array.from({ length: last - first }, (_, offset) => first + offset);
  const pinned = current === null ? -1 : order.indexOf(current);
  if (pinned >= 0 && pinned < first) return [pinned, ...positions];
  return pinned >= last ? [...positions, pinned] : positions;
}

function isSamePlace(a: RowPlace, b: RowPlace): boolean {
  return a.position === b.position && a.selected === b.selected && a.current === b.current;
}
