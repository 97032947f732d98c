import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyFile } from '../../../src/platform/copyFile';

const bytes = Buffer.alloc(5 * (1 << 20) + 3, 'weights');

let folder: string;
let source: string;
let target: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-whole-'));
  source = join(folder, 'elsewhere.bin');
  target = join(folder, 'models/deep/weights.bin');
  mkdirSync(join(folder, 'models'));
  writeFileSync(source, bytes, { mode: 0o400 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const left = (): string[] => readdirSync(join(folder, 'models'));
/** Of this process, where the system tells: those that are the source. */
const openFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').filter(isSource).length : 0);

function isSource(descriptor: string): boolean {
  try {
    return readlinkSync(join('/proc/self/fd', descriptor)) === source;
  } catch {
    return false;
  }
}

describe('copyFile', () => {
  it('makes the folders on the way, says how far it is, and leaves nothing but the file', async () => {
    const progress: number[] = [];
    await copyFile(source, target, { onProgress: (fraction) => progress.push(fraction) });
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(readdirSync(join(folder, 'models/deep'))).toEqual(['weights.bin']);
    expect(statSync(target).mode & 0o600).toBe(0o600);
    expect(progress.length).toBeGreaterThan(5);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
  });

  it('leaves nothing when it is cancelled on the way, not even the folders', async () => {
    const signal = { aborted: false };
    const seen: string[][] = [];
    const onProgress = (): void => {
      seen.push(left());
      signal.aborted = true;
    };
    await expect(copyFile(source, target, { signal, onProgress })).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(seen).toEqual([['deep']]);
    expect(left()).toEqual([]);
  });

  it('leaves folders that were there, and what someone puts into a new one meanwhile', async () => {
    const beside = join(folder, 'models/deep/theirs.txt');
    const signal = { aborted: false };
    const onProgress = (): void => {
      signal.aborted = true;
      writeFileSync(beside, 'precious');
    };
    await expect(copyFile(source, target, { signal, onProgress })).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(readdirSync(join(folder, 'models/deep'))).toEqual(['theirs.txt']);
    await expect(copyFile(source, join(folder, 'models/w.bin'), { signal })).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(left()).toEqual(['deep']);
  });

  it('leaves nothing when the file is cut short meanwhile', async () => {
    writeFileSync(`${source}.new`, bytes);
    const onProgress = (): void => writeFileSync(`${source}.new`, 'short');
    await expect(copyFile(`${source}.new`, target, { onProgress })).rejects.toMatchObject({ problem: { code: 'file-changed' } });
    expect(left()).toEqual([]);
  });

  it('never replaces a file, one that appears meanwhile included', async () => {
    mkdirSync(join(folder, 'models/deep'));
    const onProgress = (): void => {
      if (!existsSync(target)) writeFileSync(target, 'precious');
    };
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(copyFile(source, target, { onProgress })).rejects.toMatchObject({ problem: { code: 'target-exists' } });
      expect(readFileSync(target, 'utf8')).toBe('precious');
      expect(readdirSync(join(folder, 'models/deep'))).toEqual(['weights.bin']);
    }
  });

  it('says what stopped it where the folder that it made is gone meanwhile', async () => {
    const signal = { aborted: false };
    const onProgress = (): void => {
      signal.aborted = true;
      rmSync(join(folder, 'models/deep'), { recursive: true, force: true });
    };
    await expect(copyFile(source, target, { signal, onProgress })).rejects.toMatchObject({ problem: { code: 'cancelled' } });
  });

  it('says so where no folder can be made, and where the file is none, and leaves no file open', async () => {
    writeFileSync(join(folder, 'models/deep'), 'a file');
    const before = openFiles();
    await expect(copyFile(source, target, {})).rejects.toMatchObject({ problem: { code: 'write-failed' } });
    expect(openFiles()).toBe(before);
    await expect(copyFile(join(folder, 'models'), join(folder, 'w.bin'), {})).rejects.toMatchObject({ problem: { code: 'file-unreadable' } });
  });
});
