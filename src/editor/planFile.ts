import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { FileSystemError, Uri, workspace } from 'vscode';
import { planFileName } from '../core/plan/plan';
import type { PlanStorage } from './planDocument';
import { writeWhole } from './writeWhole';

/** The plan of a model lies beside it. */
export function planUri(model: Uri): Uri {
  return Uri.joinPath(model, '..', planFileName(basename(model.path)));
}

/** Whether plans can be kept beside the model: not in the read-only file systems that show old revisions. */
export function isReadOnly(model: Uri): boolean {
  return workspace.fs.isWritableFileSystem(model.scheme) === false;
}

export function readOnlyText(): string {
  return l10n.t('The model lies in a read-only file system, where no plan can be saved.');
}

/** The plan file through VS Code's file systems: written beside itself first, then renamed into place. */
export function planFile(model: Uri): PlanStorage {
  const uri = planUri(model);
  return {
    read: async () => (isReadOnly(model) ? null : readText(uri)),
    write: async (text) => {
      if (isReadOnly(model)) throw new Error(readOnlyText());
      await writeWhole(uri, text);
    },
  };
}

export async function readText(uri: Uri): Promise<string | null> {
  try {
    return new TextDecoder().decode(await workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return null;
    throw error;
  }
}
