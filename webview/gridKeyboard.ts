import { extendTo, focusedLine, focusOnly, selectAll, selectLine, toggle, type Lines, type Selection } from './selection';

export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>;

/**
 * What a key pressed on a row selects, or null when the key is not the grid's; `page` is how many rows PageUp and PageDown
 * move. Shift extends, Ctrl moves the focus alone, Space selects and Ctrl+Space toggles.
 */
export function selectedByKey(press: KeyPress, selection: Selection, lines: Lines, page: number): Selection | null {
  const control = press.ctrlKey || press.metaKey;
  const focused = focusedLine(selection);
  if (control && press.key.toLowerCase() === 'a') return selectAll(selection, lines);
  if (press.key === ' ') return focused === null ? null : control ? toggle(selection, lines, focused) : selectLine(lines, focused);
  const { order } = lines;
  const position = movedPosition(press.key, focused === null ? -1 : order.indexOf(focused), order.length, page);
  const line = position === null ? undefined : order[position];
  if (line === undefined) return null;
  if (press.shiftKey) return extendTo(selection, lines, line);
  return control ? focusOnly(selection, lines, line) : selectLine(lines, line);
}

/** `position` is -1 before any row. */
function movedPosition(key: string, position: number, count: number, page: number): number | null {
  const moved = unboundedPosition(key, position, count, page);
  return moved === null ? null : Math.min(Math.max(moved, 0), count - 1);
}

function unboundedPosition(key: string, position: number, count: number, page: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return position + 1;
    case 'ArrowUp':
      return position - 1;
    case 'PageDown':
      return position + page;
    case 'PageUp':
      return position - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
