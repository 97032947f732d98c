import type { DrawnColumns } from './cells';
import { createGrip } from './columnGestures';
import { columns, type ColumnId } from './columns';
import { nextSort } from './sort';
import type { Store } from './store';
import { createTableHeader, type TableHeader } from './tableHeader';

export interface ColumnHeaders {
  /** Draws the headers of other columns than before; the focus stays on the header it was on. */
  draw(drawn: DrawnColumns): void;
  render(): void;
}

/** The headers in `head`, each with an edge that changes its column's width; they come and go with the columns. */
export function createColumnHeaders(head: HTMLElement, store: Store, onLeave: () => void): ColumnHeaders {
  let header: TableHeader<ColumnId> | null = null;
  const sort = (column: ColumnId): void => store.update((changed) => {
    changed.sort = nextSort(changed.sort, column);
    changed.orderIsStale = true;
  });
  return {
    draw({ ids, chosen }) {
      const focused = document.activeElement instanceof HTMLElement && head.contains(document.activeElement)
        ? document.activeElement.dataset['column'] : undefined;
      const known = columns();
      const shown = ids.flatMap((id) => known.find((column) => column.id === id) ?? []);
      header = createTableHeader(shown, sort, onLeave, chosen);
      for (const cell of header.element.children) cell.append(createGrip());
      head.replaceChildren(header.element);
      header.focus(focused);
    },
    render: () => header?.render(store.state.sort),
  };
}
