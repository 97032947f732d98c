import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleCli } from './runCli';

test.skipIf(!existsSync('/dev/full'))('a result that cannot be written is told in one line', () => {
  const built = bundleCli();
  try {
    const main = join(built.folder, 'main.js');
    const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$1" --help > /dev/full', process.execPath, main], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'quantscope: Standard output could not be written (ENOSPC).\n' });
  } finally {
    built.remove();
  }
});
