import { describe, expect, it } from 'vitest';
import { selectedByKey } from '../../../webview/gridKeyboard';
import {
  extendTo, focusOnly, keepVisible, NOTHING_SELECTED, plainLines, selectAll, selectLine, selectOnly, toggle, type Lines, type Selection,
} from '../../../webview/selection';

const order = [5, 3, 8, 1, 9];
const lines = plainLines(order);
const layers = (selection: Selection | null): number[] => [...(selection?.selected ?? [])];
const press = (key: string, modifiers: { ctrlKey?: boolean; shiftKey?: boolean } = {}) =>
  ({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...modifiers });

describe('selection', () => {
  it('extends from the anchor in screen order, in both directions', () => {
    const down = extendTo(selectOnly(3), lines, 1);
    expect(layers(down)).toEqual([3, 8, 1]);
    const up = extendTo(down, lines, 5);
    expect(layers(up)).toEqual([5, 3]);
    expect(up).toMatchObject({ current: 5, anchor: 3 });
  });

  it('selects alone where the anchor is out of sight', () => {
    expect(layers(extendTo(selectOnly(77), lines, 8))).toEqual([8]);
  });

  it('toggles one row without touching the others', () => {
    const two = toggle(selectOnly(3), lines, 9);
    expect(layers(two)).toEqual([3, 9]);
    expect(toggle(two, lines, 3)).toMatchObject({ current: 3, selected: new Set([9]) });
  });

  it('never keeps a row selected that cannot be seen', () => {
    expect(keepVisible(toggle(selectOnly(3), lines, 9), [5, 9], 1)).toMatchObject({ current: 9, selected: new Set([9]) });
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
    expect(selectedByKey(press(key), selectOnly(from), lines, 2)).toEqual(selectOnly(to));
  });

  it('starts at the first row when none is current', () => {
    expect(selectedByKey(press('ArrowDown'), NOTHING_SELECTED, lines, 2)).toEqual(selectOnly(5));
  });

  it('extends with Shift, moves alone with Ctrl, and toggles with Ctrl+Space', () => {
    expect(layers(selectedByKey(press('End', { shiftKey: true }), selectOnly(8), lines, 2))).toEqual([8, 1, 9]);
    const moved = selectedByKey(press('ArrowDown', { ctrlKey: true }), selectOnly(8), lines, 2) ?? NOTHING_SELECTED;
    expect(moved).toEqual(focusOnly(selectOnly(8), lines, 1));
    expect(layers(selectedByKey(press(' ', { ctrlKey: true }), moved, lines, 2))).toEqual([8, 1]);
    expect(layers(selectedByKey(press(' '), moved, lines, 2))).toEqual([1]);
  });

  it('selects all with Ctrl+A and keeps the current row', () => {
    expect(selectedByKey(press('a', { ctrlKey: true }), selectOnly(8), lines, 2)).toEqual(selectAll(selectOnly(8), lines));
    expect(selectAll(selectOnly(8), lines)).toMatchObject({ current: 8, selected: new Set(order) });
  });

  it.each(['4', '0', 'p', 'Enter', 'a'])('leaves %s to the editor', (key) => {
    expect(selectedByKey(press(key), selectOnly(8), lines, 2)).toBeNull();
  });

  it('does nothing without rows', () => {
    expect(selectedByKey(press('ArrowDown'), NOTHING_SELECTED, plainLines([]), 2)).toBeNull();
  });
});

/** A group of 5 and 3 that is open, and one of 8 and 1 that is collapsed. */
const grouped: Lines = {
  order: [-1, 5, 3, -2],
  members: (line) => ({ '-1': [5, 3], '-2': [8, 1] })[line] ?? [line],
};

describe('rows that stand for several layers', () => {
  it('select them, and show the first of them', () => {
    expect(selectLine(grouped, -2)).toEqual({ current: 8, group: -2, anchor: -2, selected: new Set([8, 1]) });
  });

  it('are added and taken out as a whole', () => {
    const added = toggle(selectOnly(5), grouped, -1);
    expect(added).toMatchObject({ group: -1, selected: new Set([5, 3]) });
    expect(layers(toggle(added, grouped, -1))).toEqual([]);
    expect(layers(toggle(added, grouped, 3))).toEqual([5]);
  });

  it('take part in ranges and in all', () => {
    expect(layers(extendTo(selectOnly(3), grouped, -2))).toEqual([3, 8, 1]);
    expect(layers(selectAll(selectOnly(3), grouped)).sort()).toEqual([1, 3, 5, 8]);
  });

  it('are walked over by keyboard', () => {
    const onGroup = selectedByKey(press('ArrowUp'), selectOnly(5), grouped, 2) ?? NOTHING_SELECTED;
    expect(onGroup).toEqual(selectLine(grouped, -1));
    expect(selectedByKey(press('ArrowDown'), onGroup, grouped, 2)).toEqual(selectOnly(5));
    expect(selectedByKey(press('End', { ctrlKey: true }), onGroup, grouped, 2))
      .toEqual({ current: 8, group: -2, anchor: -1, selected: new Set([5, 3]) });
  });
});
