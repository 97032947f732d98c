import { describe, expect, it } from 'vitest';
import { COLUMN_IDS } from '../../../webview/columns';
import { nextSort, sortRows } from '../../../webview/sort';
import { statistics, tableRow } from './rows';

const rows = [
  tableRow(0, { name: 'layer10', bits: 4, sqnrDb: 20, bytes: 30, dtype: 'float16' }),
  tableRow(1, { name: 'layer2', bytes: 10 }),
  tableRow(2, { name: 'Layer1', bits: 8, sqnrDb: null, mse: 0, bytes: 20 }),
  tableRow(3, { name: 'layer2', bits: 4, sqnrDb: 40, bytes: 20 }),
];

function order(column: (typeof COLUMN_IDS)[number], descending: boolean): number[] {
  return sortRows(rows, { column, descending }).map((row) => row.layer.index);
}

describe('sortRows', () => {
  it('leaves the model order without a column', () => {
    expect(sortRows(rows, null)).toEqual(rows);
  });

  it('sorts names by their numbers, ignoring case, equal ones in the model order', () => {
    expect(order('layer', false)).toEqual([2, 1, 3, 0]);
    expect(order('layer', true)).toEqual([0, 1, 3, 2]);
  });

  it('puts unknown values last in both directions, and lossless above any SQNR', () => {
    expect(order('sqnr', false)).toEqual([0, 3, 2, 1]);
    expect(order('sqnr', true)).toEqual([2, 3, 0, 1]);
    expect(order('bits', true)).toEqual([2, 0, 3, 1]);
  });

  it('sorts by bits of layers that are quantized already, too', () => {
    const quantized = { bits: 6, granularity: 'channel', scale: null, zeroPoint: null };
    const mixed = [...rows, tableRow(4, { reason: 'quantized already', state: 'cannot', quantized })];
    expect(sortRows(mixed, { column: 'bits', descending: true }).map((row) => row.layer.index)).toEqual([2, 4, 0, 3, 1]);
  });

  it('sorts data types by name and width', () => {
    expect(order('type', false)).toEqual([0, 1, 2, 3]);
    expect(order('type', true)).toEqual([1, 2, 3, 0]);
  });

  it('sorts by fit quality and by spread where statistics are there', () => {
    const fit = (ks: number) => ({ location: 0, scale: 1, ks, logLikelihood: 0 });
    const known = [
      { ...tableRow(0), statistics: statistics(0, { std: 3, laplace: fit(0.3), gauss: fit(0.1) }) },
      { ...tableRow(1), statistics: statistics(1, { std: 1, laplace: fit(0.2), gauss: fit(0.4) }) },
      tableRow(2),
    ];
    expect(sortRows(known, { column: 'fit', descending: false }).map((row) => row.layer.index)).toEqual([0, 1, 2]);
    expect(sortRows(known, { column: 'distribution', descending: false }).map((row) => row.layer.index)).toEqual([1, 0, 2]);
  });

  it.each(COLUMN_IDS)('by %s loses and doubles no row', (column) => {
    expect(order(column, false).sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('nextSort', () => {
  it('goes from ascending over descending back to the model order', () => {
    const first = nextSort(null, 'op');
    const second = nextSort(first, 'op');
    expect([first, second, nextSort(second, 'op')]).toEqual([
      { column: 'op', descending: false }, { column: 'op', descending: true }, null,
    ]);
    expect(nextSort(second, 'size')).toEqual({ column: 'size', descending: false });
  });
});
