import { commands } from 'vscode';

/** How much later than it took the focus a page may be heard to have it, in a busy window. */
const TOLD_WITHIN_MS = 2_000;

/** The page that has the keyboard, as it says itself. */
let focusedPage: object | null = null;
/** What is to be done when a page says that it has it. */
const onPageFocus = new Set<() => void>();

/** A blur that arrives after the focus went to another page changes nothing. */
export function setPageFocus(page: object, focused: boolean): void {
  if (focused) {
    focusedPage = page;
    for (const act of onPageFocus) act();
  } else if (page === focusedPage) {
    focusedPage = null;
  }
}

/**
 * VS Code gives the focus that a menu or a list had back to the page by messages, which may arrive when the next list is open.
 * After `settlesMs` this calls `action` and gives the focus to the list that is open, where a page has taken it, or is heard only
 * then to have taken it; unless cancelled by what is returned. VS Code's command focuses the rows, not the field above them,
 * where nobody can type then.
 */
export function afterLateFocus(settlesMs: number, action: () => void = () => {}): () => void {
  const giveBack = (): void => void commands.executeCommand('workbench.action.focusQuickOpen');
  let timer = setTimeout(() => {
    action();
    if (focusedPage) giveBack();
    onPageFocus.add(giveBack);
    timer = setTimeout(() => onPageFocus.delete(giveBack), TOLD_WITHIN_MS);
  }, settlesMs);
  return () => {
    clearTimeout(timer);
    onPageFocus.delete(giveBack);
  };
}
