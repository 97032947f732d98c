import { expect, it } from 'vitest';
import { pointByKey } from '../../../webview/chartCursor';

it.each([
  ['ArrowRight', null, 0], ['ArrowLeft', null, 99], ['ArrowRight', 99, 99], ['ArrowLeft', 0, 0], ['ArrowUp', 4, 5], ['ArrowDown', 4, 3],
  ['PageUp', 4, 14], ['PageDown', 4, 0], ['Home', 50, 0], ['End', null, 99], ['a', 4, undefined],
] as const)('%s from %s leads to %s of a hundred points', (key, from, to) => {
  expect(pointByKey(key, from, 100)).toBe(to);
});

it('leads nowhere in an empty chart', () => {
  expect(pointByKey('Home', null, 0)).toBeUndefined();
});
