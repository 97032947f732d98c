import { describe, expect, it } from 'vitest';
import { rowsOnScreen, scrollToReveal, withOverscan } from '../../../webview/virtualWindow';

const viewport = { scrollTop: 0, height: 100, rowHeight: 26, rowCount: 10_000 };

describe('rowsOnScreen', () => {
  it('counts rows that are partly seen', () => {
    expect(rowsOnScreen(viewport)).toEqual({ first: 0, last: 4 });
    expect(rowsOnScreen({ ...viewport, scrollTop: 25 })).toEqual({ first: 0, last: 5 });
    expect(rowsOnScreen({ ...viewport, scrollTop: 26 })).toEqual({ first: 1, last: 5 });
  });

  it('stays within the rows there are', () => {
    expect(rowsOnScreen({ ...viewport, rowCount: 2 })).toEqual({ first: 0, last: 2 });
    expect(rowsOnScreen({ ...viewport, scrollTop: 9_999_999 })).toEqual({ first: 10_000, last: 10_000 });
    expect(rowsOnScreen({ ...viewport, scrollTop: -5, rowCount: 0 })).toEqual({ first: 0, last: 0 });
    expect(rowsOnScreen({ ...viewport, height: -30 })).toEqual({ first: 0, last: 0 });
  });
});

it('adds overscan only where rows are', () => {
  expect(withOverscan({ first: 0, last: 4 }, 10, 10_000)).toEqual({ first: 0, last: 14 });
  expect(withOverscan({ first: 20, last: 24 }, 10, 26)).toEqual({ first: 10, last: 26 });
});

describe('scrollToReveal', () => {
  it('scrolls no further than needed', () => {
    expect(scrollToReveal(1, viewport)).toBe(0);
    expect(scrollToReveal(3, viewport)).toBe(4);
    expect(scrollToReveal(3, { ...viewport, scrollTop: 200 })).toBe(78);
    expect(scrollToReveal(9, { ...viewport, scrollTop: 200 })).toBe(200);
  });
});
