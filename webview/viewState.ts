import * as v from 'valibot';
import { COLUMN_IDS } from './columns';

/** What a tab remembers while hidden or reloaded; layers by key, since a changed model may number them anew. */
const viewState = v.object({
  filter: v.string(),
  sort: v.nullable(v.object({ column: v.picklist(COLUMN_IDS), descending: v.boolean() })),
  scrollTop: v.number(),
  current: v.nullable(v.string()),
  selected: v.array(v.string()),
  logCounts: v.boolean(),
  showGauss: v.boolean(),
});

export type ViewState = v.InferOutput<typeof viewState>;

const FIRST_VIEW: ViewState = {
  filter: '', sort: null, scrollTop: 0, current: null, selected: [], logCounts: false, showGauss: false,
};

/** The remembered view, or that of a tab never seen before. */
export function parseViewState(remembered: unknown): ViewState {
  const result = v.safeParse(viewState, remembered);
  return result.success ? result.output : FIRST_VIEW;
}
