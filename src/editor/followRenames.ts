import { commands, Disposable, TabInputCustom, window, workspace, type FileRenameEvent, type Uri } from 'vscode';
import { editsBetween } from '../core/plan/edits';
import { reportError } from '../reportError';
import type { Services } from '../services';
import type { ModelDocument } from './modelDocument';
import { movedPlan, type Move } from './movedPlan';
import { movePlanFile } from './movePlanFile';
import { takePlanChange } from './takePlanChange';
import { UnsavedDocuments, type UnsavedPlan } from './unsavedDocuments';

type Rename = FileRenameEvent['files'][number];

/** Opens any file as a model, whatever its new name. */
const ANY_FILE = 'quantscope.any';

/**
 * Follows models that are renamed or moved in VS Code, which closes them without a question and opens them anew by their new names: the
 * plan file goes along, and what was not saved is done again. Undoing a rename is a rename, too, but is not announced beforehand.
 */
export function followRenames(services: Services): Disposable {
  const unsaved = new UnsavedDocuments(services.editors);
  let following = Promise.resolve();
  return Disposable.from(unsaved, workspace.onDidRenameFiles(({ files }) => {
    const plans = unsaved.take(files);
    following = following.then(() => follow(files, plans, services));
  }));
}

/** A plan file that cannot follow does not keep what was not saved from it. */
async function follow(files: readonly Rename[], unsaved: readonly UnsavedPlan[], services: Services): Promise<void> {
  const report = (error: unknown): void => reportError(services.log, error);
  const moves = files.map(toMove);
  for (const file of files) await takePlanAlong(file, moves, services).catch(report);
  for (const plan of unsaved) await doAgain(plan, moves, services).catch(report);
}

async function takePlanAlong({ oldUri, newUri }: Rename, moves: readonly Move[], services: Services): Promise<void> {
  const hasMoved = await movePlanFile(oldUri, newUri, moves);
  const openedBefore = services.editors.find(newUri);
  if (hasMoved && openedBefore) await takePlanChange(openedBefore, services);
}

/** Does in the moved model what was not saved before: a tab in the background comes to the front for it. */
async function doAgain(unsaved: UnsavedPlan, moves: readonly Move[], services: Services): Promise<void> {
  const document = await openModel(unsaved.newUri, services);
  if (!document) return;
  const plan = movedPlan(unsaved.plan, toMove(unsaved), moves);
  for (const edit of editsBetween(document.plan.plan, plan, unsaved.edits)) document.edit(edit);
}

/** Opens the model where its tab is. */
async function openModel(uri: Uri, { editors }: Services): Promise<ModelDocument | undefined> {
  const tab = window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ input }) => isModel(input, uri));
  const viewType = tab?.input instanceof TabInputCustom ? tab.input.viewType : ANY_FILE;
  await commands.executeCommand('vscode.openWith', uri, viewType, {
    preserveFocus: true, preview: false, ...(tab && { viewColumn: tab.group.viewColumn }),
  });
  return editors.find(uri);
}

function isModel(input: unknown, uri: Uri): boolean {
  return input instanceof TabInputCustom && input.viewType.startsWith('quantscope.') && input.uri.toString() === uri.toString();
}

function toMove({ oldUri, newUri }: Rename): Move {
  return { from: oldUri.fsPath, to: newUri.fsPath };
}
