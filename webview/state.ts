import type { Budget, Header, HostMessage, PageCodebook, PageProblem } from '../src/protocol/page';
import { parseFilter } from './filter';
import { keepVisible, NOTHING_SELECTED, type Selection } from './selection';
import { sortRows, type Sort } from './sort';
import { layerKey, type TableRow } from './tableRow';
import type { ViewState } from './viewState';

/** Everything the page draws. A row is replaced, not changed, when something new is known of it. */
export interface PageState {
  /** How many models arrived, reopened ones included. */
  modelsOpened: number;
  /** Null until a model arrived. */
  header: Header | null;
  budget: Budget | null;
  /** Shown instead of the model. */
  problem: PageProblem | null;
  /** By layer index, in the model's order. */
  rows: Map<number, TableRow>;
  codebooks: Map<number, PageCodebook>;
  filter: string;
  filterProblems: readonly string[];
  sort: Sort | null;
  /** Layer indexes from top to bottom, filtered and sorted. */
  order: readonly number[];
  orderIsStale: boolean;
  selection: Selection;
  logCounts: boolean;
  showGauss: boolean;
  scrollTop: number;
  /** Layers selected in an earlier life of this tab, until its model arrives. */
  remembered: Pick<ViewState, 'current' | 'selected'>;
}

/** More names than these are not worth remembering with every change. */
const REMEMBERED_LAYERS = 200;

export function initialState(view: ViewState): PageState {
  const { filter, sort, logCounts, showGauss, scrollTop, current, selected } = view;
  return {
    modelsOpened: 0, header: null, budget: null, problem: null, rows: new Map(),
    codebooks: new Map(), filter, filterProblems: [], sort, order: [], orderIsStale: true, selection: NOTHING_SELECTED,
    logCounts, showGauss, scrollTop, remembered: { current, selected },
  };
}

export function toViewState(state: PageState): ViewState {
  const { filter, sort, logCounts, showGauss, scrollTop } = state;
  return { filter, sort, logCounts, showGauss, scrollTop, ...selectedKeys(state) };
}

/** Takes in what the host says; `focusFilter` and `focusGrid` are no state and left to the page. */
export function applyHostMessage(state: PageState, message: HostMessage): void {
  switch (message.type) {
    case 'model':
      return openModel(state, message);
    case 'plan':
      for (const plan of message.plan) changeRow(state, plan.index, { plan });
      state.budget = message.budget;
      state.orderIsStale ||= state.filter !== '' || sortsBy(state, ['bits', 'method', 'sqnr']);
      return;
    case 'statistics':
      changeRow(state, message.statistics.index, { statistics: message.statistics, problem: null });
      state.orderIsStale ||= sortsBy(state, ['distribution', 'fit']);
      return;
    case 'layerProblem':
      return changeRow(state, message.index, { problem: message.problem });
    case 'codebook':
      if (message.codebook) state.codebooks.set(message.index, message.codebook);
      else state.codebooks.delete(message.index);
      return;
    case 'problem':
      state.problem = message.problem;
  }
}

function openModel(state: PageState, { header, layers, plan, budget }: Extract<HostMessage, { type: 'model' }>): void {
  const wanted = selectedKeys(state);
  const planOf = new Map(plan.map((row) => [row.index, row]));
  const indexOf = new Map(layers.map((layer) => [layerKey(layer), layer.index]));
  state.modelsOpened++;
  state.header = header;
  state.budget = budget;
  state.problem = null;
  state.codebooks = new Map();
  state.rows = new Map(layers.map((layer) => [
    layer.index, { layer, plan: planOf.get(layer.index) ?? null, statistics: null, problem: null },
  ]));
  const current = wanted.current === null ? undefined : indexOf.get(wanted.current);
  const fallback = layers.find((layer) => layer.reason === null) ?? layers[0];
  const shown = current ?? fallback?.index ?? null;
  const selected = wanted.selected.map((key) => indexOf.get(key)).filter((index) => index !== undefined);
  state.selection = {
    current: shown, anchor: shown, selected: new Set(selected.length > 0 ? selected : shown === null ? [] : [shown]),
  };
  state.orderIsStale = true;
}

/** Filters and sorts anew where something they depend on changed. */
export function refreshOrder(state: PageState): void {
  if (!state.orderIsStale) return;
  state.orderIsStale = false;
  const { matches, problems } = parseFilter(state.filter);
  const position = state.selection.current === null ? 0 : state.order.indexOf(state.selection.current);
  const rows = sortRows([...state.rows.values()], state.sort).filter(matches);
  state.filterProblems = problems;
  state.order = rows.map((row) => row.layer.index);
  state.selection = keepVisible(state.selection, state.order, position);
}

export function currentRow(state: PageState): TableRow | null {
  const { current } = state.selection;
  return current === null ? null : (state.rows.get(current) ?? null);
}

function changeRow(state: PageState, index: number, change: Partial<TableRow>): void {
  const row = state.rows.get(index);
  if (row) state.rows.set(index, { ...row, ...change });
}

function sortsBy(state: PageState, among: readonly Sort['column'][]): boolean {
  return state.sort !== null && among.includes(state.sort.column);
}

function selectedKeys(state: PageState): PageState['remembered'] {
  if (state.rows.size === 0) return state.remembered;
  const key = (index: number): string[] => {
    const row = state.rows.get(index);
    return row ? [layerKey(row.layer)] : [];
  };
  const { current, selected } = state.selection;
  return {
    current: current === null ? null : (key(current)[0] ?? null),
    selected: selected.size > REMEMBERED_LAYERS ? [] : [...selected].flatMap(key),
  };
}
