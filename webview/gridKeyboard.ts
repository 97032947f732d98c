import { extendTo, focusOnly, selectAll, selectOnly, toggle, type Selection } from './selection';

export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>;

/**
 * What a key pressed on a row selects, or null when the key is not the grid's; `page` is how many rows PageUp and PageDown
 * move. Shift extends, Ctrl moves the focus alone, Space selects and Ctrl+Space toggles.
 */
export function selectedByKey(press: KeyPress, selection: Selection, order: readonly number[], page: number): Selection | null {
  const control = press.ctrlKey || press.metaKey;
  const { current } = selection;
  if (control && press.key.toLowerCase() === 'a') return selectAll(selection, order);
  if (press.key === ' ') return current === null ? null : control ? toggle(selection, current) : selectOnly(current);
  const position = movedPosition(press.key, current === null ? -1 : order.indexOf(current), order.length, page);
  const layer = position === null ? undefined : order[position];
  if (layer === undefined) return null;
  if (press.shiftKey) return extendTo(selection, order, layer);
  return control ? focusOnly(selection, layer) : selectOnly(layer);
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
