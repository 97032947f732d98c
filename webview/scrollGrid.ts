import { element } from './dom';
import type { Store } from './store';
import { ROW_HEIGHT } from './virtualList';
import { OVERSCAN, rowsOnScreen, scrollToReveal, withOverscan, type RowRange, type Viewport } from './virtualWindow';

/** Left and right of a row's cells, in pixels; the style sheet has the same. */
export const ROW_PADDING = 24;

export interface ScrollGrid {
  element: HTMLElement;
  /** Stays in sight above the rows. */
  head: HTMLElement;
  /** What the rows stand in. */
  body: HTMLElement;
  viewport(): Viewport;
  /** How many rows PageUp and PageDown move. */
  rowsOnPage(): number;
  /** Makes room for all rows, brings one on screen unless it is null or none of them, and says which are to be drawn. */
  arrange(revealed: number | null): RowRange;
}

/** A grid of which only rows near those on screen are drawn; `order` has all of them, `store` how far it is scrolled. */
export function createScrollGrid(store: Store<{ scrollTop: number }>, order: () => readonly number[]): ScrollGrid {
  const head = element('div', 'table-head');
  head.setAttribute('role', 'rowgroup');
  const body = element('div', 'rows');
  body.setAttribute('role', 'rowgroup');
  const grid = element('div', 'grid', head, body);
  let scrollIsRestored = false;

  const viewport = (): Viewport => ({
    scrollTop: grid.scrollTop, height: grid.clientHeight - head.offsetHeight, rowHeight: ROW_HEIGHT, rowCount: order().length,
  });
  grid.addEventListener('scroll', () => store.update((changed) => {
    changed.scrollTop = grid.scrollTop;
  }));
  new ResizeObserver(() => store.update(() => undefined)).observe(grid);

  return {
    element: grid,
    head,
    body,
    viewport,
    rowsOnPage: () => Math.max(Math.floor(viewport().height / ROW_HEIGHT) - 1, 1),
    arrange(revealed) {
      const { length } = order();
      grid.setAttribute('aria-rowcount', String(length + 1));
      body.style.height = `${length * ROW_HEIGHT}px`;
      if (!scrollIsRestored) {
        scrollIsRestored = true;
        grid.scrollTop = store.state.scrollTop;
      }
      const position = revealed === null ? -1 : order().indexOf(revealed);
      if (position >= 0) grid.scrollTop = scrollToReveal(position, viewport());
      return withOverscan(rowsOnScreen(viewport()), OVERSCAN, length);
    },
  };
}
