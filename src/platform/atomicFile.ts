import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ByteSink } from '../core/bytes/byteSink';
import { CoreError } from '../core/errors';

export interface AtomicTarget {
  /** The main output; others are its path and a suffix. */
  path: string;
  /** Replace what stands there. */
  force: boolean;
  /** Files that must never be written to: the source and its external data. */
  sources: string[];
}

/** An output while it is being written. */
interface Pending {
  target: string;
  temporary: string;
  descriptor: number;
}

/**
 * Writes files that appear all at once or, as far as the file system allows, not at all: each goes to a temporary file in
 * the target's folder, is flushed to the disk, and is renamed when `write` has returned. `open('')` is the target itself,
 * `open('.data')` a file beside it; each may be opened once. Returns the paths, the target's first. Nothing is left when
 * `write` throws.
 * @throws CoreError `target-is-source`, `target-exists`, `write-failed`, and whatever `write` throws
 */
export function writeAtomically(target: AtomicTarget, write: (open: (suffix: string) => ByteSink) => void): string[] {
  requireAllowed(target, target.path);
  const pending: Pending[] = [];
  try {
    write((suffix) => {
      requireAllowed(target, target.path + suffix);
      const output = createTemporary(target.path + suffix);
      pending.push(output);
      return { write: (bytes) => writeAll(output, bytes) };
    });
    for (const output of pending) flush(output);
    for (const output of pending) requireAllowed(target, output.target);
    const mainFirst = pending.sort((a, b) => a.target.length - b.target.length);
    appear(mainFirst.toReversed());
    return mainFirst.map((output) => output.target);
  } finally {
    for (const output of pending) discard(output);
  }
}

function requireAllowed({ force, sources }: AtomicTarget, path: string): void {
  if (sources.some((source) => isSameFile(source, path))) throw new CoreError('target-is-source', { file: path });
  if (!force && existsSync(path)) throw new CoreError('target-exists', { file: path });
}

/** The same file by path, through links of either kind, or by spelling on a file system that ignores case. */
function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  if (!existsSync(a) || !existsSync(b)) return false;
  if (realpathSync(a) === realpathSync(b)) return true;
  const [first, second] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return first.ino !== 0n && first.ino === second.ino && first.dev === second.dev;
}

function createTemporary(target: string): Pending {
  const temporary = temporaryBeside(target);
  return attempt(target, () => ({ target, temporary, descriptor: openSync(temporary, 'wx') }));
}

function temporaryBeside(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
}

function writeAll({ target, descriptor }: Pending, bytes: Uint8Array): void {
  attempt(target, () => {
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  });
}

function flush(output: Pending): void {
  attempt(output.target, () => {
    fsyncSync(output.descriptor);
    close(output);
  });
}

/** Renames all, or puts back what stood there before. The last rename replaces in one step and needs no way back. */
function appear(outputs: Pending[]): void {
  const replaced: { target: string; backup: string | null }[] = [];
  try {
    for (const { target, temporary } of outputs.slice(0, -1)) {
      const backup = existsSync(target) ? temporaryBeside(target) : null;
      attempt(target, () => {
        if (backup) renameSync(target, backup);
        replaced.push({ target, backup });
        renameSync(temporary, target);
      });
    }
    const { target, temporary } = outputs.at(-1)!;
    attempt(target, () => renameSync(temporary, target));
  } catch (error) {
    for (const { target, backup } of replaced.reverse()) {
      if (backup) renameSync(backup, target);
      else rmSync(target, { force: true });
    }
    throw error;
  }
  for (const { backup } of replaced) if (backup) rmSync(backup, { force: true });
}

function discard(output: Pending): void {
  close(output);
  rmSync(output.temporary, { force: true });
}

function close(output: Pending): void {
  if (output.descriptor >= 0) closeSync(output.descriptor);
  output.descriptor = -1;
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new CoreError('write-failed', { file }, { system: error instanceof Error ? error.message : String(error) });
  }
}
