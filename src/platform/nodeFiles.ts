import { dirname } from 'node:path';
import type { ModelFiles } from '../core/bytes/byteSource';
import { ExternalFiles } from './externalFiles';
import { openSource } from './fileSource';

/**
 * Opens a model file, and its external data on demand, for reading only.
 * @throws CoreError `file-not-found`, `file-unreadable`
 */
export function openModelFiles(path: string): ModelFiles {
  const main = openSource(path, path, 'file-not-found');
  const external = new ExternalFiles(dirname(path));
  return {
    main,
    external: (location) => external.source(location),
    close() {
      main.close();
      external.close();
    },
  };
}
