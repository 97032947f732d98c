import type { HostMessage, Inspected } from '../protocol/page';

/** One page as the model host sees it: somewhere to send messages, and what a person looks at there. */
export interface PageView {
  post(message: HostMessage): void;
  /** Rows on screen. */
  visible: readonly number[];
  selected: readonly number[];
  /** The layer in the inspector. */
  current: number | null;
  /** What the inspector shows of it. */
  inspected: Inspected;
}

/** What a page shows until it says otherwise. */
export const FIRST_INSPECTED: Inspected = { tab: 'distribution', perTensor: false };

/** Layers that someone looks at, in the order they should be served: inspected, selected, on screen. */
export function watchedLayers(pages: Iterable<PageView>): number[] {
  const all = [...pages];
  return [...new Set([
    ...all.flatMap(({ current }) => (current === null ? [] : [current])),
    ...all.flatMap(({ selected }) => selected.slice(0, SELECTED_AT_ONCE)),
    ...all.flatMap(({ visible }) => visible),
  ])];
}

/** More selected rows than fit on a screen are no more urgent than the rest of the model. */
const SELECTED_AT_ONCE = 100;
