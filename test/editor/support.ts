import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

export interface EditorUnderTest {
  readonly services: Activated;
  /** Empty at first, another for each test, gone after it. */
  readonly folder: string;
}

/** To be called in a suite before its own hooks: after each of its tests all editors are closed, without saving. */
export function useEditor(): EditorUnderTest {
  const editor = {} as { services: Activated; folder: string };
  before(async () => {
    editor.services = await activate();
  });
  beforeEach(() => {
    editor.folder = mkdtempSync(join(tmpdir(), 'quantscope-suite-'));
  });
  afterEach(async () => {
    await closeEditors();
    rmSync(editor.folder, { recursive: true, force: true });
  });
  return editor;
}

/** Opens a file in the custom editor, and waits until it has been read or found unreadable. */
export async function openModel(services: Services, file: string, viewType = 'quantscope.model'): Promise<ModelDocument> {
  const uri = vscode.Uri.file(file);
  await run('vscode.openWith', uri, viewType);
  const document = await eventually('the document', () => services.editors.find(uri));
  await document.host.ready;
  return document;
}

/** Opens a model, and writes one of its files until it is followed: VS Code says nowhere from when on it watches. */
export async function openModelWatched(services: Services, model: string, file: string, contents: Uint8Array): Promise<ModelDocument> {
  const document = await openModel(services, model);
  const first = document.host.model;
  const writing = setInterval(() => writeFileSync(file, contents), 1000);
  await followed(document, first).finally(() => clearInterval(writing));
  // What was written last may still be on its way.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await document.host.ready;
  return document;
}

/** Waits until another model than `before` is shown. */
export const followed = (document: ModelDocument, before: unknown): Promise<unknown> => (
  eventually('the model to be read again', () => document.host.model !== before && document.host.model)
);

/** Closes all editors without saving or asking. */
export async function closeEditors(): Promise<void> {
  while (vscode.window.tabGroups.activeTabGroup.activeTab) await run('workbench.action.revertAndCloseActiveEditor');
}
