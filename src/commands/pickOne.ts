import { window, type QuickPickItem } from 'vscode';

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
  const pick = window.createQuickPick<QuickPickItem & PickItem<T>>();
  pick.title = title;
  pick.placeholder = placeHolder;
  pick.items = items;
  pick.activeItems = items.filter(({ value }) => value === active);
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.value);
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}
