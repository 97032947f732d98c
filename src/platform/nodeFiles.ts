import { closeSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { ByteSource, ModelFiles } from '../core/bytes/byteSource';
import { CoreError, type ProblemCode } from '../core/errors';
import { openFile, systemCode } from './openFile';

/** Reads up to this length share one buffer; longer ones are rare and get their own. */
const SHARED_BUFFER_BYTES = 4 * 1024 * 1024;
/** `fs.readSync` takes at most 2³¹ − 1 bytes. */
const MAX_SYSTEM_READ_BYTES = 1024 * 1024 * 1024;

/**
 * Opens a model file, and its external data on demand, for reading only.
 * @throws CoreError `file-not-found`, `file-unreadable`
 */
export function openModelFiles(path: string): ModelFiles {
  const main = openSource(path, path, 'file-not-found');
  const opened = new Map<string, ByteSource>();
  return {
    main,
    external(location) {
      const known = opened.get(location);
      if (known !== undefined) return known;
      const source = openSource(externalPath(dirname(path), location), location, 'external-missing');
      opened.set(location, source);
      return source;
    },
    close() {
      main.close();
      for (const source of opened.values()) source.close();
      opened.clear();
    },
  };
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

/**
 * Opens one file for reading.
 * @param name the file's in problems
 * @throws CoreError `whenMissing`, `file-unreadable`
 */
export function openSource(path: string, name: string, whenMissing: ProblemCode): ByteSource {
  const { descriptor, size } = openFile(path, name, whenMissing);
  return fileSource(descriptor, name, size);
}

function fileSource(descriptor: number, name: string, size: number): ByteSource {
  let shared = new Uint8Array(0);
  let open = true;

  function bufferOf(length: number): Uint8Array {
    if (length > SHARED_BUFFER_BYTES) return new Uint8Array(length);
    if (length > shared.length) shared = new Uint8Array(Math.min(SHARED_BUFFER_BYTES, Math.max(4096, 2 * length)));
    return shared.subarray(0, length);
  }

  return {
    name,
    size,
    read(offset, length, into) {
      if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
        throw new CoreError('truncated', { file: name, offset }, { expected: offset + length, actual: size });
      }
      const buffer = into && length <= into.length ? into.subarray(0, length) : bufferOf(length);
      for (let done = 0; done < length;) {
        const got = readSome(descriptor, name, buffer, done, offset + done);
        if (got === 0) throw new CoreError('file-changed', { file: name, offset: offset + done });
        done += got;
      }
      return buffer;
    },
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

function readSome(descriptor: number, name: string, buffer: Uint8Array, from: number, offset: number): number {
  try {
    return readSync(descriptor, buffer, from, Math.min(buffer.length - from, MAX_SYSTEM_READ_BYTES), offset);
  } catch (error) {
    throw new CoreError('file-unreadable', { file: name, offset }, { system: systemCode(error) });
  }
}
