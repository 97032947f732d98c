import { commands } from 'vscode';

/** The page that has the keyboard, as it says itself. */
let focusedPage: object | null = null;

/** A blur that arrives after the focus went to another page changes nothing. */
export function setPageFocus(page: object, focused: boolean): void {
  if (focused) focusedPage = page;
  else if (page === focusedPage) focusedPage = null;
}

/**
 * VS Code gives the focus that a menu or a list had back to the page by messages, which may arrive when the next list is open.
 * After `settlesMs` this calls `action` and gives the focus to the list that is open, where a page has taken it; unless
 * cancelled by what is returned. VS Code's command focuses the rows, not the field above them, where nobody can type then.
 */
export function afterLateFocus(settlesMs: number, action: () => void = () => {}): () => void {
  const timer = setTimeout(() => {
    action();
    if (focusedPage) void commands.executeCommand('workbench.action.focusQuickOpen');
  }, settlesMs);
  return () => clearTimeout(timer);
}
