import { expect, test } from 'vitest';
import { csvText } from '../../../../src/core/report/csvText';

test('quotes as RFC 4180 has it, and keeps numbers whole', () => {
  expect(csvText([['a,b', 'c"d', 'e\nf', 'g'], [1e-9, -0.1, null, Infinity]]))
    .toBe('"a,b","c""d","e\nf",g\r\n1e-9,-0.1,,Infinity\r\n');
});

test('no text becomes a formula, and a number as text stays one', () => {
  expect(csvText([['=1+1', '@x', '-cmd', '+a', '-Infinity', '-2']])).toBe("'=1+1,'@x,'-cmd,'+a,-Infinity,-2\r\n");
});
