import {
  closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync, statSync, type Stats,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ByteSink } from '../core/bytes/byteSink';
import { CoreError } from '../core/errors';

export interface AtomicTarget {
  /** The main output; others are its path and a suffix. */
  path: string;
  /** Replace what stands there: everything, nothing, or the files of these paths. */
  force: boolean | readonly string[];
  /** Files that must never be written to: the source and its external data. */
  sources: string[];
}

const TEMPORARY = /^\.quantscope-[0-9a-f]{12}\.tmp$/;
/** Ends the name of a file that stood in an output's place, while it is in the temporary folder. */
const REPLACED = '.old';
const STALE_MS = 60 * 60 * 1000;

/** An output while it is being written, by one writer or several. */
export interface PendingOutput {
  target: string;
  /** Has the target's own name, so that files which name each other find each other. */
  temporary: string;
}

interface Pending extends PendingOutput {
  descriptor: number;
}

/** Where the bytes of an output go. */
export interface OutputSink extends ByteSink {
  output: PendingOutput;
}

/**
 * Writes files that appear all at once or, as far as the file system allows, not at all: they go to a temporary folder
 * beside the target, are flushed to the disk, and are renamed when `check` has found nothing wrong. `open('')` is the
 * target itself, `open('.data')` a file beside it; each may be opened once. `check` is given the path of the main output
 * where it lies for now. Returns the final paths, the target's first. When `write` or `check` throws, nothing is left, and
 * what stood there before stays. Folders that killed writes left beside the target are removed once they are an hour old.
 * @throws CoreError as `requirePlace`, `write-failed`, and whatever `write` and `check` throw
 */
export async function writeAtomically(
  target: AtomicTarget, write: (open: (suffix: string) => OutputSink) => void | Promise<void>,
  check?: (path: string) => Promise<void>,
): Promise<string[]> {
  requirePlace(target);
  const random = crypto.randomUUID().slice(-12);
  const folder = join(dirname(target.path), `.quantscope-${random}.tmp`);
  const pending: Pending[] = [];
  try {
    removeStale(dirname(target.path));
    attempt(target.path, () => mkdirSync(folder));
    await write((suffix) => {
      const path = target.path + suffix;
      requireAllowed(target, path);
      const output = openOutput({ target: path, temporary: join(folder, basename(path)) }, 'wx');
      pending.push(output);
      return sinkOf(output);
    });
    for (const output of pending) flush(output);
    await check?.(join(folder, basename(target.path)));
    for (const output of pending) requireAllowed(target, output.target);
    const mainFirst = pending.sort((a, b) => a.target.length - b.target.length);
    appear(mainFirst.toReversed());
    return mainFirst.map((output) => output.target);
  } finally {
    for (const output of pending) discard(output);
    removeEmpty(folder);
  }
}

/**
 * That the target may be written, as far as can be told before it is.
 * @throws CoreError `target-is-folder`, `target-is-no-file`, `target-is-source`, `target-exists`, `folder-not-found`
 */
export function requirePlace(target: AtomicTarget): void {
  requireFile(target.path);
  requireAllowed(target, target.path);
  const folder = dirname(target.path);
  if (isMissing(folder)) throw new CoreError('folder-not-found', {}, { folder });
}

/** A copy takes the place of files alone, whatever may be replaced. */
function requireFile(path: string): void {
  const there = statsOf(path);
  if ((!there || there.isFile()) && !isInSystemFolder(path)) return;
  throw new CoreError(there?.isDirectory() ? 'target-is-folder' : 'target-is-no-file', { file: path });
}

/** Names there stand for what processes have open, `/dev/stdout` for a file perhaps, and are not to be replaced. */
function isInSystemFolder(path: string): boolean {
  const folder = dirname(resolve(path));
  return /^\/(dev|proc|sys)(\/|$)/.test(folder) && !/^\/dev\/shm(\/|$)/.test(folder);
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Of a folder that cannot be looked at nothing is known. */
function isMissing(folder: string): boolean {
  try {
    return !statSync(folder).isDirectory();
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
  }
}

function requireAllowed({ force, sources }: AtomicTarget, path: string): void {
  if (sources.some((source) => isSameFile(source, path))) throw new CoreError('target-is-source', { file: path });
  const mayReplace = typeof force === 'boolean' ? force : force.includes(path);
  if (!mayReplace && isThere(path)) throw new CoreError('target-exists', { file: path });
}

/** Whether the name is taken: by a link that leads nowhere, too. */
export function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The same file by path, through links of either kind, or by spelling on a file system that ignores case. */
export function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  if (!existsSync(a) || !existsSync(b)) return false;
  if (realpathSync(a) === realpathSync(b)) return true;
  const [first, second] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return first.ino !== 0n && first.ino === second.ino && first.dev === second.dev;
}

/**
 * Lets one more writer fill in an output that another has opened, until `write` returns.
 * @throws CoreError `write-failed`, and whatever `write` throws
 */
export function writeInto<T>(outputs: readonly PendingOutput[], write: (sinks: OutputSink[]) => T): T {
  const opened: Pending[] = [];
  try {
    for (const output of outputs) opened.push(openOutput(output, 'r+'));
    return write(opened.map(sinkOf));
  } finally {
    opened.forEach(close);
  }
}

function openOutput(output: PendingOutput, flags: 'wx' | 'r+'): Pending {
  return attempt(output.target, () => ({ ...output, descriptor: openSync(output.temporary, flags) }));
}

/** Bytes go to where the sink is, whatever other writers do. What is left out at the end is not there. */
function sinkOf({ target, temporary, descriptor }: Pending): OutputSink {
  let position = 0;
  return {
    output: { target, temporary },
    write(bytes) {
      attempt(target, () => {
        for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
      });
      position += bytes.length;
    },
    skip(length) {
      position += length;
    },
  };
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
      const backup = isThere(target) ? `${temporary}${REPLACED}` : null;
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
      attempt(target, () => (backup ? renameSync(backup, target) : rmSync(target, { force: true })));
    }
    throw error;
  }
  for (const { backup } of replaced) if (backup) rmSync(backup, { force: true });
}

function discard(output: Pending): void {
  close(output);
  rmSync(output.temporary, { force: true });
}

/**
 * Removes what writes left that were killed. Those of the last hour may be at work still, and a folder that holds a replaced
 * file is never touched. What cannot be removed stays: it is in nobody's way.
 */
function removeStale(parent: string): void {
  const leftovers = namesIn(parent).filter((name) => TEMPORARY.test(name)).map((name) => join(parent, name));
  for (const folder of leftovers) {
    const names = namesIn(folder);
    if (names.some((name) => name.endsWith(REPLACED))) continue;
    const changed = [folder, ...names.map((name) => join(folder, name))]
      .map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (Date.now() - Math.max(...changed) < STALE_MS) continue;
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

/** None of a folder that is not there or not to be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A replaced file that could not be put back stays in the folder: better there than nowhere. */
function removeEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
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
