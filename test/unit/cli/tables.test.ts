import { describe, expect, test } from 'vitest';
import { matchingLayers } from '../../../src/cli/glob';
import { count, decibels, number, table } from '../../../src/cli/tables';
import type { Layer } from '../../../src/core/onnx/layer';
import { printable } from '../../../src/protocol/plainText';

test('a table aligns its columns and ends no line in blanks', () => {
  const columns = [
    { title: 'Name', align: 'left' as const, cell: ([name]: [string, number]) => name },
    { title: 'N', align: 'right' as const, cell: ([, n]: [string, number]) => String(n) },
    { title: 'Note', align: 'left' as const, cell: ([, n]: [string, number]) => (n > 10 ? 'many' : '') },
  ];
  expect(table(columns, [['a', 5], ['long name', 123]])).toBe('Name         N  Note\na            5\nlong name  123  many');
});

test('a count has commas between thousands', () => {
  expect([0, 999, 1000, 123_456, 1_006_632_960].map(count)).toEqual(['0', '999', '1,000', '123,456', '1,006,632,960']);
});

test('an optional column goes when no row has anything in it', () => {
  const columns = [
    { title: 'Name', align: 'left' as const, cell: ([name]: [string, number | null]) => name },
    { title: 'N', align: 'right' as const, cell: ([, n]: [string, number | null]) => number(n), optional: true as const },
  ];
  expect(table(columns, [['a', null], ['b', null]])).toBe('Name\na\nb');
  expect(table(columns, [['a', null], ['b', 7]])).toBe('Name  N\na     -\nb     7');
});

test('control characters of names do not reach the terminal', () => {
  expect(printable('a\u001B[31mb\nc\u009B')).toBe('a\uFFFD[31mb\uFFFDc\uFFFD');
});

test('nor do those that turn the order of text round', () => {
  expect(printable('a\u202Eb\u2066c\u200Fd\u2028e')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe');
  expect(printable('重み Übung עברית')).toBe('重み Übung עברית');
});

test('a name that would fill the screen is cut', () => {
  const lines = table([{ title: 'Name', align: 'left', cell: (name: string) => name }], ['a', 'n'.repeat(65_536)]).split('\n');
  expect(lines[2]).toBe(`${'n'.repeat(255)}…`);
});

test.each([
  [number(1234567), '1235000'], [number(0.000123456), '0.0001235'], [number(null), '-'], [number(NaN), '-'],
  [number(-Infinity), '-inf'], [decibels(18.3456), '18.35'], [decibels(Infinity), 'inf'], [decibels(null), '-'], [decibels(-0.001), '0.00'],
])('%s', (text, expected) => expect(text).toBe(expected));

describe('matchingLayers', () => {
  const layer = (name: string, scope = ''): Layer => ({ name, scope }) as Layer;

  test.each([
    ['*', '/model/conv1/weight', true],
    ['*/weight', '/model/conv1/weight', true],
    ['conv?.weight', 'conv1.weight', true],
    ['conv?.weight', 'conv12.weight', false],
    ['conv1.weight', 'conv1xweight', false],
    ['a[0](b)+c', 'a[0](b)+c', true],
    ['conv', 'conv1', false],
  ])('%s against %s: %s', (glob, name, matches) => {
    expect(matchingLayers(glob, [layer(name)])).toHaveLength(matches ? 1 : 0);
  });

  test('looks at keys of layers in other graphs too', () => {
    const inner = layer('w', '/then');
    expect(matchingLayers('/then::*', [layer('w'), inner])).toEqual([inner]);
    expect(matchingLayers('w', [layer('w'), inner])).toHaveLength(2);
  });
});
