/** Which layers a gesture applies to; numbers are layer indexes, `order` the rows on screen from top to bottom. */
export interface Selection {
  /** The row with the keyboard's focus, shown in the inspector. */
  readonly current: number | null;
  /** Where a range extended with Shift starts. */
  readonly anchor: number | null;
  readonly selected: ReadonlySet<number>;
}

export const NOTHING_SELECTED: Selection = { current: null, anchor: null, selected: new Set() };

export function selectOnly(layer: number): Selection {
  return { current: layer, anchor: layer, selected: new Set([layer]) };
}

/** Adds the layer to the selection or takes it out; it becomes the current one either way. */
export function toggle(selection: Selection, layer: number): Selection {
  const selected = new Set(selection.selected);
  if (!selected.delete(layer)) selected.add(layer);
  return { current: layer, anchor: layer, selected };
}

/** Selects everything from the anchor to the layer. */
export function extendTo(selection: Selection, order: readonly number[], layer: number): Selection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(layer);
  if (from < 0 || to < 0) return selectOnly(layer);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { current: layer, anchor: selection.anchor, selected: new Set(range) };
}

/** Moves the focus alone, so that rows apart from each other can be toggled. */
export function focusOnly(selection: Selection, layer: number): Selection {
  return { ...selection, current: layer };
}

export function selectAll(selection: Selection, order: readonly number[]): Selection {
  return { current: selection.current ?? order[0] ?? null, anchor: order[0] ?? null, selected: new Set(order) };
}

/**
 * What is left when rows come and go: a row that cannot be seen is never selected, so that no key changes it. A current
 * row that left is followed by the one now standing at `position`, where it stood.
 */
export function keepVisible(selection: Selection, order: readonly number[], position: number): Selection {
  const visible = new Set(order);
  if (order.length === 0) return { ...selection, selected: new Set() };
  const selected = new Set([...selection.selected].filter((layer) => visible.has(layer)));
  if (selection.current !== null && visible.has(selection.current)) {
    if (selected.size === selection.selected.size && selected.size > 0) return selection;
    return selected.size > 0 ? { ...selection, selected } : selectOnly(selection.current);
  }
  const successor = order[Math.min(Math.max(position, 0), order.length - 1)] ?? null;
  if (successor === null) return NOTHING_SELECTED;
  return selected.size > 0 ? { current: successor, anchor: successor, selected } : selectOnly(successor);
}
