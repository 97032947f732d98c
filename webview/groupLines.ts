import type { LayerGroup } from './layerGroups';
import { isSelected, selectLine, type Lines, type Selection } from './selection';

/** What groups make of a table; `groups` by line. */
export interface Grouping {
  readonly groups: ReadonlyMap<number, LayerGroup>;
  readonly moduleOf: ReadonlyMap<number, string>;
  readonly collapsed: ReadonlySet<string>;
  readonly lines: Lines;
}

/** Each group's row, followed by those of its layers where it is not collapsed. */
export function linesOf(groups: ReadonlyMap<number, LayerGroup>, collapsed: ReadonlySet<string>): Lines {
  return {
    order: [...groups.values()].flatMap(({ line, path, layers }) => (collapsed.has(path) ? [line] : [line, ...layers])),
    members: (line) => (line < 0 ? (groups.get(line)?.layers ?? []) : [line]),
  };
}

/** The group a layer is in, or null where rows are not grouped. */
export function groupOf({ groups, moduleOf }: Pick<Grouping, 'groups' | 'moduleOf'>, layer: number | null): LayerGroup | null {
  const path = layer === null ? undefined : moduleOf.get(layer);
  for (const group of groups.values()) if (group.path === path) return group;
  return null;
}

/**
 * What may stay selected when groups come, go and collapse: layers of a collapsed group all or not at all, so that its row
 * says what a key would change. The focus goes to the row of the group that hides it.
 */
export function keepSelectable(selection: Selection, grouping: Grouping): Selection {
  const { groups, collapsed, lines } = grouping;
  const { group: focused, ...rest } = selection;
  const kept: Selection = focused !== undefined && groups.has(focused) ? selection : rest;
  if (groups.size === 0) return kept;
  const hidden = [...groups.values()].filter((group) => collapsed.has(group.path));
  const partly = hidden.filter((group) => !isSelected(kept, lines, group.line)).flatMap(({ layers }) => layers);
  const dropped = new Set(partly.filter((layer) => kept.selected.has(layer)));
  const around = groupOf(grouping, kept.current);
  const holder = around && collapsed.has(around.path) && kept.group !== around.line ? around : null;
  if (dropped.size === 0 && !holder) return kept;
  const selected = new Set([...kept.selected].filter((layer) => !dropped.has(layer)));
  if (holder && selected.size === 0) return selectLine(lines, holder.line);
  if (!holder) return { ...kept, selected };
  return { current: kept.current, group: holder.line, anchor: holder.line, selected };
}
