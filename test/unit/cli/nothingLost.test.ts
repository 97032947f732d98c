import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { buildModel, laplacian, seededRandom, writeModel } from '../../fixtures/modelBuilder';
import { useCli, type Finished } from './runCli';

const LEFTOVER = /^\.quantscope-[0-9a-f]{12}\.tmp$/;
const OTHER_FILE_SYSTEM = '/dev/shm';

const shell = useCli();
const path = (name: string): string => join(shell.folder, name);
const start = (line: string) => shell.start(line.split(' '));
const cli = (line: string): Promise<Finished> => start(line).finished;
const hash = (name: string): string => createHash('sha256').update(readFileSync(path(name))).digest('hex');

/** `layers` matrices of `side` × `side`, in the file or beside it. */
function writeFixture(side: number, layers: number, form: 'raw' | 'external' = 'raw'): void {
  const names = Array.from({ length: layers }, (_, i) => `w${i}`);
  writeModel(shell.folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x0', dims: [1, side] }],
    outputs: [{ name: `x${layers}`, dims: [1, side] }],
    initializers: names.map((name, i) => ({ name, dims: [side, side], data: laplacian(side * side, i + 1), form })),
    nodes: names.map((name, i) => ({ op: 'MatMul', inputs: [`x${i}`, name], outputs: [`x${i + 1}`] })),
  }));
}

/** Resolves when a copy has begun to be written, or cannot any more. */
async function written(isOver: () => boolean): Promise<void> {
  while (!isOver() && !readdirSync(shell.folder).some((name) => LEFTOVER.test(name))) await setTimeout(1);
}

describe('a write that is killed', () => {
  test.each([
    { name: 'of a small model', side: 64, layers: 2, rounds: 10, force: false },
    { name: 'of a small model over an older copy', side: 64, layers: 2, rounds: 6, force: true },
    { name: 'of 34 MB', side: 1024, layers: 8, rounds: 5, force: false },
  ])('$name leaves the source, a whole copy or none, and nothing but its own folder', async ({ side, layers, rounds, force }) => {
    writeFixture(side, layers);
    const begun = performance.now();
    expect(await cli('quantize m.onnx -o done.onnx')).toMatchObject({ code: 0 });
    const duration = performance.now() - begun;
    const [source, done] = [hash('m.onnx'), hash('done.onnx')];
    const random = seededRandom(side + rounds);
    let killed = 0;
    for (let round = 0; round < rounds; round++) {
      rmSync(path('copy.onnx'), { force: true });
      if (force) writeFileSync(path('copy.onnx'), 'older');
      const { process, finished } = start(`quantize m.onnx -o copy.onnx${force ? ' --force' : ''}`);
      if (round % 2 === 0) await setTimeout(duration * random());
      else await written(() => process.exitCode !== null);
      process.kill('SIGKILL');
      if ((await finished).code === null) killed++;
      expect(hash('m.onnx')).toBe(source);
      if (force || existsSync(path('copy.onnx'))) {
        const older = createHash('sha256').update('older').digest('hex');
        expect(force ? [done, older] : [done]).toContain(hash('copy.onnx'));
      }
      const others = readdirSync(shell.folder).filter((name) => !['m.onnx', 'done.onnx', 'copy.onnx'].includes(name));
      expect(others.filter((name) => !LEFTOVER.test(name))).toEqual([]);
    }
    expect(killed).toBeGreaterThan(0);
  });

  test('does not stand in the way of the next one', async () => {
    writeFixture(64, 2);
    expect(await cli('quantize m.onnx -o done.onnx')).toMatchObject({ code: 0 });
    mkdirSync(path('.quantscope-0123456789ab.tmp'));
    writeFileSync(path('.quantscope-0123456789ab.tmp/copy.onnx'), 'half');
    expect(await cli('quantize m.onnx -o copy.onnx')).toMatchObject({ code: 0 });
    expect(hash('copy.onnx')).toBe(hash('done.onnx'));
  });
});

