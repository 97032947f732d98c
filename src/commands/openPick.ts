import type { QuickPick, QuickPickItem } from 'vscode';
import { afterLateFocus } from '../editor/lateFocus';

const FOCUS_SETTLES_MS = 500;

/**
 * Keeps the list open until it is answered or dismissed. The page's late focus does not close it, and the list has the focus
 * in the end; later on a click elsewhere dismisses it as any other.
 * `listen` subscribes to what answers it. Undefined when dismissed.
 */
export function openPick<Answer>(
  pick: Pick<QuickPick<QuickPickItem>, 'show' | 'hide' | 'dispose' | 'onDidHide' | 'ignoreFocusOut'>,
  listen: (answer: (given: Answer | undefined) => void) => void,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    listen((given) => {
      resolve(given);
      pick.hide();
    });
    pick.ignoreFocusOut = true;
    const cancel = afterLateFocus(FOCUS_SETTLES_MS, () => {
      pick.ignoreFocusOut = false;
    });
    pick.onDidHide(() => {
      cancel();
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}
