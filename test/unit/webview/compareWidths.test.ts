import { describe, expect, test } from 'vitest';
import type { CompareRow, CompareRowLayer } from '../../../src/protocol/comparePage';
import { compareWidths } from '../../../webview/compareWidths';

const layer: CompareRowLayer = {
  name: 'w', scope: '', op: 'Conv', dims: [8, 3, 3, 3], dtype: 'float32', bits: null, elements: 216, bytes: 864,
};

function row(a: Partial<CompareRowLayer>, b: Partial<CompareRowLayer>): CompareRow {
  return {
    index: 0, state: 'changed', a: { ...layer, ...a }, b: { ...layer, ...b }, matchedBy: 'name', sqnrDb: 12, maxAbsDifference: 0.1,
    cosine: 1, beyond: 0, unlike: 0, identical: false, note: '',
  };
}

/** Six pixels a character. */
const widthsOf = (...rows: CompareRow[]) => compareWidths(rows, (text) => 6 * text.length);

describe('the columns of a comparison', () => {
  test('are as wide as their longest text or their label, names no wider', () => {
    const { template, leastWidth } = widthsOf(row({}, {}), row({ name: 'conv.weight' }, { name: 'conv.weight', dims: [1, 8, 3, 3, 3] }));
    expect(template).toBe('minmax(76px, 76px) 36px 124px 52px 48px 52px 108px 48px minmax(110px, 1fr) 76px');
    expect(leastWidth).toBe(76 + 36 + 124 + 52 + 48 + 52 + 108 + 48 + 110 + 76);
  });

  test('let long names give way, and shorten what is longest', () => {
    const { template } = widthsOf(row({ name: 'n'.repeat(80), dims: Array.from({ length: 40 }, () => 512) }, {}));
    expect(template).toMatch(/^minmax\(160px, \d{3}px\) 36px 340px /);
  });

  test('have room for their labels where there is no layer', () => {
    expect(widthsOf().template).toMatch(/^minmax\(54px, 54px\) 36px 54px /);
  });
});
