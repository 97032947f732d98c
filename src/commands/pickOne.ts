import { window, type QuickPickItem } from 'vscode';
import { printable } from '../protocol/plainText';
import { openPick } from './openPick';

export interface PickItem<T> {
  label: string;
  description?: string;
  detail?: string;
  value: T;
}

/** A list to choose from; `active` is the value that Enter takes at once. Undefined when dismissed. */
export function pickOne<T>(
  { title, placeHolder, items, active }: { title: string; placeHolder: string; items: PickItem<T>[]; active?: T },
): Promise<T | undefined> {
  const shown = items.map((item) => ({ ...item, label: withoutIcons(item.label) }));
  const pick = window.createQuickPick<QuickPickItem & PickItem<T>>();
  pick.title = title;
  pick.placeholder = placeHolder;
  pick.items = shown;
  const chosen = shown.filter(({ value }) => value === active);
  // None at all would leave Enter nothing to take, not even the first.
  if (chosen.length > 0) pick.activeItems = chosen;
  return openPick<T>(pick, (answer) => pick.onDidAccept(() => {
    const [accepted] = pick.selectedItems;
    if (accepted) answer(accepted.value);
  }));
}

/** Layers may have any name, and lists draw an icon for `$(…)`. */
function withoutIcons(label: string): string {
  return printable(label).replace(/\$\([\w~-]+\)/g, '\\$&');
}
