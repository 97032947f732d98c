// Reads files in blocks of 1 MB on one thread: as fast as anything in Node can be that looks at every byte.
import { closeSync, openSync, readSync } from 'node:fs';

const block = new Uint8Array(1 << 20);
for (const path of process.argv.slice(2)) {
  const file = openSync(path, 'r');
  while (readSync(file, block) > 0);
  closeSync(file);
}
