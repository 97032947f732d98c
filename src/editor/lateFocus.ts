import { commands } from 'vscode';

/** How much later than it took the focus a page may be heard to have it, in a busy window. */
const TOLD_WITHIN_MS = 2_000;

interface Page {
  /** Has the page say `hasFocus` if it has the keyboard. */
  askForFocus(): void;
}

/** The page that has the keyboard, by what was heard last. */
let focusedPage: Page | null = null;
/** Called when a page is heard to have taken the focus. */
const onTaken = new Set<() => void>();
/** Called when it says so on being asked. */
const onConfirmed = new Set<() => void>();

/** A blur that arrives after the focus went to another page changes nothing. */
export function setPageFocus(page: Page, focused: boolean): void {
  if (focused) {
    focusedPage = page;
    for (const act of onTaken) act();
  } else if (page === focusedPage) {
    focusedPage = null;
  }
}

export function confirmPageFocus(): void {
  for (const act of onConfirmed) act();
}

/**
 * VS Code gives the focus that a menu or a list had back to the page by messages, which may arrive when the next list is open.
 * After `settlesMs` this calls `action`, and gives the focus to the list that is open where a page has it then or takes it soon
 * after; unless cancelled by what is returned. The page is asked, for what it said before may be out of date, and VS Code's
 * command focuses the list's rows, never the field above them: who types there would be disturbed.
 */
export function afterLateFocus(settlesMs: number, action: () => void = () => {}): () => void {
  const ask = (): void => focusedPage?.askForFocus();
  const giveBack = (): void => void commands.executeCommand('workbench.action.focusQuickOpen');
  const stop = (): void => {
    onTaken.delete(ask);
    onConfirmed.delete(giveBack);
  };
  let timer = setTimeout(() => {
    action();
    onTaken.add(ask);
    onConfirmed.add(giveBack);
    ask();
    timer = setTimeout(stop, TOLD_WITHIN_MS);
  }, settlesMs);
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** Resolves once a page has the focus, which what opens then does not lose to it any more; after `withinMs` without that, too. */
export function pageFocused(withinMs: number): Promise<void> {
  if (focusedPage) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      onTaken.delete(done);
      resolve();
    };
    const timer = setTimeout(done, withinMs);
    onTaken.add(done);
  });
}
