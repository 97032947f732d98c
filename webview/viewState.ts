import * as v from 'valibot';
import { tableLayout } from '../src/protocol/page';
import { COLUMN_IDS } from './columns';
import { FIRST_INSPECTOR, inspectorView } from './inspectorView';

/** What a tab remembers while hidden or reloaded; layers by key, since a changed model may number them anew. */
const viewState = v.object({
  filter: v.string(),
  sort: v.nullable(v.object({ column: v.picklist(COLUMN_IDS), descending: v.boolean() })),
  scrollTop: v.number(),
  current: v.nullable(v.string()),
  selected: v.array(v.string()),
  logCounts: v.boolean(),
  showGauss: v.boolean(),
  inspector: v.optional(inspectorView, FIRST_INSPECTOR),
  /** Null before the table was ever shown. */
  layout: v.optional(v.nullable(tableLayout), null),
  /** Modules whose rows are folded away. */
  collapsed: v.optional(v.array(v.string()), []),
});

export type ViewState = v.InferOutput<typeof viewState>;

const FIRST_VIEW: ViewState = {
  filter: '', sort: null, scrollTop: 0, current: null, selected: [], logCounts: false, showGauss: false,
  inspector: FIRST_INSPECTOR, layout: null, collapsed: [],
};

/** The remembered view, or that of a tab never seen before. */
export function parseViewState(remembered: unknown): ViewState {
  const result = v.safeParse(viewState, remembered);
  return result.success ? result.output : FIRST_VIEW;
}
