import type { Inspected, PageMessage } from '../src/protocol/page';
import { NOTHING_SELECTED, type Selection } from './selection';
import type { PageState } from './state';
import { isFirstLayout, savedLayout } from './tableLayout';

export interface PageReports {
  /** Tells which tab of the inspector is in sight and which layers are selected, where that has changed. */
  reportInspection(): void;
  /** Tells how the table is laid out, where that has changed. */
  reportLayout(): void;
  /** The layout is what the host has said. */
  takeLayout(): void;
}

/** Tells the host what a person looks at. */
export function createPageReports(state: Readonly<PageState>, post: (message: PageMessage) => void): PageReports {
  /** As the host or this tab remembers it. */
  let keptLayout = state.layout;
  let inspected: Inspected | null = null;
  let selection: Selection = NOTHING_SELECTED;

  return {
    reportInspection() {
      const { tab, perTensor } = state.inspector;
      if (tab !== inspected?.tab || perTensor !== inspected.perTensor) {
        inspected = { tab, perTensor };
        post({ type: 'inspect', ...inspected });
      }
      if (state.selection === selection) return;
      selection = state.selection;
      post({ type: 'select', layers: [...selection.selected], current: selection.current });
    },
    reportLayout() {
      const { layout } = state;
      if (layout === keptLayout || layout === null) return;
      keptLayout = layout;
      post({ type: 'tableLayout', layout: isFirstLayout(layout) ? null : savedLayout(layout) });
    },
    takeLayout() {
      keptLayout = state.layout;
    },
  };
}
