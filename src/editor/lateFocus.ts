import { commands } from 'vscode';

/** VS Code gives the focus that a menu or a list had back to the page by messages, which may arrive when the next list is open. */
const FOCUS_SETTLES_MS = 500;

/** Once that is over, calls `action` and gives the focus to the list that is open, if there is one; unless cancelled by what is returned. */
export function afterLateFocus(action: () => void = () => {}): () => void {
  const timer = setTimeout(() => {
    action();
    void commands.executeCommand('workbench.action.focusQuickOpen');
  }, FOCUS_SETTLES_MS);
  return () => clearTimeout(timer);
}
