import { Uri, workspace } from 'vscode';

/** Where to propose an output: a local folder, beside the model where it has one. */
export function folderFor(model: Uri): Uri {
  const local = [Uri.joinPath(model, '..'), ...(workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
  return local.find(({ scheme }) => scheme === 'file') ?? Uri.file('/');
}
