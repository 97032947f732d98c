import * as vscode from 'vscode';

/** Runs `action` while warnings are answered with `button` (undefined: dismissed). Returns what was asked. */
export async function answeringWarnings(button: string | undefined, action: () => Promise<unknown>): Promise<string[]> {
  return replacing('showWarningMessage', (asked) => async (message: string) => {
    asked.push(message);
    return button;
  }, action);
}

/** Runs `action` and returns the information it showed. */
export async function hearing(action: () => Promise<unknown>): Promise<string[]> {
  return replacing('showInformationMessage', (heard) => async (message: string) => void heard.push(message), action);
}

/** Runs `action` while lists are answered with the items of these labels, one after the other. Returns what each asked. */
export async function choosing(labels: string[], action: () => Promise<unknown>): Promise<string[]> {
  return replacing('createQuickPick', (asked) => () => new ScriptedPick(labels[asked.length]!, (question) => asked.push(question)), action);
}

/** A list that takes the item of one label as soon as it is shown. */
class ScriptedPick {
  placeholder = '';
  items: vscode.QuickPickItem[] = [];
  selectedItems: vscode.QuickPickItem[] = [];
  #accept = (): void => {};
  #hide = (): void => {};

  constructor(readonly label: string, readonly onShow: (question: string) => void) {}

  onDidAccept(listener: () => void): void {
    this.#accept = listener;
  }

  onDidHide(listener: () => void): void {
    this.#hide = listener;
  }

  show(): void {
    this.onShow(this.placeholder);
    this.selectedItems = this.items.filter(({ label }) => label === this.label);
    setImmediate(() => (this.selectedItems.length === 0 ? this.#hide() : this.#accept()));
  }

  hide(): void {
    this.#hide();
  }

  dispose(): void {}
}

async function replacing(
  name: 'showWarningMessage' | 'showInformationMessage' | 'createQuickPick',
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
