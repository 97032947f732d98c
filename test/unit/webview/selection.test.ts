import { describe, expect, it } from 'vitest';
import { selectedByKey } from '../../../webview/gridKeyboard';
import {
  extendTo, focusOnly, keepVisible, NOTHING_SELECTED, selectAll, selectOnly, toggle, type Selection,
} from '../../../webview/selection';

const order = [5, 3, 8, 1, 9];
const layers = (selection: Selection | null): number[] => [...(selection?.selected ?? [])];
const press = (key: string, modifiers: { ctrlKey?: boolean; shiftKey?: boolean } = {}) =>
  ({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...modifiers });

describe('selection', () => {
  it('extends from the anchor in screen order, in both directions', () => {
    const down = extendTo(selectOnly(3), order, 1);
    expect(layers(down)).toEqual([3, 8, 1]);
    const up = extendTo(down, order, 5);
    expect(layers(up)).toEqual([5, 3]);
    expect(up).toMatchObject({ current: 5, anchor: 3 });
  });

  it('selects alone where the anchor is out of sight', () => {
    expect(layers(extendTo(selectOnly(77), order, 8))).toEqual([8]);
  });

  it('toggles one row without touching the others', () => {
    const two = toggle(selectOnly(3), 9);
    expect(layers(two)).toEqual([3, 9]);
    expect(toggle(two, 3)).toMatchObject({ current: 3, selected: new Set([9]) });
  });

  it('never keeps a row selected that cannot be seen', () => {
    expect(keepVisible(toggle(selectOnly(3), 9), [5, 9], 1)).toMatchObject({ current: 9, selected: new Set([9]) });
    expect(keepVisible(selectOnly(8), [5, 3, 1, 9], 2)).toEqual(selectOnly(1));
    expect(keepVisible(selectOnly(9), [5, 3], 4)).toEqual(selectOnly(3));
    expect(keepVisible(selectOnly(9), [], 4)).toMatchObject({ current: 9, selected: new Set() });
    expect(keepVisible(NOTHING_SELECTED, [5], -1)).toEqual(selectOnly(5));
  });

  it('is the same object when nothing had to change', () => {
    const selection = selectOnly(3);
    expect(keepVisible(selection, order, 1)).toBe(selection);
  });

  it('selects its current row again when rows come back', () => {
    expect(keepVisible({ ...selectOnly(9), selected: new Set() }, order, -1)).toEqual(selectOnly(9));
  });
});

describe('selectedByKey', () => {
  it.each([
    ['ArrowDown', 8, 1], ['ArrowUp', 8, 3], ['Home', 8, 5], ['End', 8, 9], ['PageDown', 5, 8], ['PageUp', 1, 3],
    ['ArrowDown', 9, 9], ['ArrowUp', 5, 5], ['PageDown', 1, 9],
  ])('%s moves from %d to %d', (key, from, to) => {
    expect(selectedByKey(press(key), selectOnly(from), order, 2)).toEqual(selectOnly(to));
  });

  it('starts at the first row when none is current', () => {
    expect(selectedByKey(press('ArrowDown'), NOTHING_SELECTED, order, 2)).toEqual(selectOnly(5));
  });

  it('extends with Shift, moves alone with Ctrl, and toggles with Ctrl+Space', () => {
    expect(layers(selectedByKey(press('End', { shiftKey: true }), selectOnly(8), order, 2))).toEqual([8, 1, 9]);
    const moved = selectedByKey(press('ArrowDown', { ctrlKey: true }), selectOnly(8), order, 2) ?? NOTHING_SELECTED;
    expect(moved).toEqual(focusOnly(selectOnly(8), 1));
    expect(layers(selectedByKey(press(' ', { ctrlKey: true }), moved, order, 2))).toEqual([8, 1]);
    expect(layers(selectedByKey(press(' '), moved, order, 2))).toEqual([1]);
  });

  it('selects all with Ctrl+A and keeps the current row', () => {
    expect(selectedByKey(press('a', { ctrlKey: true }), selectOnly(8), order, 2)).toEqual(selectAll(selectOnly(8), order));
    expect(selectAll(selectOnly(8), order)).toMatchObject({ current: 8, selected: new Set(order) });
  });

  it.each(['4', '0', 'p', 'Enter', 'a'])('leaves %s to the editor', (key) => {
    expect(selectedByKey(press(key), selectOnly(8), order, 2)).toBeNull();
  });

  it('does nothing without rows', () => {
    expect(selectedByKey(press('ArrowDown'), NOTHING_SELECTED, [], 2)).toBeNull();
  });
});
