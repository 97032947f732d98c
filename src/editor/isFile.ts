import { FileType, workspace, type Uri } from 'vscode';

export async function isFile(uri: Uri): Promise<boolean> {
  const type = await workspace.fs.stat(uri).then((stat) => stat.type, () => FileType.Unknown);
  return (type & FileType.File) !== 0;
}
