import { execFileSync } from 'node:child_process';
import {
  existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ByteSink } from '../../../src/core/bytes/byteSink';
import { requirePlace, writeAtomically } from '../../../src/platform/atomicFile';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(path(name), 'utf8');
const put = (sink: ByteSink, content: string): void => sink.write(Buffer.from(content));
const target = (force = false, sources: string[] = []) => ({ path: path('copy.onnx'), force, sources });

function writeBoth(force: boolean, check?: (path: string) => Promise<void>): Promise<string[]> {
  const write = (open: (suffix: string) => ByteSink): void => {
    put(open(''), 'new model');
    put(open('.data'), 'new data');
  };
  return writeAtomically(target(force), write, check);
}

describe('writeAtomically', () => {
  it('replaces only the files it was told to, and none before it may replace all', async () => {
    for (const name of ['copy.onnx', 'copy.onnx.data']) writeFileSync(path(name), 'old');
    const replacing = (...names: string[]) => (
      writeAtomically({ ...target(), force: names.map(path) }, (open) => {
        put(open(''), 'new');
        put(open('.data'), 'new');
      })
    );
    await expect(replacing('copy.onnx')).rejects.toMatchObject({
      problem: { code: 'target-exists', place: { file: path('copy.onnx.data') } },
    });
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['old', 'old']);
    await replacing('copy.onnx', 'copy.onnx.data');
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['new', 'new']);
  });

  it('shows nothing before it is done and leaves only the outputs, the model first', async () => {
    const outputs = await writeAtomically(target(), (open) => {
      put(open('.data'), 'data');
      put(open(''), 'model');
      expect(existsSync(path('copy.onnx')) || existsSync(path('copy.onnx.data'))).toBe(false);
    });
    expect(outputs).toEqual([path('copy.onnx'), path('copy.onnx.data')]);
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['model', 'data']);
    expect(readdirSync(folder).sort()).toEqual(['copy.onnx', 'copy.onnx.data']);
  });

  it('leaves nothing behind when writing fails, and what stood there before', async () => {
    writeFileSync(path('copy.onnx'), 'old');
    await expect(writeAtomically(target(true), (open) => {
      put(open(''), 'half');
      throw new Error('stopped');
    })).rejects.toThrow('stopped');
    expect(readdirSync(folder)).toEqual(['copy.onnx']);
    expect(text('copy.onnx')).toBe('old');
  });

  it('has the outputs checked under their own names before anything appears', async () => {
    writeFileSync(path('copy.onnx'), 'old model');
    const check = vi.fn(async (written: string) => {
      await Promise.resolve();
      expect([readFileSync(written, 'utf8'), readFileSync(`${written}.data`, 'utf8')]).toEqual(['new model', 'new data']);
      expect([basename(written), text('copy.onnx'), existsSync(path('copy.onnx.data'))]).toEqual(['copy.onnx', 'old model', false]);
    });
    await writeBoth(true, check);
    expect(check).toHaveBeenCalledOnce();
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['new model', 'new data']);
  });

  it('leaves what stood there before when the check fails', async () => {
    writeFileSync(path('copy.onnx'), 'old model');
    writeFileSync(path('copy.onnx.data'), 'old data');
    await expect(writeBoth(true, () => Promise.reject(new Error('wrong')))).rejects.toThrow('wrong');
    expect(readdirSync(folder).sort()).toEqual(['copy.onnx', 'copy.onnx.data']);
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['old model', 'old data']);
  });

  it('touches nothing but its own folder until everything is written', async () => {
    writeFileSync(path('copy.onnx'), 'old model');
    await writeBoth(true, () => {
      const [own, ...others] = readdirSync(folder).sort();
      expect(own).toMatch(/^\.quantscope-.*\.tmp$/);
      expect(others).toEqual(['copy.onnx']);
      return Promise.resolve();
    });
  });

  it('replaces existing files only when told to', async () => {
    writeFileSync(path('copy.onnx.data'), 'old data');
    await expect(writeBoth(false)).rejects.toThrow('target-exists');
    expect(readdirSync(folder)).toEqual(['copy.onnx.data']);
    await writeBoth(true);
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['new model', 'new data']);
    expect(readdirSync(folder).sort()).toEqual(['copy.onnx', 'copy.onnx.data']);
  });

  it.each(['copy.onnx', 'copy.onnx.data'])('takes a link that leads nowhere for what stands there: %s', async (name) => {
    symlinkSync('nowhere', path(name));
    await expect(writeBoth(false)).rejects.toMatchObject({ problem: { code: 'target-exists', place: { file: path(name) } } });
    expect(readdirSync(folder)).toEqual([name]);
    expect(readlinkSync(path(name))).toBe('nowhere');
    await writeBoth(true);
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['new model', 'new data']);
  });

  it.skipIf(process.platform === 'win32').each([false, true])('refuses a pipe before anything is written; told to replace: %s', async (force) => {
    execFileSync('mkfifo', [path('copy.onnx')]);
    const write = vi.fn();
    await expect(writeAtomically(target(force), write)).rejects.toThrow('target-is-no-file');
    expect(write).not.toHaveBeenCalled();
    expect(statSync(path('copy.onnx')).isFIFO()).toBe(true);
  });

  it.skipIf(process.platform === 'win32').each(['/dev/quantscope-copy.onnx', '/proc/self/fd/quantscope-copy.onnx', '/dev/../dev/quantscope-copy.onnx'])(
    'refuses a name of the system\'s own: %s', (name) => {
      const place = { path: name, force: true, sources: [] };
      expect(() => requirePlace(place)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'target-is-no-file' }) as unknown }));
    });

  it.each([false, true])('refuses a folder before anything is written; told to replace: %s', async (force) => {
    mkdirSync(path('copy.onnx'));
    const write = vi.fn();
    await expect(writeAtomically(target(force), write)).rejects.toThrow('target-is-folder');
    expect(write).not.toHaveBeenCalled();
    expect(readdirSync(folder)).toEqual(['copy.onnx']);
  });

  it('does not replace a file that appeared meanwhile', async () => {
    await expect(writeBoth(false, () => Promise.resolve(writeFileSync(path('copy.onnx'), 'theirs')))).rejects.toThrow('target-exists');
    expect(text('copy.onnx')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['copy.onnx']);
  });

  it.each(['nothing', 'a file', 'a link'])('takes the data back when the model cannot appear; there before: %s', async (before) => {
    if (before === 'a file') writeFileSync(path('copy.onnx.data'), 'old data');
    if (before === 'a link') symlinkSync('nowhere', path('copy.onnx.data'));
    // A folder that appears meanwhile, with something in it, cannot be replaced by a file.
    const inTheWay = (): Promise<void> => {
      mkdirSync(path('copy.onnx'));
      writeFileSync(join(path('copy.onnx'), 'inside'), '');
      return Promise.resolve();
    };
    await expect(writeBoth(true, inTheWay)).rejects.toThrow('write-failed');
    expect(readdirSync(folder).sort()).toEqual(before === 'nothing' ? ['copy.onnx'] : ['copy.onnx', 'copy.onnx.data']);
    if (before === 'a file') expect(text('copy.onnx.data')).toBe('old data');
    if (before === 'a link') expect(readlinkSync(path('copy.onnx.data'))).toBe('nowhere');
  });

  it('refuses the source by path, through links, and its external data', async () => {
    writeFileSync(path('model.onnx'), 'model');
    writeFileSync(path('weights.bin'), 'weights');
    const sources = [path('model.onnx'), path('weights.bin')];
    const attempt = (to: string) => writeAtomically({ path: to, force: true, sources }, (open) => put(open(''), 'x'));
    linkSync(path('model.onnx'), path('hard.onnx'));
    symlinkSync(path('weights.bin'), path('soft.onnx'));
    mkdirSync(path('sub'));
    const same = ['model.onnx', 'weights.bin', 'hard.onnx', 'soft.onnx'].map(path);
    for (const to of [...same, `${folder}/sub/../model.onnx`]) await expect(attempt(to)).rejects.toThrow('target-is-source');
    expect([text('model.onnx'), text('weights.bin')]).toEqual(['model', 'weights']);
  });

  it('refuses to write the data onto the external data of the source', async () => {
    writeFileSync(path('copy.onnx.data'), 'source data');
    const sources = [path('model.onnx'), path('copy.onnx.data')];
    await expect(writeAtomically(target(true, sources), (open) => {
      put(open(''), 'model');
      put(open('.data'), 'data');
    })).rejects.toThrow('target-is-source');
    expect(readdirSync(folder)).toEqual(['copy.onnx.data']);
    expect(text('copy.onnx.data')).toBe('source data');
  });

  it('removes what killed writes left an hour ago, and nothing else', async () => {
    const anHourAgo = new Date(Date.now() - 61 * 60 * 1000);
    const leave = (name: string, file: string, ages: { folder: boolean; file: boolean }): void => {
      mkdirSync(path(name));
      writeFileSync(join(path(name), file), 'half');
      if (ages.file) utimesSync(join(path(name), file), anHourAgo, anHourAgo);
      if (ages.folder) utimesSync(path(name), anHourAgo, anHourAgo);
    };
    leave('.quantscope-00000000000a.tmp', 'copy.onnx', { folder: true, file: true });
    leave('.quantscope-00000000000b.tmp', 'being-written.onnx', { folder: true, file: false });
    leave('.quantscope-00000000000c.tmp', 'just-begun.onnx', { folder: false, file: true });
    leave('.quantscope-00000000000d.tmp', 'copy.onnx.data.old', { folder: true, file: true });
    leave('.quantscope-mine.tmp', 'notes.txt', { folder: true, file: true });
    leave('quantscope-00000000000e.tmp', 'notes.txt', { folder: true, file: true });
    await writeAtomically(target(), (open) => put(open(''), 'model'));
    expect(readdirSync(folder).sort()).toEqual([
      '.quantscope-00000000000b.tmp', '.quantscope-00000000000c.tmp', '.quantscope-00000000000d.tmp', '.quantscope-mine.tmp',
      'copy.onnx', 'quantscope-00000000000e.tmp',
    ]);
  });

  it('says so when the folder is missing', async () => {
    writeFileSync(path('file'), 'x');
    for (const place of ['none', 'none/none', 'file', 'file/none']) {
      const missing = { path: path(`${place}/copy.onnx`), force: true, sources: [] };
      await expect(writeAtomically(missing, (open) => put(open(''), 'x'))).rejects
        .toMatchObject({ problem: { code: 'folder-not-found', detail: { folder: path(place) } } });
    }
  });
});
