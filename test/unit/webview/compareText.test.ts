import { expect, test } from 'vitest';
import type { CompareRow, CompareSummary } from '../../../src/protocol/comparePage';
import { COMPARE_KEYS } from '../../../webview/compareColumns';
import { compareLabel, sqnrText, summaryText } from '../../../webview/compareText';

const row = (figures: Pick<CompareRow, 'sqnrDb' | 'cosine'>): CompareRow => ({
  index: 0, state: 'changed', a: null, b: null, matchedBy: 'name', maxAbsDifference: 1, beyond: 0, unlike: 0, identical: false, note: '', ...figures,
});

test.each([
  [{ sqnrDb: 12.34, cosine: 0.97 }, '12.3', 12.34], [{ sqnrDb: null, cosine: 1 }, '∞', Infinity],
  [{ sqnrDb: null, cosine: 0 }, '−∞', -Infinity], [{ sqnrDb: null, cosine: null }, '—', null],
])('a layer that differs with %j has an SQNR of %s', (figures, text, key) => {
  expect(sqnrText(row(figures)).text).toBe(text);
  expect(COMPARE_KEYS.sqnr(row(figures))).toBe(key);
  const totals = { bytes: 1, layers: 1, parameters: 1 };
  const summary: CompareSummary = { a: totals, b: totals, states: { changed: 1 }, identical: false, ...figures };
  expect(summaryText(summary)).toContain(`${text} dB`);
});

test.each([
  [['s', 'w'], ['s', 'w'], { scope: 's', name: 'w' }], [['s', 'w'], ['s', 'v'], { scope: 's', name: 'w → v' }],
  [['', 'w'], ['s', 'w'], { scope: '', name: 'w → s::w' }], [null, ['s', 'w'], { scope: 's', name: 'w' }],
] as const)('the names %j and %j are shown as %j', (a, b, label) => {
  const layer = (named: readonly [string, string] | null): CompareRow['a'] => named && {
    scope: named[0], name: named[1], op: 'Conv', dims: [1], dtype: 'float32', bits: null, elements: 1, bytes: 4,
  };
  expect(compareLabel({ ...row({ sqnrDb: null, cosine: null }), a: layer(a), b: layer(b) })).toEqual(label);
});
