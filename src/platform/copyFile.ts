import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ByteSink } from '../core/bytes/byteSink';
import { CoreError } from '../core/errors';
import type { Job } from '../core/job';
import { copyRange } from '../core/onnx/splice';
import { writeAtomically } from './atomicFile';
import { openSource } from './fileSource';
import { systemCode } from './openFile';

/**
 * Copies a file to a place where nothing is, whole or not at all, and makes the folders on the way there. When it fails or is
 * cancelled, nothing is left.
 * @throws CoreError `file-not-found`, `file-unreadable`, `file-changed`, `cancelled`, and as `writeAtomically`
 */
export async function copyFile(source: string, target: string, { signal, onProgress }: Job): Promise<void> {
  const file = openSource(source, source, 'file-not-found');
  try {
    await inFolderOf(target, () => writeAtomically({ path: target, force: false, sources: [source] }, (open) => {
      copyRange(file, { offset: 0, length: file.size }, counted(open(''), file.size, onProgress), signal);
      onProgress?.(1);
    }));
  } finally {
    file.close();
  }
}

/** Makes the folders above `target` for `write`, and takes those back that it made when that fails. */
async function inFolderOf(target: string, write: () => Promise<unknown>): Promise<void> {
  const folder = dirname(target);
  const firstMade = makeFolder(folder, target);
  try {
    await write();
  } catch (error) {
    if (firstMade !== undefined) removeEmpty(folder, firstMade);
    throw error;
  }
}

function counted(sink: ByteSink, size: number, onProgress: Job['onProgress']): ByteSink {
  let written = 0;
  return {
    ...sink,
    write(bytes) {
      sink.write(bytes);
      written += bytes.length;
      onProgress?.(written / size);
    },
  };
}

/** Returns the first of the folders that were not there. */
function makeFolder(folder: string, target: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new CoreError('write-failed', { file: target }, { system: systemCode(error) });
  }
}

/** Removes `folder` and those above it down from `first`. What cannot be removed stays, as where someone has put something there. */
function removeEmpty(folder: string, first: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
  if (folder !== first) removeEmpty(dirname(folder), first);
}
