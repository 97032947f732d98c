import type { Budget, CalibrationState, EvaluationState, Header, HostMessage, PageCodebook, PageProblem, PlanRow } from '../src/protocol/page';
import type { ColumnId } from './columns';
import { withLayer, type Drift } from './drift';
import { parseFilter } from './filter';
import { groupsOf, moduleOfLayers, type LayerGroup } from './layerGroups';
import { keepSelectable, linesOf } from './groupLines';
import { keepVisible, NOTHING_SELECTED, plainLines, type Lines, type Selection } from './selection';
import { sortRows, type Sort } from './sort';
import { FIRST_LAYOUT, layoutOf, savedLayout, type TableLayout } from './tableLayout';
import type { InspectorView } from './inspectorView';
import { applyCurves, NO_CURVES, type LayerCurves } from './layerCurves';
import type { SupportLimit } from './supportLimit';
import { isQuantizable, layerKey, type TableRow } from './tableRow';
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
  /** Why the file cannot be read just now, while the model is shown as it was. */
  waiting: PageProblem | null;
  /** By layer index, in the model's order. */
  rows: Map<number, TableRow>;
  /** Whether layers that can be quantized have several data types. */
  typesDiffer: boolean;
  codebooks: Map<number, PageCodebook>;
  filter: string;
  filterProblems: readonly string[];
  sort: Sort | null;
  /** Null until the host has said how tables are laid out, in a tab that remembers nothing itself. */
  layout: TableLayout | null;
  /** The module each layer belongs to. */
  moduleOf: ReadonlyMap<number, string>;
  /** Paths of modules whose rows are folded away. */
  collapsed: ReadonlySet<string>;
  /** By line; none where rows are not grouped. */
  groups: ReadonlyMap<number, LayerGroup>;
  /** Layer indexes from top to bottom, filtered and sorted, those of collapsed groups included. */
  order: readonly number[];
  /** The rows of the table: layers and groups. */
  lines: Lines;
  orderIsStale: boolean;
  /** How often the plan's figures have changed. */
  planChanges: number;
  /** Null when the file did not change in place, or what moved has been seen. */
  drift: Drift | null;
  /** Null while the plan names no calibration data. */
  calibration: CalibrationState | null;
  /** Null before there was one, and once it was dismissed. */
  evaluation: EvaluationState | null;
  selection: Selection;
  logCounts: boolean;
  showGauss: boolean;
  inspector: InspectorView;
  /** What is known of the current layer, or of the one before it, beyond its row. */
  curves: LayerCurves;
  /** A support limit that is tried on a layer. */
  triedLimit: { layer: number; limit: SupportLimit } | null;
  scrollTop: number;
  /** Layers selected in an earlier life of this tab, until its model arrives. */
  remembered: Pick<ViewState, 'current' | 'selected'>;
}

/** More names than these are not worth remembering with every change. */
const REMEMBERED_LAYERS = 200;

export function initialState(view: ViewState): PageState {
  const { filter, sort, logCounts, showGauss, inspector, scrollTop, current, selected, layout, collapsed } = view;
  return {
    modelsOpened: 0, header: null, budget: null, problem: null, waiting: null, rows: new Map(), typesDiffer: false,
    codebooks: new Map(), filter, filterProblems: [],
    sort, layout: layout && layoutOf(layout), moduleOf: new Map(), collapsed: new Set(collapsed), groups: new Map(), order: [],
    lines: plainLines([]), orderIsStale: true, planChanges: 0, drift: null, calibration: null, evaluation: null, selection: NOTHING_SELECTED,
    logCounts, showGauss, inspector, curves: NO_CURVES, triedLimit: null,
    scrollTop, remembered: { current, selected },
  };
}

export function toViewState(state: PageState): ViewState {
  const { filter, sort, logCounts, showGauss, inspector, scrollTop, layout, collapsed } = state;
  return {
    filter, sort, logCounts, showGauss, inspector, scrollTop, ...selectedKeys(state),
    layout: layout && savedLayout(layout), collapsed: [...collapsed].slice(0, REMEMBERED_LAYERS),
  };
}

