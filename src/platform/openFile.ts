import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { CoreError, type ProblemCode } from '../core/errors';

/** A pipe that nobody writes to would be waited for without end, and no signal ends that. Windows knows no such flag, nor such pipes. */
const WITHOUT_WAITING = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** A file that is open for reading. */
export interface OpenedFile {
  descriptor: number;
  /** In bytes. */
  size: number;
  /** Another one where another file has taken its place. */
  inode: number;
}

/**
 * Opens a file for reading; pipes, devices and folders are none.
 * @param name the file's in problems
 * @throws CoreError `whenMissing`, `file-unreadable`
 */
export function openFile(path: string, name: string, whenMissing: ProblemCode): OpenedFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, WITHOUT_WAITING);
  } catch (error) {
    const code = systemCode(error);
    throw new CoreError(code === 'ENOENT' ? whenMissing : 'file-unreadable', { file: name }, { system: code });
  }
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    closeSync(descriptor);
    throw new CoreError('file-unreadable', { file: name }, { system: 'not a file' });
  }
  return { descriptor, size: stat.size, inode: stat.ino };
}

/** All bytes of a file. @throws CoreError `file-not-found`, `file-unreadable` */
export function readWhole(path: string): Buffer {
  const { descriptor } = openFile(path, path, 'file-not-found');
  try {
    return readFileSync(descriptor);
  } catch (error) {
    throw new CoreError('file-unreadable', { file: path }, { system: systemCode(error) });
  } finally {
    closeSync(descriptor);
  }
}

/** What the system calls an error: `EACCES` and the like. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
