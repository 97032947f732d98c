import * as v from 'valibot';
import type { Memento } from 'vscode';
import { tableLayout, type TableLayout } from '../protocol/page';

const KEY = 'tableLayout';

/** How tables were last laid out, for editors opened from now on; null is the first layout. */
export interface LayoutMemory {
  recall(): TableLayout | null;
  keep(layout: TableLayout | null): void;
}

/**
 * Kept in the extension's storage, not in a setting: it follows from dragging headers, nobody writes it by hand, and a
 * workspace should not change it for those who share it.
 */
export function createLayoutMemory(storage: Memento): LayoutMemory {
  return {
    recall() {
      const { success, output } = v.safeParse(tableLayout, storage.get(KEY));
      return success ? output : null;
    },
    keep: (layout) => void storage.update(KEY, layout ?? undefined),
  };
}
