import * as v from 'valibot';
import { METHOD_ORDER } from './methodMarks';

/** Tabs of the inspector. */
const TAB_IDS = ['distribution', 'error', 'channels', 'node'] as const;
export type TabId = (typeof TAB_IDS)[number];

/** What the inspector shows of any layer: its tab, and the switches of the error chart. */
export const inspectorView = v.object({
  tab: v.picklist(TAB_IDS),
  showPredicted: v.boolean(),
  relative: v.boolean(),
  perTensor: v.boolean(),
  outputs: v.optional(v.boolean(), false),
  hiddenMethods: v.array(v.picklist(METHOD_ORDER)),
});

export type InspectorView = v.InferOutput<typeof inspectorView>;

export const FIRST_INSPECTOR: InspectorView = {
  tab: 'distribution', showPredicted: false, relative: false, perTensor: false, outputs: false, hiddenMethods: [],
};
