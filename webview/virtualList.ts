import { createRow, type RowView } from './row';
import type { BitsChoice } from './bitsSelect';
import type { PageState } from './state';
import type { RowRange } from './virtualWindow';

/** Height of a row in pixels; the style sheet has the same. */
export const ROW_HEIGHT = 26;

export interface VirtualList {
  /** Draws the rows of the range and, wherever it stands, the current one, which holds the keyboard's focus. */
  render(state: Readonly<PageState>, range: RowRange): void;
  /** The element of a layer's row, when it is drawn. */
  rowElement(layer: number | null): HTMLElement | null;
}

/** Keeps a few dozen row elements for any number of rows, absolutely placed in `body`. */
export function createVirtualList(body: HTMLElement, onBits: (layer: number, choice: BitsChoice) => void): VirtualList {
  const drawn = new Map<number, RowView>();
  const spare: RowView[] = [];

  const retire = (keep: ReadonlySet<number>): void => {
    for (const [layer, view] of drawn) {
      if (keep.has(layer)) continue;
      drawn.delete(layer);
      view.element.remove();
      spare.push(view);
    }
  };

  return {
    render(state, range) {
      const { current, selected } = state.selection;
      const positions = positionsToDraw(state.order, range, current);
      retire(new Set(positions.map((position) => state.order[position] ?? -1)));
      const focusable = current !== null && state.order.includes(current) ? current : state.order[range.first];
      let next = body.firstElementChild;
      for (const position of positions) {
        const layer = state.order[position];
        const row = layer === undefined ? undefined : state.rows.get(layer);
        if (layer === undefined || !row) continue;
        const view = drawn.get(layer) ?? spare.pop() ?? createRow(onBits);
        drawn.set(layer, view);
        view.bind(row, { position, selected: selected.has(layer), current: layer === focusable });
        view.element.style.transform = `translateY(${position * ROW_HEIGHT}px)`;
        if (view.element === next) next = next.nextElementSibling;
        else body.insertBefore(view.element, next);
      }
    },
    rowElement: (layer) => (layer === null ? null : (drawn.get(layer)?.element ?? null)),
  };
}

/** Ascending, so that the document's order is the order on screen. */
function positionsToDraw(order: readonly number[], { first, last }: RowRange, current: number | null): number[] {
  const positions = Array.from({ length: last - first }, (_, offset) => first + offset);
  const pinned = current === null ? -1 : order.indexOf(current);
  if (pinned >= 0 && pinned < first) return [pinned, ...positions];
  return pinned >= last ? [...positions, pinned] : positions;
}
