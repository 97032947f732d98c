import { window, type OpenDialogOptions, type SaveDialogOptions, type Uri } from 'vscode';
import { afterLateFocus, pageFocused } from './lateFocus';

/** The dialog opens only when VS Code has looked into its folder. */
const FOCUS_SETTLES_MS = 1_000;
/** A page gets the focus back a moment after the dialog is left, and would take it from a question that follows. */
const FOCUS_RETURNS_WITHIN_MS = 500;

/** Asks for one file, or folder, that is there. Undefined when dismissed. */
export async function askForExisting(options: OpenDialogOptions): Promise<Uri | undefined> {
  const [chosen] = await keepingFocus(window.showOpenDialog(options)) ?? [];
  return chosen;
}

/** Asks for a file to write, and whether it may replace the one that is there. Undefined when dismissed. */
export function askForTarget(options: SaveDialogOptions): Promise<Uri | undefined> {
  return keepingFocus(window.showSaveDialog(options));
}

/** In a browser and on a remote machine, VS Code's dialog is a list in the window: keys would go to the page behind it. */
async function keepingFocus<T>(dialog: Thenable<T>): Promise<T> {
  const cancel = afterLateFocus(FOCUS_SETTLES_MS);
  try {
    const chosen = await dialog;
    await pageFocused(FOCUS_RETURNS_WITHIN_MS);
    return chosen;
  } finally {
    cancel();
  }
}
