// Reads files in blocks of 1 MB on one thread: as fast as anything in Node can be that looks at every byte. `aligned`, the first
// argument, is into memory that begins at a page; otherwise it is into an array of Node, which begins 16 bytes behind one.
import { closeSync, openSync, readSync } from 'node:fs';

const [memory, ...paths] = process.argv.slice(2);
const block = new Uint8Array(memory === 'aligned' ? new WebAssembly.Memory({ initial: 16 }).buffer : 1 << 20);
for (const path of paths) {
  const file = openSync(path, 'r');
  while (readSync(file, block) > 0);
  closeSync(file);
}
