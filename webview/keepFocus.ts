/**
 * VS Code gives a page the keyboard back after a menu, a list or a dialog, but not the element in it that had it: keys would do
 * nothing then. Whichever had it last takes it again; a row that was drawn anew meanwhile has `focusRow` find its successor.
 */
export function keepFocus(focusRow: () => void): void {
  let last: HTMLElement | null = null;
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) last = target;
  });
  window.addEventListener('focus', () => {
    if (document.activeElement !== document.body) return;
    if (last?.isConnected) last.focus({ preventScroll: true });
    else if (last?.matches('[role=row]')) focusRow();
  });
}
