import * as v from 'valibot';
import type { CompareHostMessage, CompareModel, CompareProblem, CompareRow, CompareSummary } from '../src/protocol/comparePage';
import { stateText } from '../src/protocol/comparisonText';
import { COMPARE_COLUMN_IDS, COMPARE_KEYS, type CompareColumnId } from './compareColumns';
import { layerName } from './compareText';
import { keepVisible, NOTHING_SELECTED, selectOnly, type Selection } from './selection';
import { sortBy, type Sort } from './sort';

/** Everything the page of a comparison draws. */
export interface CompareState {
  models: { a: CompareModel; b: CompareModel } | null;
  tolerance: number;
  /** Of the comparison going on; null when there is none. */
  fraction: number | null;
  summary: CompareSummary | null;
  problem: CompareProblem | null;
  rows: Map<number, CompareRow>;
  filter: string;
  changesOnly: boolean;
  sort: Sort<CompareColumnId> | null;
  /** Row numbers from top to bottom, filtered and sorted. */
  order: readonly number[];
  orderIsStale: boolean;
  selection: Selection;
  scrollTop: number;
}

/** What a tab remembers while hidden; the host reads `a`, `b` and `tolerance` to bring it back after a reload. */
const viewState = v.object({
  filter: v.string(),
  changesOnly: v.boolean(),
  sort: v.nullable(v.object({ column: v.picklist(COMPARE_COLUMN_IDS), descending: v.boolean() })),
  scrollTop: v.number(),
});

export function initialCompareState(remembered: unknown): CompareState {
  const { success, output } = v.safeParse(viewState, remembered);
  const view = success ? output : { filter: '', changesOnly: false, sort: null, scrollTop: 0 };
  return {
    ...view, models: null, tolerance: 0, fraction: null, summary: null, problem: null, rows: new Map(), order: [],
    orderIsStale: true, selection: NOTHING_SELECTED,
  };
}

/** Null before the host has said what is compared. */
export function compareViewState({ models, tolerance, filter, changesOnly, sort, scrollTop }: CompareState): unknown {
  return models && { a: models.a.uri, b: models.b.uri, tolerance, filter, changesOnly, sort, scrollTop };
}

export function applyCompareMessage(state: CompareState, message: CompareHostMessage): void {
  switch (message.type) {
    case 'models':
      if (state.models && state.models.a.uri !== message.a.uri) Object.assign(state, { summary: null, problem: null });
      return void Object.assign(state, { models: { a: message.a, b: message.b }, tolerance: message.tolerance });
    case 'progress': return void Object.assign(state, { fraction: message.fraction });
    case 'problem': return void Object.assign(state, { problem: message.problem });
    case 'comparison':
      state.problem = null;
      state.summary = message.summary;
      state.rows = new Map(message.rows.map((row) => [row.index, row]));
      state.orderIsStale = true;
  }
}

/** Filters and sorts anew where something they depend on changed. */
export function refreshCompareOrder(state: CompareState): void {
  if (!state.orderIsStale) return;
  state.orderIsStale = false;
  const { sort, filter, changesOnly, selection, order } = state;
  const position = selection.current === null ? 0 : order.indexOf(selection.current);
  const matches = matcherOf(filter);
  const shown = [...state.rows.values()].filter((row) => (!changesOnly || row.state !== 'equal') && matches(row));
  const rows = sort ? sortBy(shown, COMPARE_KEYS[sort.column], sort.descending) : shown;
  state.order = rows.map(({ index }) => index);
  const kept = keepVisible(selection, state.order, position);
  state.selection = kept.current === null && rows[0] ? selectOnly(rows[0].index) : kept;
}

/** All words must be found in a row's names, operators, types or state, those after a minus must not. */
export function matcherOf(filter: string): (row: CompareRow) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '' && word !== '-');
  return (row) => {
    const text = [row.a, row.b].flatMap((layer) => (layer ? [layerName(layer), layer.op, layer.dtype] : []))
      .concat(stateText(row.state)).join('\n').toLowerCase();
    return words.every((word) => (word.startsWith('-') ? !text.includes(word.slice(1)) : text.includes(word)));
  };
}
