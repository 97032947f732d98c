import { CoreError } from '../errors';
import type { ByteSource, ModelFiles } from './byteSource';

/** A file whose bytes are in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
        throw new CoreError('truncated', { file: name, offset }, { expected: offset + length, actual: bytes.length });
      }
      return bytes.subarray(offset, offset + length);
    },
    close() {},
  };
}

/** A model in memory with its external data by location, if any. Locations not in `external` are `external-missing`. */
export function memoryFiles(
  name: string,
  bytes: Uint8Array,
  external: ReadonlyMap<string, Uint8Array> = new Map(),
): ModelFiles {
  return {
    main: memorySource(name, bytes),
    external(location) {
      const data = external.get(location);
      if (data === undefined) throw new CoreError('external-missing', { file: location });
      return memorySource(location, data);
    },
    close() {},
  };
}
