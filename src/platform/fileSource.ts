import { closeSync, readSync } from 'node:fs';
import type { ByteSource } from '../core/bytes/byteSource';
import { CoreError, type ProblemCode } from '../core/errors';
import { openFile, systemCode } from './openFile';
import { pageAligned } from './pageAligned';

/** Reads up to this length share one buffer; longer ones are rare and get their own. */
const SHARED_BUFFER_BYTES = 4 * 1024 * 1024;
/** `fs.readSync` takes at most 2³¹ − 1 bytes. */
const MAX_SYSTEM_READ_BYTES = 1024 * 1024 * 1024;

/** Buffers of files that were closed. New ones for each job pile up until they are collected. */
const spare: Uint8Array[] = [];

/** Room for what is read of one file, or of several that are read in turn. */
export class ReadBuffer {
  #bytes: Uint8Array = new Uint8Array(0);

  /** Room for so many bytes, until room is asked for again. */
  room(length: number): Uint8Array {
    if (length > SHARED_BUFFER_BYTES) return new Uint8Array(length);
    if (length > this.#bytes.length) this.#bytes = spare.pop() ?? pageAligned(SHARED_BUFFER_BYTES);
    return this.#bytes.subarray(0, length);
  }

  /** Nothing is read any more. */
  giveBack(): void {
    if (this.#bytes.length > 0) spare.push(this.#bytes);
    this.#bytes = new Uint8Array(0);
  }
}

/**
 * Opens one file for reading.
 * @param name the file's in problems
 * @throws CoreError `whenMissing`, `file-unreadable`
 */
export function openSource(path: string, name: string, whenMissing: ProblemCode): ByteSource {
  const { descriptor, size } = openFile(path, name, whenMissing);
  const buffer = new ReadBuffer();
  let open = true;
  return fileSource({ name, size }, () => descriptor, buffer, () => {
    if (open) closeSync(descriptor);
    open = false;
    buffer.giveBack();
  });
}

/** @param descriptor asked for before each read: it may be another one each time */
export function fileSource(
  { name, size }: Pick<ByteSource, 'name' | 'size'>, descriptor: () => number, shared: ReadBuffer, close: () => void,
): ByteSource {
  return {
    name,
    size,
    read(offset, length, into) {
      if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
        throw new CoreError('truncated', { file: name, offset }, { expected: offset + length, actual: size });
      }
      const buffer = into && length <= into.length ? into.subarray(0, length) : shared.room(length);
      const file = descriptor();
      for (let done = 0; done < length;) {
        const got = readSome(file, name, buffer, done, offset + done);
        if (got === 0) throw new CoreError('file-changed', { file: name, offset: offset + done });
        done += got;
      }
      return buffer;
    },
    close,
  };
}

function readSome(descriptor: number, name: string, buffer: Uint8Array, from: number, offset: number): number {
  try {
    return readSync(descriptor, buffer, from, Math.min(buffer.length - from, MAX_SYSTEM_READ_BYTES), offset);
  } catch (error) {
    throw new CoreError('file-unreadable', { file: name, offset }, { system: systemCode(error) });
  }
}
