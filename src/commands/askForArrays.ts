import * as l10n from '@vscode/l10n';
import { env, UIKind, workspace, type OpenDialogOptions } from 'vscode';
import { askForExisting } from '../editor/fileDialogs';

/** Endings of NumPy and IDX files, the latter as MNIST has them, packed or not. */
const ENDINGS = ['npy', 'npz', 'idx', 'idx1-ubyte', 'idx3-ubyte', 'gz'];

/** Asks for a file of inputs or labels. Undefined when dismissed. */
export async function askForArrays(dialog: Pick<OpenDialogOptions, 'title' | 'openLabel' | 'defaultUri'>): Promise<string | undefined> {
  const arrays = { [l10n.t('NumPy and IDX arrays')]: ENDINGS };
  const filters = choosesFilter() ? { ...arrays, [l10n.t('All files')]: ['*'] } : arrays;
  const file = await askForExisting({ ...dialog, filters });
  return file?.fsPath;
}

/**
 * Whether the dialog lets people choose among filters, as those of desktops do. VS Code's own lists whatever any of them lets
 * through, models included; a file of another name can be typed there.
 */
function choosesFilter(): boolean {
  const isSimple = workspace.getConfiguration('files').get<boolean>('simpleDialog.enable') === true;
  return env.uiKind === UIKind.Desktop && env.remoteName === undefined && !isSimple;
}
