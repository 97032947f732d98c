import type { ChosenSettings } from '../src/protocol/page';
import type { Selection } from './selection';
import type { TableRow } from './tableRow';

/** One tab of the inspector: everything about the current layer in one respect. */
export interface InspectorTab {
  element: HTMLElement;
  /** Draws what has changed. */
  render(row: TableRow): void;
  /** Draws again what depends on the theme. */
  redraw(): void;
}

/** Puts settings into the plan. */
export type UseSettings = (layers: number[], settings: ChosenSettings) => void;

/** Which layers something chosen for the current one is for: the selection it is part of. */
export function layersToChange({ current, selected }: Selection): number[] {
  if (current === null) return [];
  return selected.has(current) ? [...selected] : [current];
}
