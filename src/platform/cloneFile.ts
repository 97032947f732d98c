import { constants, copyFileSync, rmSync } from 'node:fs';

/**
 * Makes `target`, which is not there yet, a file that shares its bytes on the disk with `source` until one of them is written
 * to. False, nothing being there, where the file system cannot.
 */
export function cloneFile(source: string, target: string): boolean {
  try {
    copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    rmSync(target, { force: true });
    return false;
  }
}
