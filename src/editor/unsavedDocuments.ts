import { Disposable, workspace, type FileRenameEvent, type Uri } from 'vscode';
import type { PlanEdit } from '../core/plan/edits';
import type { QuantizationPlan } from '../core/plan/plan';
import type { ModelDocument } from './modelDocument';
import type { OpenEditors } from './openEditors';

/** What was not saved of a model when it was moved. */
export interface UnsavedPlan {
  oldUri: Uri;
  newUri: Uri;
  plan: QuantizationPlan;
  edits: readonly PlanEdit[];
}

/**
 * Documents with unsaved edits, also for a while after they were closed: before it closes one that is not moved, VS Code asks, and saves
 * or reverts it. Those whose model is deleted or opened again are forgotten.
 */
export class UnsavedDocuments implements Disposable {
  readonly #editors: OpenEditors;
  readonly #documents = new Set<ModelDocument>();
  readonly #listeners: Disposable;

  constructor(editors: OpenEditors) {
    this.#editors = editors;
    this.#listeners = Disposable.from(
      editors.onDidOpen((document) => {
        this.#forget(({ uri }) => uri.toString() === document.uri.toString());
        this.#documents.add(document);
      }),
      editors.onDidClose((document) => {
        if (!document.plan.isDirty) this.#documents.delete(document);
      }),
      workspace.onDidDeleteFiles(({ files }) => this.#forget(({ uri }) => files.some((file) => below(file, uri) !== null))),
    );
  }

  /** What was not saved of models that were moved, or whose folders were. Their documents are closed, or about to be. */
  take(files: FileRenameEvent['files']): UnsavedPlan[] {
    return [...this.#documents].flatMap((document) => {
      const newUri = movedUri(document.uri, files);
      if (!newUri) return [];
      this.#documents.delete(document);
      document.leave();
      const { isDirty, plan, unsavedEdits } = document.plan;
      return isDirty ? [{ oldUri: document.uri, newUri, plan, edits: unsavedEdits }] : [];
    });
  }

  dispose(): void {
    this.#listeners.dispose();
  }

  /** Of documents that are closed. */
  #forget(isForgotten: (document: ModelDocument) => boolean): void {
    for (const document of this.#documents) {
      if (!this.#editors.documents.has(document) && isForgotten(document)) this.#documents.delete(document);
    }
  }
}

function movedUri(uri: Uri, files: FileRenameEvent['files']): Uri | undefined {
  for (const { oldUri, newUri } of files) {
    const rest = below(oldUri, uri);
    if (rest !== null) return newUri.with({ path: `${newUri.path}${rest}` });
  }
  return undefined;
}

/** What follows a file's or folder's path in the path of one that is it or is in it; null for any other. */
function below(ancestor: Uri, uri: Uri): string | null {
  const isSamePlace = ancestor.with({ path: uri.path }).toString() === uri.toString();
  if (!isSamePlace || !`${uri.path}/`.startsWith(`${ancestor.path}/`)) return null;
  return uri.path.slice(ancestor.path.length);
}
