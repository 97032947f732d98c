import type { QuickPick, QuickPickItem } from 'vscode';

/** VS Code gives the focus that a menu had back to the page by messages, which may arrive when the list is open already. */
const FOCUS_SETTLES_MS = 300;

/**
 * Keeps the list open until it is answered or dismissed; one that the page's late focus closes is opened again, once.
 * `listen` subscribes to what answers it. Undefined when dismissed.
 */
export function openPick<Answer>(
  pick: Pick<QuickPick<QuickPickItem>, 'show' | 'hide' | 'dispose' | 'onDidHide'>,
  listen: (answer: (given: Answer | undefined) => void) => void,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    let mayOpenAgain = true;
    const opened = performance.now();
    listen((given) => {
      mayOpenAgain = false;
      resolve(given);
      pick.hide();
    });
    pick.onDidHide(() => {
      if (mayOpenAgain && performance.now() - opened < FOCUS_SETTLES_MS) {
        mayOpenAgain = false;
        return pick.show();
      }
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}
