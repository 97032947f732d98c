import { describe, expect, it } from 'vitest';
import { shortenMiddle } from '../../../webview/names';
import { formatCount, formatDb, formatNumber, formatShape, formatTick, UNKNOWN } from '../../../webview/numbers';

describe('formatNumber', () => {
  it.each([
    [0, '0'], [-0.12, '-0.12'], [0.123456, '0.1235'], [1 / 3000, '3.333e-4'], [2e-4, '2e-4'], [-5112.294, '-5,112.29'],
    [123456.4, '123,456'], [1234567, '1.235e+6'], [null, UNKNOWN],
  ])('%s is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

it.each([[31.926000000000002, '31.926'], [-20, '−20'], [4.5, '4.5']])('writes %s on an axis as %s', (value, text) => {
  expect(formatTick(value)).toBe(text);
});

it('formats counts, decibels and shapes', () => {
  expect(formatCount(77706)).toBe('77,706');
  expect([18.44, null, Infinity, -Infinity].map(formatDb)).toEqual(['18.4', UNKNOWN, '∞', '−∞']);
  expect([formatShape([16, 3, 3, 3]), formatShape([])]).toEqual(['16×3×3×3', 'scalar']);
});

it('leaves out the middle of a long name', () => {
  expect(shortenMiddle('abcdefghij', 10)).toBe('abcdefghij');
  expect(shortenMiddle('abcdefghijk', 10)).toBe('abcde…hijk');
});
