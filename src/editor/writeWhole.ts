import { randomUUID } from 'node:crypto';
import { workspace, type Uri } from 'vscode';

/** Writes a file, text as UTF-8, through VS Code's file systems: beside its place first, then renamed, so that it appears whole or not at all. */
export async function writeWhole(target: Uri, content: string | Uint8Array): Promise<void> {
  const temporary = target.with({ path: `${target.path}.${randomUUID()}.tmp` });
  try {
    await workspace.fs.writeFile(temporary, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    await workspace.fs.rename(temporary, target, { overwrite: true });
  } catch (error) {
    await workspace.fs.delete(temporary).then(undefined, () => undefined);
    throw error;
  }
}
