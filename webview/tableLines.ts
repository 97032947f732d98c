import type { GroupRow } from './groupRow';
import { groupFigures } from './layerGroups';
import { focusedLine, isSelected } from './selection';
import type { PageState } from './state';
import { isQuantizable, type TableRow } from './tableRow';
import type { TableState } from './virtualList';

/** A row of the table: a layer's or a group's. */
export type LineRow = TableRow | GroupRow;

export function isGroupRow(row: LineRow): row is GroupRow {
  return 'group' in row;
}

/** The page's state as the rows of a table; those of groups stay the same objects until something they say changes. */
export function createTableLines(state: Readonly<PageState>): () => TableState<LineRow> {
  let groupRows = new Map<number, GroupRow>();
  let known: readonly unknown[] = [];

  const groupRow = (line: number): GroupRow | undefined => {
    const drawn = groupRows.get(line);
    const group = state.groups.get(line);
    if (drawn || !group) return drawn;
    const rows = group.layers.flatMap((layer) => state.rows.get(layer) ?? []);
    const row = {
      group, figures: groupFigures(rows), collapsed: state.collapsed.has(group.path), quantizable: rows.some(isQuantizable),
    };
    groupRows.set(line, row);
    return row;
  };

  return () => {
    const { lines, selection, groups, planChanges, collapsed, drift } = state;
    const wanted = [groups, planChanges, collapsed, drift];
    if (wanted.some((part, index) => part !== known[index])) groupRows = new Map();
    known = wanted;
    return {
      rows: { get: (line) => (line < 0 ? groupRow(line) : state.rows.get(line)) },
      order: lines.order,
      selection: {
        current: focusedLine(selection),
        selected: { has: (line) => (line < 0 ? isSelected(selection, lines, line) : selection.selected.has(line)) },
      },
    };
  };
}
