/**
 * Rows on screen. A line is a layer's index, or a negative number for a row that stands for several layers.
 */
export interface Lines {
  /** From top to bottom. */
  readonly order: readonly number[];
  /** The layers a line stands for. */
  members(line: number): readonly number[];
}

/** Which layers a gesture applies to; numbers are layer indexes unless they are called lines. */
export interface Selection {
  /** The layer shown in the inspector; its row has the keyboard's focus unless a group's has. */
  readonly current: number | null;
  /** The line of the group whose row has the keyboard's focus; absent when a layer's has. */
  readonly group?: number;
  /** The line where a range extended with Shift starts. */
  readonly anchor: number | null;
  readonly selected: ReadonlySet<number>;
}

export const NOTHING_SELECTED: Selection = { current: null, anchor: null, selected: new Set() };

/** Lines that are layers, each for itself. */
export function plainLines(order: readonly number[]): Lines {
  return { order, members: (line) => [line] };
}

/** The line with the keyboard's focus. */
export function focusedLine({ current, group }: Selection): number | null {
  return group ?? current;
}

export function selectOnly(layer: number): Selection {
  return { current: layer, anchor: layer, selected: new Set([layer]) };
}

/** Selects what a line stands for. */
export function selectLine(lines: Lines, line: number): Selection {
  return { ...focusOn(lines, line), anchor: line, selected: new Set(lines.members(line)) };
}

/** Selects layers that were chosen elsewhere. */
export function selectChosen(layers: readonly number[], current: number): Selection {
  return { current, anchor: current, selected: new Set(layers) };
}

/** Adds what the line stands for to the selection, or takes it out where all is selected; it gets the focus either way. */
export function toggle(selection: Selection, lines: Lines, line: number): Selection {
  const selected = new Set(selection.selected);
  const members = lines.members(line);
  if (isSelected(selection, lines, line)) for (const layer of members) selected.delete(layer);
  else for (const layer of members) selected.add(layer);
  return { ...focusOn(lines, line), anchor: line, selected };
}

/** Selects everything from the anchor to the line. */
export function extendTo(selection: Selection, lines: Lines, line: number): Selection {
  const from = selection.anchor === null ? -1 : lines.order.indexOf(selection.anchor);
  const to = lines.order.indexOf(line);
  if (from < 0 || to < 0) return selectLine(lines, line);
  const range = lines.order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ...focusOn(lines, line), anchor: selection.anchor, selected: new Set(range.flatMap(lines.members)) };
}

/** Moves the focus alone, so that rows apart from each other can be toggled. */
export function focusOnly({ anchor, selected }: Selection, lines: Lines, line: number): Selection {
  return { ...focusOn(lines, line), anchor, selected };
}

export function selectAll(selection: Selection, lines: Lines): Selection {
  const [first = null] = lines.order;
  const focus = focusedLine(selection) ?? first;
  return {
    ...(focus === null ? { current: null } : focusOn(lines, focus)),
    anchor: first, selected: new Set(lines.order.flatMap(lines.members)),
  };
}

/** Whether all that the line stands for is selected. */
export function isSelected({ selected }: Selection, lines: Lines, line: number): boolean {
  return lines.members(line).every((layer) => selected.has(layer));
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

function focusOn(lines: Lines, line: number): Pick<Selection, 'current' | 'group'> {
  return line < 0 ? { current: lines.members(line)[0] ?? null, group: line } : { current: line };
}
