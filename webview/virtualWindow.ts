export interface Viewport {
  scrollTop: number;
  /** Height of the part rows are seen through, in pixels. */
  height: number;
  rowHeight: number;
  rowCount: number;
}

/** Rows [first, last). */
export interface RowRange {
  first: number;
  last: number;
}

/** The rows that are at least partly on screen. */
export function rowsOnScreen({ scrollTop, height, rowHeight, rowCount }: Viewport): RowRange {
  const first = Math.min(Math.max(Math.floor(scrollTop / rowHeight), 0), rowCount);
  const last = Math.min(Math.max(Math.ceil((scrollTop + height) / rowHeight), first), rowCount);
  return { first, last };
}

/** Rows of a table drawn beyond either edge of the screen. */
export const OVERSCAN = 10;

/** The range with some rows more on both sides, so that a short scroll shows no gap. */
export function withOverscan({ first, last }: RowRange, overscan: number, rowCount: number): RowRange {
  return { first: Math.max(first - overscan, 0), last: Math.min(last + overscan, rowCount) };
}

/** The least scrolling that brings the row wholly on screen. */
export function scrollToReveal(row: number, { scrollTop, height, rowHeight }: Viewport): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}