/** Why file systems cannot be mounted here, or null. */
function mountObstacle(): string | null {
  const at = mkdtempSync(join(tmpdir(), 'quantscope-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'ignore' });
    execFileSync('umount', [at], { stdio: 'ignore' });
    return null;
  } catch {
    return 'file systems cannot be mounted';
  } finally {
    rmSync(at, { recursive: true });
  }
}

describe('a file system that refuses', () => {
  const mounted = async (options: string, use: (at: string) => Promise<void>): Promise<void> => {
    mkdirSync(path('mounted'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path('mounted')]);
    try {
      await use(path('mounted'));
    } finally {
      execFileSync('umount', [path('mounted')]);
    }
  };
  const obstacle = mountObstacle();
  const reason = obstacle ? ` (${obstacle})` : '';

  test.skipIf(obstacle)(`a full disk: one line, nothing left, the older copy in its place${reason}`, async () => {
    writeFixture(512, 2);
    await mounted('size=128k', async (at) => {
      writeFileSync(join(at, 'copy.onnx'), 'older');
      const { code, stderr } = await cli(`quantize m.onnx -o ${at}/copy.onnx --force`);
      expect(stderr).toMatch(/^quantscope: .*could not be written.*ENOSPC/);
      expect([code, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
      expect(readdirSync(at)).toEqual(['copy.onnx']);
      expect(readFileSync(join(at, 'copy.onnx'), 'utf8')).toBe('older');
    });
  });

  test.skipIf(obstacle)(`a folder that is mounted for reading only${reason}`, async () => {
    writeFixture(64, 2);
    await mounted('size=1m,ro', async (at) => {
      const { code, stderr } = await cli(`quantize m.onnx -o ${at}/copy.onnx`);
      expect(stderr).toMatch(/^quantscope: .*could not be written.*EROFS/);
      expect(code).toBe(1);
      expect(readdirSync(at)).toEqual([]);
    });
  });

  test.skipIf(!existsSync(OTHER_FILE_SYSTEM))('another file system than the source’s', async () => {
    writeFixture(64, 2);
    const at = mkdtempSync(join(OTHER_FILE_SYSTEM, 'quantscope-'));
    try {
      expect(await cli('quantize m.onnx -o here.onnx')).toMatchObject({ code: 0 });
      expect(await cli(`quantize m.onnx -o ${at}/here.onnx`)).toMatchObject({ code: 0 });
      expect(readFileSync(join(at, 'here.onnx'))).toEqual(readFileSync(path('here.onnx')));
      expect(readdirSync(at)).toEqual(['here.onnx']);
    } finally {
      rmSync(at, { recursive: true });
    }
  });
});

describe('the source', () => {
  test.each(['hard', 'symbolic'])('is not written through a %s link, not even by force', async (kind) => {
    writeFixture(64, 2);
    const before = hash('m.onnx');
    if (kind === 'hard') linkSync(path('m.onnx'), path('link.onnx'));
    else symlinkSync('m.onnx', path('link.onnx'));
    expect(await cli('quantize m.onnx -o link.onnx --force')).toMatchObject({ code: 2, stdout: '' });
    expect(hash('m.onnx')).toBe(before);
    expect(readdirSync(shell.folder).sort()).toEqual(['link.onnx', 'm.onnx']);
  });

  test.each<[string, (file: string) => void]>([
    ['rewritten', (file) => writeFileSync(file, readFileSync(file).fill(7, 2 ** 20, 2 ** 21))],
    ['cut short', (file) => truncateSync(file, 2 ** 20)],
  ])('%s during the job: no copy, and it is said', async (_, change) => {
    writeFixture(1024, 6);
    const { finished } = start('quantize m.onnx -o copy.onnx');
    let ended = false;
    void finished.then(() => (ended = true));
    await until(() => ended || readdirSync(shell.folder).some((name) => LEFTOVER.test(name)));
    change(path('m.onnx'));
    const { code, stderr } = await finished;
    expect(stderr).toMatch(/^quantscope: .*changed while it was being read/);
    expect(code).toBe(1);
    expect(readdirSync(shell.folder)).toEqual(['m.onnx']);
  });
});

test.each(['raw', 'external'] as const)('two jobs on one output at once end with one whole copy: %s', async (form) => {
  writeFixture(128, 4, form);
  mkdirSync(path('done'));
  expect(await cli('quantize m.onnx -o done/copy.onnx')).toMatchObject({ code: 0 });
  const ended = await Promise.all([cli('quantize m.onnx -o copy.onnx'), cli('quantize m.onnx -o copy.onnx')]);
  expect(ended.map(({ code }) => code)).toContain(0);
  for (const { code, stderr } of ended) if (code !== 0) expect(stderr).toMatch(/There is a file of that name already/);
  expect(hash('copy.onnx')).toBe(hash('done/copy.onnx'));
  expect(readdirSync(shell.folder).filter((name) => LEFTOVER.test(name))).toEqual([]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}
