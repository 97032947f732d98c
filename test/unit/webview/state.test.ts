import { describe, expect, it } from 'vitest';
import type { HostMessage } from '../../../src/protocol/page';
import { selectOnly } from '../../../webview/selection';
import { applyHostMessage, currentRow, initialState, refreshOrder, silentColumns, toViewState, type PageState } from '../../../webview/state';
import { parseViewState } from '../../../webview/viewState';
import { statistics, tableRow } from './rows';

const budget = { bytesBefore: 1, bytesAfter: null, averageBits: null, plannedLayers: 0, quantizedAlready: 0, worst: null };

function model(...names: string[]): HostMessage {
  const rows = names.map((name, index) => tableRow(index, { name }));
  return {
    type: 'model', budget, layers: rows.map((row) => row.layer), plan: rows.flatMap((row) => row.plan ?? []),
    header: { fileName: 'm.onnx', producer: '', opset: '13', layerCount: names.length, parameters: 1, bytes: 1, missingFiles: [], canLocate: false, canQuantize: true },
  };
}

function opened(remembered: unknown, ...names: string[]): PageState {
  const state = initialState(parseViewState(remembered));
  applyHostMessage(state, model(...names));
  refreshOrder(state);
  return state;
}

describe('page state', () => {
  it('shows the first quantizable layer of a model never seen before', () => {
    const state = opened(undefined, 'a', 'b');
    expect(state.selection).toEqual(selectOnly(0));
    expect(state.order).toEqual([0, 1]);
  });

  it('keeps selection by name when a changed model numbers its layers anew', () => {
    const state = opened(undefined, 'a', 'b', 'c');
    state.selection = { current: 1, anchor: 1, selected: new Set([1, 2]) };
    applyHostMessage(state, model('new', 'c', 'b'));
    refreshOrder(state);
    expect(state.selection).toMatchObject({ current: 2, selected: new Set([1, 2]) });
    expect(state.modelsOpened).toBe(2);
  });

  it('has a column of data types where layers that can be quantized have several, and else is not sorted by it', () => {
    const state = opened(undefined, 'a', 'b');
    const mixed = model('a', 'b') as Extract<HostMessage, { type: 'model' }>;
    const withType = (dtype: string, reason: string | null) => (
      { ...mixed, layers: mixed.layers.map((layer) => (layer.index === 1 ? { ...layer, dtype, reason } : layer)) }
    );
    expect(silentColumns(state)).toContain('type');
    applyHostMessage(state, withType('float16', null));
    expect(silentColumns(state)).not.toContain('type');
    state.sort = { column: 'type', descending: false };
    applyHostMessage(state, withType('float16', null));
    expect(state.sort).not.toBeNull();
    applyHostMessage(state, withType('int8', 'already quantized'));
    expect(silentColumns(state)).toContain('type');
    expect(state.sort).toBeNull();
  });

  it('voids statistics and codebooks of the model before', () => {
    const state = opened(undefined, 'a');
    applyHostMessage(state, { type: 'statistics', statistics: statistics(0) });
    expect(currentRow(state)?.statistics).not.toBeNull();
    applyHostMessage(state, model('a'));
    expect(currentRow(state)?.statistics).toBeNull();
  });

  it('restores what a tab remembered, and remembers it until the model arrives', () => {
    const first = opened(undefined, 'a', 'b', 'c');
    first.selection = { current: 2, anchor: 2, selected: new Set([1, 2]) };
    first.logCounts = true;
    first.sort = { column: 'layer', descending: true };
    const remembered: unknown = JSON.parse(JSON.stringify(toViewState(first)));
    expect(toViewState(initialState(parseViewState(remembered)))).toEqual(remembered);
    const second = opened(remembered, 'a', 'b', 'c');
    expect(second.selection).toMatchObject({ current: 2, selected: new Set([1, 2]) });
    expect(second.order).toEqual([2, 1, 0]);
    expect(second.logCounts).toBe(true);
  });

  it.each([null, 7, {}, { filter: 1 }, { sort: { column: 'nonsense' } }])('takes remembered nonsense %j for a new tab', (remembered) => {
    expect(parseViewState(remembered)).toEqual(parseViewState(undefined));
  });

  it('filters anew when a plan changes what is filtered by, and moves on to the row below', () => {
    const state = opened({ ...parseViewState(undefined), filter: 'state:float' }, 'a', 'b', 'c');
    state.selection = selectOnly(1);
    const planned = tableRow(1, { bits: 4 }).plan;
    applyHostMessage(state, { type: 'plan', plan: planned ? [planned] : [], budget });
    refreshOrder(state);
    expect(state.order).toEqual([0, 2]);
    expect(state.selection).toEqual(selectOnly(2));
  });

  it('does not sort anew for what the order does not depend on', () => {
    const state = opened(undefined, 'a', 'b');
    applyHostMessage(state, { type: 'statistics', statistics: statistics(0) });
    expect(state.orderIsStale).toBe(false);
    state.sort = { column: 'fit', descending: false };
    applyHostMessage(state, { type: 'statistics', statistics: statistics(1) });
    expect(state.orderIsStale).toBe(true);
  });

  it('ignores news of layers it does not have', () => {
    const state = opened(undefined, 'a');
    applyHostMessage(state, { type: 'statistics', statistics: statistics(9) });
    expect([...state.rows.keys()]).toEqual([0]);
  });
});
