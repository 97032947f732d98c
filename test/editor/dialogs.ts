import * as vscode from 'vscode';

/** Runs `action` while warnings are answered with `button` (undefined: dismissed). Returns what was asked. */
export async function answeringWarnings(button: string | undefined, action: () => Promise<unknown>): Promise<string[]> {
  return replacing('showWarningMessage', (asked) => async (message: string) => {
    asked.push(message);
    return button;
  }, action);
}

/** Runs `action` and returns the information it showed; the first message is answered with `button`. */
export async function hearing(action: () => Promise<unknown>, button?: string): Promise<string[]> {
  return replacing('showInformationMessage', (heard) => async (message: string) => (
    heard.push(message) === 1 ? button : undefined
  ), action);
}

/** Runs `action` and returns the errors it showed, each with its buttons. */
export async function failing(action: () => Promise<unknown>): Promise<string[][]> {
  const errors: string[][] = [];
  await replacing('showErrorMessage', () => async (...shown: string[]) => void errors.push(shown), action);
  return errors;
}

/** Of no item: answers a list with what the Enter key takes at once. */
export const ENTER = '⏎';

/** Runs `action` while lists are answered with the items of these labels, one after the other. Returns what each asked. */
export async function choosing(labels: string[], action: () => Promise<unknown>): Promise<string[]> {
  return replacing('createQuickPick', (asked) => () => new ScriptedPick(labels.slice(asked.length, asked.length + 1), (question) => asked.push(question)), action);
}

/** Runs `action` while the box for a text is answered with this one, if the box accepts it. Returns what was asked. */
export async function typing(text: string, action: () => Promise<unknown>): Promise<string[]> {
  return replacing('showInputBox', (asked) => async ({ prompt = '', validateInput }: vscode.InputBoxOptions) => {
    asked.push(prompt);
    return validateInput?.(text) ? undefined : text;
  }, action);
}

/** Runs `action` while dialogs for files to open are answered with these, one after the other. Returns their titles. */
export async function opening(paths: string[], action: () => Promise<unknown>): Promise<string[]> {
  return replacing('showOpenDialog', (asked) => async ({ title = '' }: vscode.OpenDialogOptions) => {
    asked.push(title);
    return [vscode.Uri.file(paths[asked.length - 1]!)];
  }, action);
}

/** Runs `action` while dialogs for a file to save are answered with this one. */
export async function savingAs(path: string, action: () => Promise<unknown>): Promise<void> {
  await replacing('showSaveDialog', () => async () => vscode.Uri.file(path), action);
}

/** Runs `action` while a list of several choices is answered with the items of these labels. */
export async function picking(labels: string[], action: () => Promise<unknown>): Promise<void> {
  await replacing('createQuickPick', () => () => new ScriptedPick(labels, () => {}), action);
}

/** A list that takes the items of these labels as soon as it is shown. */
class ScriptedPick {
  placeholder = '';
  items: vscode.QuickPickItem[] = [];
  activeItems: vscode.QuickPickItem[] = [];
  selectedItems: vscode.QuickPickItem[] = [];
  #accept = (): void => {};
  #hide = (): void => {};

  constructor(readonly labels: string[], readonly onShow: (question: string) => void) {}

  onDidAccept(listener: () => void): void {
    this.#accept = listener;
  }

  onDidHide(listener: () => void): void {
    this.#hide = listener;
  }

  /** Back is never pressed, nothing typed and no arrow key used. */
  onDidTriggerButton(): void {}

  onDidChangeValue(): void {}

  onDidChangeActive(): void {}

  show(): void {
    this.onShow(this.placeholder);
    const [first] = this.activeItems.length > 0 ? this.activeItems : this.items;
    this.selectedItems = this.items.filter((item) => (this.labels.includes(ENTER) ? item === first : this.labels.includes(item.label)));
    setImmediate(() => (this.selectedItems.length === 0 ? this.#hide() : this.#accept()));
  }

  hide(): void {
    this.#hide();
  }

  dispose(): void {}
}

async function replacing(
  name: 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage' | 'createQuickPick' | 'showInputBox'
    | 'showOpenDialog' | 'showSaveDialog',
  replacement: (record: string[]) => unknown,
  action: () => Promise<unknown>,
): Promise<string[]> {
  const original = vscode.window[name];
  const record: string[] = [];
  Object.assign(vscode.window, { [name]: replacement(record) });
  try {
    await action();
  } finally {
    Object.assign(vscode.window, { [name]: original });
  }
  return record;
}
