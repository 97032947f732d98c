import { describe, expect, it } from 'vitest';
import { COLUMN_IDS, type ColumnId } from '../../../webview/columns';
import { contentWidths, tableColumns as shareOut, type ContentWidths, type TableColumns } from '../../../webview/columnWidths';
import { tableRow } from './rows';

const short = { op: 30, shape: 70, weights: 40 };
const long = { op: 95, shape: 70, weights: 60 };

const chosen = COLUMN_IDS.filter((id) => id !== 'type' && id !== 'moved' && id !== 'output');
const tableColumns = (available: number, content: ContentWidths, fixed: Partial<Record<ColumnId, number>> = {}): TableColumns =>
  shareOut(available, content, chosen, { widths: fixed, kept: [] });

describe('tableColumns', () => {
  it('gives operators and shapes what they need, and what is left to layer and method', () => {
    const { template, leastWidth, dropped } = tableColumns(920, long);
    expect(template).toBe('minmax(170px, 2fr) 105px 80px 88px 102px 66px minmax(110px, 1fr) 60px 122px');
    expect(leastWidth).toBe(170 + 105 + 80 + 88 + 102 + 66 + 110 + 60 + 122);
    expect(dropped).toEqual(['weights']);
  });

  it('keeps every column where there is room', () => {
    const { template, dropped } = tableColumns(1000, short);
    expect(dropped).toEqual([]);
    expect(template.split(/ (?![^(]*\))/)).toHaveLength(10);
  });

  it('does without the least important columns first, and scrolls below what must be seen', () => {
    const all = tableColumns(2000, short).leastWidth;
    expect(tableColumns(all, short).dropped).toEqual([]);
    expect(tableColumns(all - 1, short).dropped).toEqual(['weights']);
    expect(tableColumns(all - 69, short).dropped).toEqual(['weights', 'distribution']);
    const least = tableColumns(300, short);
    expect(least.dropped).toEqual(['weights', 'distribution', 'fit', 'op', 'shape', 'method']);
    expect(least.template).toBe('minmax(170px, 2fr) 66px 60px 122px');
    expect(least.leastWidth).toBeLessThan(450);
  });

  it('keeps columns that a person asked for or gave a width, however narrow it is', () => {
    const { dropped, template } = shareOut(300, short, chosen, { widths: { fit: 90 }, kept: ['method'] });
    expect(dropped).toEqual(['weights', 'distribution', 'op', 'shape']);
    expect(template).toBe('minmax(170px, 2fr) 90px 66px minmax(110px, 1fr) 60px 122px');
  });

  it('shares out among the columns chosen, in their order, and gives up those alone', () => {
    const { template, leastWidth, dropped } = shareOut(200, short, ['layer', 'size', 'weights'], { widths: {}, kept: [] });
    expect(template).toBe('minmax(170px, 2fr) 122px');
    expect(leastWidth).toBe(292);
    expect(dropped).toEqual(['weights']);
  });

  it('keeps the widths that a person gave', () => {
    const { template, leastWidth } = tableColumns(2000, short, { layer: 300, fit: 50 });
    expect(template.startsWith('300px 44px')).toBe(true);
    expect(template).toContain(' 88px 50px 66px ');
    expect(leastWidth).toBe(tableColumns(2000, short).leastWidth + 130 - 52);
  });

  it('shortens an operator of uncommon length', () => {
    expect(tableColumns(2000, { ...short, op: 400 }).template).toContain(' 112px ');
  });
});

it('measures the widest text of each column', () => {
  const layers = [
    tableRow(0, { op: 'Conv', dims: [8, 3, 3, 3], elements: 216 }).layer,
    tableRow(1, { op: 'ConvTranspose', dims: [], elements: 12_345 }).layer,
  ];
  expect(contentWidths(layers, (text) => text.length)).toEqual({ op: 13, shape: 7, weights: 6 });
});
