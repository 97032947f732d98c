/**
 * VS Code gives a page the keyboard back after a menu, a list or a dialog, but not the element in it that had it: keys would do
 * nothing then. Whichever had it last takes it again.
 */
export function keepFocus(): void {
  let last: HTMLElement | null = null;
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) last = target;
  });
  window.addEventListener('focus', () => {
    if (document.activeElement === document.body && last?.isConnected) last.focus({ preventScroll: true });
  });
}
