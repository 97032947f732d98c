import { statSync } from 'node:fs';

/** Changes whenever the file does, as far as size and time of modification tell; the same for all missing files. */
export function fileStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'missing' : `${stat.size} ${stat.mtimeMs}`;
}
