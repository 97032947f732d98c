import { expect, test } from 'vitest';
import { parsePageMessage } from '../../../src/protocol/page';

test.each<[string, unknown]>([
  ['nothing', undefined], ['null', null], ['a text', 'ready'], ['a list', [{ type: 'ready' }]], ['no type', {}],
  ['an unknown type', { type: 'execute' }],
  ['a type that every object has', { type: 'constructor' }],
  ['an index that is text', { type: 'select', layers: ['0'], current: null }],
  ['a negative index', { type: 'visible', layers: [-1] }],
  ['half an index', { type: 'visible', layers: [0.5] }],
  ['an index that is no number', { type: 'visible', layers: [NaN] }],
  ['an endless index', { type: 'select', layers: [], current: Infinity }],
  ['more rows than a screen has', { type: 'visible', layers: new Array(501).fill(0) }],
  ['layers that are no list', { type: 'select', layers: { length: 1, 0: 0 }, current: null }],
  ['bits for no layer', { type: 'setBits', layers: [], bits: 4 }],
  ['bits that there are not', { type: 'setBits', layers: [0], bits: 9 }],
  ['bits as text', { type: 'setBits', layers: [0], bits: '4' }],
  ['a method that there is not', { type: 'setSettings', layers: [0], settings: { method: 'toString' } }],
  ['settings that there are not', { type: 'setSettings', layers: [0], settings: { method: 'uniform', path: '/etc' } }],
  ['a command of the editor', { type: 'command', command: 'workbench.action.terminal.new', layers: [] }],
  ['a command named as what every object has', { type: 'command', command: '__proto__', layers: [] }],
  ['a text too long to copy', { type: 'copyText', text: 'x'.repeat(100_001) }],
])('%s is refused', (_, message) => {
  expect(parsePageMessage(message)).toBeNull();
});

test('what is known is taken, and nothing beside it', () => {
  expect(parsePageMessage({ type: 'select', layers: [3], current: 3, path: '/etc/passwd' })).toEqual({ type: 'select', layers: [3], current: 3 });
});
