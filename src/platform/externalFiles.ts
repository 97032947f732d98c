import { closeSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { ByteSource } from '../core/bytes/byteSource';
import { CoreError } from '../core/errors';
import { fileSource, ReadBuffer } from './fileSource';
import { openFile } from './openFile';

/** That are open at once: exporters write a file for each tensor, and a process may have few hundred open on some systems. */
const MOST_OPEN = 32;

/** The files of external data in one folder, which share a buffer and a few descriptors. */
export class ExternalFiles {
  readonly #folder: string;
  readonly #sources = new Map<string, ByteSource>();
  /** Descriptors by location, that of the last read at the end. */
  readonly #open = new Map<string, number>();
  readonly #buffer = new ReadBuffer();
  #closed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws CoreError `external-missing`, `external-escapes`, `file-unreadable` */
  source(location: string): ByteSource {
    const known = this.#sources.get(location);
    if (known !== undefined) return known;
    const source = this.#newSource(externalPath(this.#folder, location), location);
    this.#sources.set(location, source);
    return source;
  }

  close(): void {
    this.#closed = true;
    for (const location of [...this.#open.keys()]) this.#release(location);
    this.#buffer.giveBack();
  }

  #newSource(path: string, location: string): ByteSource {
    const first = openFile(path, location, 'external-missing');
    this.#keep(location, first.descriptor);
    const descriptor = (): number => {
      const found = this.#open.get(location);
      if (found === undefined && this.#closed) throw new CoreError('file-unreadable', { file: location }, { system: 'closed' });
      if (found !== undefined) this.#open.delete(location);
      return this.#keep(location, found ?? reopened(path, location, first.inode));
    };
    return fileSource({ name: location, size: first.size }, descriptor, this.#buffer, () => this.#release(location));
  }

  /** As the last one read, for which the one that was not read for longest is closed. */
  #keep(location: string, descriptor: number): number {
    this.#open.set(location, descriptor);
    const [longestUnread] = this.#open.keys();
    if (this.#open.size > MOST_OPEN) this.#release(longestUnread!);
    return descriptor;
  }

  #release(location: string): void {
    const descriptor = this.#open.get(location);
    if (descriptor !== undefined) closeSync(descriptor);
    this.#open.delete(location);
  }
}

/** Two versions of a file must not be mixed. @throws CoreError `external-missing`, `file-unreadable`, `file-changed` */
function reopened(path: string, location: string, inode: number): number {
  const { descriptor, inode: now } = openFile(path, location, 'external-missing');
  if (now === inode) return descriptor;
  closeSync(descriptor);
  throw new CoreError('file-changed', { file: location });
}

/** Where `location` really is. Links are followed, since one may lead out of the folder without a `..` in its name. */
function externalPath(folder: string, location: string): string {
  let target: string;
  try {
    target = realpathSync(join(folder, location));
  } catch {
    throw new CoreError('external-missing', { file: location });
  }
  requireInside(folder, target, location);
  return target;
}

/**
 * That something that is there lies inside a folder, whatever links lead to either. Returns the way to it from the folder.
 * @throws CoreError `external-escapes`
 */
export function requireInside(folder: string, path: string, location: string): string {
  const inside = relative(realpathSync.native(folder), realpathSync.native(path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new CoreError('external-escapes', { file: location });
  }
  return inside;
}
