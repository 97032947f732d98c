import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../webview/filter';
import { keySuggestions, suggestionsFor, take } from '../../../webview/filterSuggestions';
import { tableRow } from './rows';

const rows = [
  tableRow(0, { op: 'Gemm', dtype: 'float16' }), tableRow(1, { op: 'Conv' }), tableRow(2, { op: 'Conv' }), tableRow(3, { op: 'ConvTranspose' }), tableRow(4, { op: '' }),
];
const texts = (filter: string, caret = filter.length): string[] => suggestionsFor(filter, caret, rows).list.map(({ text }) => text);

describe('suggestionsFor', () => {
  it.each([
    ['', []],
    ['dense', []],
    ['s', ['state:', 'sqnr<', 'size>']],
    ['conv W', ['weights>']],
    ['-o', ['op:', 'output<']],
    ['op:', ['op:Conv', 'op:Gemm', 'op:ConvTranspose']],
    ['op:conv', ['op:ConvTranspose']],
    ['op=g', ['op=Gemm']],
    ['-op:Conv,', ['-op:Conv,Gemm', '-op:Conv,ConvTranspose']],
    ['t', ['type:']],
    ['type:', ['type:float32', 'type:float16']],
    ['-type:float32,', ['-type:float32,float16']],
    ['state:p', ['state:planned', 'state:previewed']],
    ['bits:4,', ['bits:4,2', 'bits:4,3', 'bits:4,5', 'bits:4,6', 'bits:4,7', 'bits:4,8']],
    ['name:x', []],
    ['op:Gemm ', []],
    ['bits<8', []],
  ])('after %j come %j', (filter, expected) => {
    expect(texts(filter)).toEqual(expected);
  });

  it('goes by the part at the caret', () => {
    expect(texts('st bits<8', 2)).toEqual(['state:']);
  });

  it('says of operators how many layers have them', () => {
    expect(suggestionsFor('op:', 3, rows).list[0]).toEqual({ text: 'op:Conv', hint: '2 layers' });
  });

  it.each([['-st', '-state:'], ['a -op:Conv,g', 'a -op:Conv,Gemm'], ['x op:g', 'x op:Gemm']])('takes the place of what was begun: %j becomes %j', (filter, expected) => {
    const { from, list } = suggestionsFor(filter, filter.length, rows);
    expect(take(filter, filter.length, from, list[0]!)).toEqual({ filter: expected, caret: expected.length });
  });

  it('leaves what stands behind the caret', () => {
    const { from, list } = suggestionsFor('st bits<8', 2, rows);
    expect(take('st bits<8', 2, from, list[0]!)).toEqual({ filter: 'state: bits<8', caret: 6 });
  });
});

it('the help names every key that there is, and none besides', () => {
  const known = parseFilter('nonsense:x').problems.join().replace(/.*known are /, '').split(', ').sort();
  expect(keySuggestions().map(({ text }) => text.slice(0, -1)).sort()).toEqual(known);
});
