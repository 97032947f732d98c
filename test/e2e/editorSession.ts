import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { repositoryRoot } from '../workbench/paths';
import type { Workbench } from './workbench';

/** What a person sees and does in the editor of one model, or beside it in the window. */
export interface EditorSession {
  /** A layer's row in the active editor. */
  row(name: string): Locator;
  bits(name: string): Promise<string>;
  /** The names in the table, from the top. */
  names(): Promise<(string | null)[]>;
  /** The inspector's numbers by key, with full precision. */
  figures(): Promise<Record<string, string>>;
  tab(name: string): Locator;
  isDirty(): Promise<boolean>;
  /** The page tells VS Code of its focus by a message, which takes as long as a hand from the mouse to the keys. */
  pressInGrid(key: string): Promise<void>;
  notification(text: RegExp): Promise<Locator>;
  /** Chooses the entry of an open quick pick whose label has `text`. */
  pick(text: string): Promise<void>;
  /** The command line's JSON on the session's copy of the model. */
  quantscope(command: string, ...options: string[]): ReturnType<typeof JSON.parse>;
}

export function editorSession(code: Workbench, model: string): EditorSession {
  const row = (name: string): Locator => code.webview().locator('.rows [role=row]').filter({
    has: code.webview().locator(`[role=rowheader][title="${name}"]`),
  });
  const tab = (name: string): Locator => (
    code.page.locator('.tabs-container .tab').filter({ has: code.page.getByText(name, { exact: true }) })
  );
  return {
    row,
    tab,
    bits: (name) => row(name).locator('select').inputValue(),
    names: () => titles(code.webview().locator('.rows [role=rowheader]')),
    async figures() {
      const entries = await code.webview().locator('[data-key]').evaluateAll((cells) =>
        cells.map((cell) => [cell.getAttribute('data-key') ?? '', cell.getAttribute('data-value') ?? '']));
      return Object.fromEntries(entries);
    },
    isDirty: async () => (await tab(model).getAttribute('class'))?.split(' ').includes('dirty') ?? false,
    async pressInGrid(key) {
      await code.page.waitForTimeout(1_000);
      await code.page.keyboard.press(key);
    },
    async notification(text) {
      const toast = code.page.locator('.notification-toast', { hasText: text });
      await toast.waitFor();
      return toast;
    },
    pick: (text) => code.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click(),
    quantscope(command, ...options) {
      const cli = join(repositoryRoot, 'dist/cli.js');
      return JSON.parse(execFileSync(process.execPath, [cli, command, join(code.folder, model), '--json', ...options], { encoding: 'utf8' }));
    },
  };
}

/** All at once: one that is gone by the time it is read would be waited for. */
export function titles(elements: Locator): Promise<(string | null)[]> {
  return elements.evaluateAll((all) => all.map((each) => each.getAttribute('title')));
}

/** What VS Code keeps for a hot exit. */
export function backups({ userData }: Workbench): string {
  const folder = join(userData, 'User/Backups');
  if (!existsSync(folder)) return '';
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
}
