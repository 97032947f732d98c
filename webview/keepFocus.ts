/**
 * VS Code gives a page the keyboard back after a menu, a list or a dialog, but not the element in it that had it: keys would do
 * nothing then. Whichever had it last takes it again; a row that was drawn anew meanwhile has `focusRow` find its successor.
 * A control that goes out of sight when it was used leaves the keyboard to the row.
 */
export function keepFocus(focusRow: () => void): void {
  let last: HTMLElement | null = null;
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) last = target;
  });
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    if (relatedTarget === null && target instanceof HTMLElement && target.isConnected && !target.checkVisibility()) focusRow();
  });
  window.addEventListener('focus', () => {
    if (document.activeElement !== document.body) return;
    if (last?.checkVisibility()) last.focus({ preventScroll: true });
    else if (last?.isConnected || last?.matches('[role=row]')) focusRow();
  });
}