/** Takes in what the host says; `focusFilter` and `focusGrid` are no state and left to the page. */
export function applyHostMessage(state: PageState, message: HostMessage): void {
  switch (message.type) {
    case 'model':
      return openModel(state, message);
    case 'plan':
      for (const plan of message.plan) {
        forgetTriedLimit(state, plan);
        changeRow(state, plan.index, { plan });
      }
      state.budget = message.budget;
      state.planChanges++;
      state.orderIsStale ||= state.filter !== '' || sortsBy(state, ['bits', 'method', 'sqnr', 'output']);
      return;
    case 'statistics':
      changeRow(state, message.statistics.index, { statistics: message.statistics, problem: null });
      state.orderIsStale ||= sortsBy(state, ['distribution', 'fit']);
      return;
    case 'drift':
      for (const { index, ks } of message.layers) moveLayer(state, index, ks);
      state.orderIsStale ||= state.filter !== '' || sortsBy(state, ['moved']);
      return;
    case 'calibration':
      state.calibration = message.calibration;
      if (message.calibration === null && sortsBy(state, ['output'])) {
        state.sort = null;
        state.orderIsStale = true;
      }
      return;
    case 'evaluation':
      state.evaluation = message.evaluation;
      return;
    case 'tableLayout':
      state.layout ??= layoutOf(message.layout);
      state.orderIsStale = true;
      return;
    case 'layerProblem':
      return changeRow(state, message.index, { problem: message.problem });
    case 'methodCurves':
    case 'supportCurve':
    case 'layerErrors':
    case 'channelRanges':
    case 'channelErrors':
    case 'layerNodes':
    case 'curveProblem':
      state.curves = applyCurves(state.curves, message);
      return;
    case 'codebook':
      if (!message.codebook) state.curves = { ...state.curves, errors: null, channelErrors: null };
      if (message.codebook) state.codebooks.set(message.index, message.codebook);
      else state.codebooks.delete(message.index);
      return;
    case 'waiting':
      state.waiting = message.problem;
      return;
    case 'problem':
      state.waiting = null;
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
  state.waiting = null;
  state.codebooks = new Map();
  state.curves = NO_CURVES;
  state.triedLimit = null;
  state.rows = new Map(layers.map((layer) => [
    layer.index, { layer, plan: planOf.get(layer.index) ?? null, statistics: null, problem: null, moved: null },
  ]));
  state.typesDiffer = new Set([...state.rows.values()].filter(isQuantizable).map(({ layer }) => layer.dtype)).size > 1;
  if (!state.typesDiffer && sortsBy(state, ['type'])) state.sort = null;
  state.moduleOf = moduleOfLayers(layers);
  state.planChanges++;
  state.drift = null;
  state.calibration = null;
  state.evaluation = null;
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
  const shown = rows.map((row) => row.layer.index);
  const groups = tableLayoutOf(state).grouped ? groupsOf(shown, state.moduleOf) : [];
  state.filterProblems = problems;
  state.groups = new Map(groups.map((group) => [group.line, group]));
  state.order = groups.length > 0 ? groups.flatMap(({ layers }) => layers) : shown;
  state.lines = groups.length > 0 ? linesOf(state.groups, state.collapsed) : plainLines(shown);
  state.selection = keepSelectable(keepVisible(state.selection, state.order, position), state);
}

/** How the table is laid out now. */
export function tableLayoutOf({ layout }: Pick<PageState, 'layout'>): TableLayout {
  return layout ?? FIRST_LAYOUT;
}

/**
 * Columns that have nothing to say: of data types where there is one (layers that cannot be quantized say theirs under Bits, or why), of
 * what moved where nothing can have, of outputs without calibration data.
 */
export function silentColumns({ typesDiffer, drift, calibration }: Pick<PageState, 'typesDiffer' | 'drift' | 'calibration'>): ColumnId[] {
  return [
    ...(typesDiffer ? [] : ['type'] as const), ...(drift ? [] : ['moved'] as const), ...(calibration ? [] : ['output'] as const),
  ];
}

export function setLayout(state: PageState, layout: TableLayout): void {
  state.orderIsStale ||= tableLayoutOf(state).grouped !== layout.grouped;
  state.layout = layout;
}

/** Puts rows under their modules, or takes them out. */
export function toggleGrouped(state: PageState): void {
  const layout = tableLayoutOf(state);
  setLayout(state, { ...layout, grouped: !layout.grouped });
}

/** Folds the layers of a module away, or shows them. */
export function setCollapsed(state: PageState, path: string, collapsed: boolean): void {
  if (state.collapsed.has(path) === collapsed) return;
  const paths = new Set(state.collapsed);
  if (collapsed) paths.add(path);
  else paths.delete(path);
  state.collapsed = paths;
  state.orderIsStale = true;
}

export function toggleGroup(state: PageState, line: number): void {
  const group = state.groups.get(line);
  if (group) setCollapsed(state, group.path, !state.collapsed.has(group.path));
}

/** What moved has been seen: the page goes back to how it was before the file changed. */
export function dismissDrift(state: PageState): void {
  for (const [index, row] of state.rows) if (row.moved !== null) state.rows.set(index, { ...row, moved: null });
  state.drift = null;
  if (state.sort?.column === 'moved') state.sort = null;
  state.orderIsStale = true;
}

export function currentRow(state: PageState): TableRow | null {
  const { current } = state.selection;
  return current === null ? null : (state.rows.get(current) ?? null);
}

/** A limit is tried under a plan: once that says something else of the layer, its own limit is shown again. */
function forgetTriedLimit(state: PageState, plan: PlanRow): void {
  if (state.triedLimit?.layer !== plan.index) return;
  const before = state.rows.get(plan.index)?.plan;
  const isSame = before?.bits === plan.bits && before.method === plan.method && before.support === plan.support;
  if (!isSame) state.triedLimit = null;
}

function changeRow(state: PageState, index: number, change: Partial<TableRow>): void {
  const row = state.rows.get(index);
  if (row) state.rows.set(index, { ...row, ...change });
}

function moveLayer(state: PageState, index: number, ks: number): void {
  if (state.rows.get(index)?.moved !== null) return;
  changeRow(state, index, { moved: ks });
  state.drift = withLayer(state.drift, index, ks);
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
