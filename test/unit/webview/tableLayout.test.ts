import { describe, expect, it } from 'vitest';
import { COLUMN_IDS } from '../../../webview/columns';
import {
  FIRST_LAYOUT, hideColumn, isFirstLayout, layoutOf, moveColumn, placeColumn, resizeColumn, savedLayout, showColumn, shownColumns,
} from '../../../webview/tableLayout';

describe('shownColumns', () => {
  it('leaves out what is hidden, and what has nothing to say', () => {
    expect(shownColumns(FIRST_LAYOUT, ['type', 'moved', 'output'])).toEqual(COLUMN_IDS.filter((id) => !['type', 'moved', 'output'].includes(id)));
    expect(shownColumns(hideColumn(FIRST_LAYOUT, 'fit'), [])).toEqual(COLUMN_IDS.filter((id) => id !== 'fit'));
  });
});

describe('changes of the layout', () => {
  it('hide and show a column, but never the names', () => {
    const hidden = hideColumn(FIRST_LAYOUT, 'op');
    expect(hidden.hidden).toEqual(['op']);
    expect(showColumn(hidden, 'op')).toEqual({ ...FIRST_LAYOUT, kept: ['op'] });
    expect(hideColumn(FIRST_LAYOUT, 'layer')).toBe(FIRST_LAYOUT);
    expect(showColumn(FIRST_LAYOUT, 'layer')).toBe(FIRST_LAYOUT);
  });

  it('keep a column that was asked for until it is hidden', () => {
    const kept = showColumn(showColumn(FIRST_LAYOUT, 'fit'), 'fit');
    expect([kept.kept, isFirstLayout(kept)]).toEqual([['fit'], false]);
    expect(hideColumn(kept, 'fit')).toMatchObject({ kept: [], hidden: ['fit'] });
  });

  it('move a column over the shown one beside it, and to the place of another from either side', () => {
    const shown = shownColumns(FIRST_LAYOUT, ['type', 'moved']);
    expect(shownColumns(moveColumn(FIRST_LAYOUT, 'fit', 1, shown), ['type', 'moved']).slice(5, 7)).toEqual(['bits', 'fit']);
    expect(shownColumns(moveColumn(FIRST_LAYOUT, 'bits', -1, shown), ['type', 'moved']).slice(5, 7)).toEqual(['bits', 'fit']);
    expect(placeColumn(FIRST_LAYOUT, 'size', 'op').order.slice(0, 3)).toEqual(['layer', 'size', 'op']);
    expect(placeColumn(FIRST_LAYOUT, 'op', 'size').order.slice(-2)).toEqual(['size', 'op']);
    expect(placeColumn(FIRST_LAYOUT, 'op', 'size').order).toHaveLength(COLUMN_IDS.length);
  });

  it('leave the names first', () => {
    const shown = shownColumns(FIRST_LAYOUT, ['type', 'moved']);
    for (const refused of [placeColumn(FIRST_LAYOUT, 'op', 'layer'), moveColumn(FIRST_LAYOUT, 'op', -1, shown), moveColumn(FIRST_LAYOUT, 'layer', 1, shown), moveColumn(FIRST_LAYOUT, 'size', 1, shown)]) {
      expect(refused).toBe(FIRST_LAYOUT);
    }
  });

  it('give a width within bounds, and take it back', () => {
    expect(resizeColumn(FIRST_LAYOUT, 'op', 123.4).widths).toEqual({ op: 123 });
    expect(resizeColumn(FIRST_LAYOUT, 'op', -5).widths).toEqual({ op: 40 });
    expect(isFirstLayout(resizeColumn(resizeColumn(FIRST_LAYOUT, 'op', 99), 'op', null))).toBe(true);
  });
});

describe('a saved layout', () => {
  it('comes back as it was', () => {
    const layout = { ...resizeColumn(hideColumn(placeColumn(showColumn(FIRST_LAYOUT, 'shape'), 'size', 'op'), 'fit'), 'bits', 80), grouped: true };
    expect(layoutOf(savedLayout(layout))).toEqual(layout);
  });

  it('keeps what is known of it, with names first and columns it does not know where they first stood', () => {
    const layout = layoutOf({ order: ['size', 'nonsense', 'layer', 'op', 'size'], hidden: ['layer', 'op', 'nonsense'], kept: ['op', 'fit', 'nonsense'], widths: { op: 5000, nonsense: 3 }, grouped: false });
    expect(layout.order.slice(0, 3)).toEqual(['layer', 'size', 'op']);
    expect([...layout.order].sort()).toEqual([...COLUMN_IDS].sort());
    expect(layout.order.indexOf('fit')).toBe(layout.order.indexOf('distribution') + 1);
    expect(layout.hidden).toEqual(['op']);
    expect(layout.kept).toEqual(['fit']);
    expect(layout.widths).toEqual({ op: 1000 });
  });
});
