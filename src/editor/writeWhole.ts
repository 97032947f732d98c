import { randomUUID } from 'node:crypto';
import { workspace, type Uri } from 'vscode';

/** Writes a text file through VS Code's file systems: beside its place first, then renamed, so that it appears whole or not at all. */
export async function writeWhole(target: Uri, text: string): Promise<void> {
  const temporary = target.with({ path: `${target.path}.${randomUUID()}.tmp` });
  try {
    await workspace.fs.writeFile(temporary, new TextEncoder().encode(text));
    await workspace.fs.rename(temporary, target, { overwrite: true });
  } catch (error) {
    await workspace.fs.delete(temporary).then(undefined, () => undefined);
    throw error;
  }
}
