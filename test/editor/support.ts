import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { ModelDocument } from '../../src/editor/modelDocument';
import type { Services } from '../../src/services';
import type { LayerTree } from '../../src/views/layerTree';

/** Waits until `check` gives something. @throws AssertionError after fifteen seconds, naming what did not come */
export async function eventually<T>(what: string, check: () => T | undefined | null | false): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = check();
    if (value) return value;
    if (Date.now() > end) assert.fail(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);

export const isDirty = (): boolean => vscode.window.tabGroups.activeTabGroup.activeTab?.isDirty ?? false;

/** What the extension shares with its tests. */
export type Activated = Services & { layerTree: LayerTree };

export async function activate(): Promise<Activated> {
  return vscode.extensions.getExtension<Activated>('quantscope.quantscope')!.activate();
}

/** Opens a file in the custom editor, and waits until it has been read or found unreadable. */
export async function openModel(services: Services, file: string, viewType = 'quantscope.model'): Promise<ModelDocument> {
  const uri = vscode.Uri.file(file);
  await run('vscode.openWith', uri, viewType);
  const document = await eventually('the document', () => services.editors.find(uri));
  await document.host.ready;
  return document;
}

/** Closes all editors without saving or asking. */
export async function closeEditors(): Promise<void> {
  while (vscode.window.tabGroups.activeTabGroup.activeTab) await run('workbench.action.revertAndCloseActiveEditor');
}
