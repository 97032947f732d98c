import { describe, expect, it } from 'vitest';
import type { HostMessage } from '../../../src/protocol/page';
import { selectLine, selectOnly } from '../../../webview/selection';
import {
  applyHostMessage, dismissDrift, initialState, refreshOrder, setCollapsed, toggleGroup, toggleGrouped, toViewState, type PageState,
} from '../../../webview/state';
import { parseViewState } from '../../../webview/viewState';
import { tableRow } from './rows';

const NAMES = ['a.0.x.w', 'a.0.y.w', 'b.0.x.w', 'b.0.y.w', 'b.0.z.w'];

function opened(names = NAMES, remembered?: unknown): PageState {
  const state = initialState(parseViewState(remembered));
  const rows = names.map((name, index) => tableRow(index, { name }));
  const message: HostMessage = {
    type: 'model', budget: { bytesBefore: 1, bytesAfter: null, averageBits: null, plannedLayers: 0, quantizedAlready: 0, worst: null },
    layers: rows.map((row) => row.layer), plan: rows.flatMap((row) => row.plan ?? []),
    header: { fileName: 'm.onnx', producer: '', opset: '', layerCount: names.length, parameters: 1, bytes: 1, missingFiles: [], canLocate: false, canQuantize: true },
  };
  applyHostMessage(state, message);
  refreshOrder(state);
  return state;
}

function grouped(): PageState {
  const state = opened();
  toggleGrouped(state);
  refreshOrder(state);
  return state;
}

function collapse(state: PageState, line: number): void {
  toggleGroup(state, line);
  refreshOrder(state);
}

describe('a grouped table', () => {
  it('has a line for each group before its layers', () => {
    const state = grouped();
    expect(state.lines.order).toEqual([-1, 0, 1, -2, 2, 3, 4]);
    collapse(state, -1);
    expect(state.lines.order).toEqual([-1, -2, 2, 3, 4]);
    expect(state.order).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives the focus to the group that hides the current layer, and selects it as a whole or not at all', () => {
    const state = grouped();
    state.selection = selectOnly(3);
    collapse(state, -2);
    expect(state.selection).toEqual(selectLine(state.lines, -2));
    collapse(state, -2);
    state.selection = { current: 0, anchor: 0, selected: new Set([0, 3]) };
    collapse(state, -2);
    expect(state.selection).toEqual({ current: 0, anchor: 0, selected: new Set([0]) });
    state.selection = { current: 0, anchor: 0, selected: new Set([0, 2, 3, 4]) };
    collapse(state, -1);
    expect(state.selection).toEqual({ current: 0, group: -1, anchor: -1, selected: new Set([2, 3, 4]) });
  });

  it('keeps groups that the filter matches, and drops the focus of one that went', () => {
    const state = grouped();
    state.selection = selectLine(state.lines, -1);
    state.filter = 'name:b.0';
    state.orderIsStale = true;
    refreshOrder(state);
    expect(state.lines.order).toEqual([-2, 2, 3, 4]);
    expect(state.selection).toEqual(selectOnly(2));
  });

  it('goes back to plain rows with a plain focus', () => {
    const state = grouped();
    state.selection = selectLine(state.lines, -2);
    toggleGrouped(state);
    refreshOrder(state);
    expect(state.lines.order).toEqual([0, 1, 2, 3, 4]);
    expect(state.selection).toEqual({ current: 2, anchor: -2, selected: new Set([2, 3, 4]) });
  });

  it('is remembered with what is folded away', () => {
    const state = grouped();
    collapse(state, -1);
    const remembered: unknown = JSON.parse(JSON.stringify(toViewState(state)));
    const again = opened(NAMES, remembered);
    expect(again.lines.order).toEqual([-1, -2, 2, 3, 4]);
    setCollapsed(again, 'a.0', true);
    expect(again.orderIsStale).toBe(false);
  });

  it('takes the layout used last only where the tab remembers none', () => {
    const layout = { order: [], hidden: ['op'], kept: [], widths: {}, grouped: true };
    const fresh = opened();
    applyHostMessage(fresh, { type: 'tableLayout', layout });
    expect(fresh.layout).toMatchObject({ hidden: ['op'], grouped: true });
    const own = grouped();
    applyHostMessage(own, { type: 'tableLayout', layout });
    expect(own.layout).toMatchObject({ hidden: [], grouped: true });
  });
});

describe('what moved', () => {
  it('is counted once a layer, and forgotten with the next version and when it was seen', () => {
    const state = opened();
    const moved = (index: number, ks: number) => applyHostMessage(state, { type: 'drift', layers: [{ index, ks }] });
    moved(0, 0);
    moved(1, 0.2);
    moved(2, 0.3);
    moved(3, 0.1);
    moved(2, 0.3);
    moved(99, 1);
    expect(state.drift).toEqual({ compared: 4, moved: 3, most: { layer: 2, ks: 0.3 } });
    state.sort = { column: 'moved', descending: true };
    state.orderIsStale = true;
    refreshOrder(state);
    expect(state.order).toEqual([2, 1, 3, 0, 4]);
    dismissDrift(state);
    refreshOrder(state);
    expect([state.drift, state.sort, state.rows.get(2)?.moved]).toEqual([null, null, null]);
    expect(state.order).toEqual([0, 1, 2, 3, 4]);
  });

  it('sorts anew only where that depends on it', () => {
    const state = opened();
    applyHostMessage(state, { type: 'drift', layers: [{ index: 0, ks: 1 }] });
    expect(state.orderIsStale).toBe(false);
    state.filter = 'moved>0.5';
    applyHostMessage(state, { type: 'drift', layers: [{ index: 1, ks: 1 }] });
    refreshOrder(state);
    expect(state.order).toEqual([0, 1]);
  });
});
