import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ByteSink } from '../core/bytes/byteSink';
import { CoreError } from '../core/errors';
import type { Job } from '../core/job';
import { copyRange } from '../core/onnx/splice';
import { writeAtomically } from './atomicFile';
import { openSource } from './nodeFiles';
import { systemCode } from './openFile';

/**
 * Copies a file to a place where nothing is, whole or not at all, and makes the folders on the way there. Where the file system
 * can clone files, no bytes are copied. When it fails or is cancelled, nothing is left.
 * @throws CoreError `file-not-found`, `file-unreadable`, `file-changed`, `cancelled`, and as `writeAtomically`
 */
export async function copyWhole(source: string, target: string, { signal, onProgress }: Job): Promise<void> {
  const file = openSource(source, source, 'file-not-found');
  const folder = dirname(target);
  const firstMade = makeFolder(folder, target);
  try {
    await writeAtomically({ path: target, force: false, sources: [source] }, (open) => {
      const sink = open('');
      if (!sink.clone(source)) copyRange(file, { offset: 0, length: file.size }, counted(sink, file.size, onProgress), signal);
      onProgress?.(1);
    });
  } catch (error) {
    if (firstMade !== undefined) removeEmpty(folder, firstMade);
    throw error;
  } finally {
    file.close();
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

/** Removes `folder` and those above it down from `first`, unless someone has put something there. */
function removeEmpty(folder: string, first: string): void {
  if (readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  if (folder !== first) removeEmpty(dirname(folder), first);
}
