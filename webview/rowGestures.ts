import { groupOf } from './groupLines';
import { selectedByKey } from './gridKeyboard';
import { extendTo, focusOnly, isSelected, selectLine, selectOnly, toggle, type Selection } from './selection';
import { setCollapsed, toggleGroup } from './state';
import type { Store } from './store';

export interface RowActions {
  select(selection: Selection): void;
  /** Selects, brings the focused row on screen and gives it the focus. */
  reveal(selection: Selection): void;
  /** How many rows PageUp and PageDown move. */
  rowsOnPage(): number;
}

/** What is done on the rows in `body`: selecting and folding groups away, by pointer and by keyboard. */
export function addRowGestures(body: HTMLElement, store: Store, { select, reveal, rowsOnPage }: RowActions): void {
  const { state } = store;

  /** Groups open and close with the arrows, as in a tree; true when the key was one of that. */
  const foldByKey = (key: string): boolean => {
    const { selection, groups, lines } = state;
    const group = groups.get(selection.group ?? 0);
    if (key === 'ArrowLeft' && !group) {
      const around = groupOf(state, selection.current);
      if (around) reveal(selectLine(lines, around.line));
      return around !== null;
    }
    if (!group || (key !== 'ArrowLeft' && key !== 'ArrowRight')) return false;
    const collapsed = state.collapsed.has(group.path);
    const [first] = group.layers;
    if (key === 'ArrowRight' && !collapsed && first !== undefined) reveal(selectOnly(first));
    else store.update((changed) => setCollapsed(changed, group.path, key === 'ArrowLeft'));
    return true;
  };

  body.addEventListener('mousedown', (event) => {
    const line = lineAt(event.target);
    if (line === null || event.button !== 0) return;
    if (event.target instanceof Element && event.target.closest('.twistie')) {
      event.preventDefault();
      return store.update((changed) => toggleGroup(changed, line));
    }
    const { selection, lines } = state;
    if (event.shiftKey) select(extendTo(selection, lines, line));
    else if (event.ctrlKey || event.metaKey) select(toggle(selection, lines, line));
    else if (event.target instanceof HTMLSelectElement && selection.selected.has(line)) select(focusOnly(selection, lines, line));
    else select(selectLine(lines, line));
  });
  body.addEventListener('dblclick', (event) => {
    const line = lineAt(event.target);
    const onTwistie = event.target instanceof Element && event.target.closest('.twistie');
    if (line !== null && line < 0 && !onTwistie) store.update((changed) => toggleGroup(changed, line));
  });
  body.addEventListener('contextmenu', (event) => {
    const line = lineAt(event.target);
    if (line === null) return;
    const { selection, lines } = state;
    select(isSelected(selection, lines, line) ? focusOnly(selection, lines, line) : selectLine(lines, line));
  });
  body.addEventListener('keydown', (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (plain && foldByKey(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === 'ArrowRight') return (event.target as HTMLElement).querySelector('select')?.focus();
    const selection = selectedByKey(event, state.selection, state.lines, rowsOnPage());
    if (!selection) return;
    event.preventDefault();
    event.stopPropagation();
    reveal(selection);
  });
}

function lineAt(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-layer], [data-group]') : null;
  return row ? Number(row.dataset['layer'] ?? row.dataset['group']) : null;
}
