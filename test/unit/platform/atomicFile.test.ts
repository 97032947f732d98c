import {
  existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteSink } from '../../../src/core/bytes/byteSink';
import { writeAtomically } from '../../../src/platform/atomicFile';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(path(name), 'utf8');
const put = (sink: ByteSink, content: string): void => sink.write(Buffer.from(content));
const target = (force = false, sources: string[] = []) => ({ path: path('copy.onnx'), force, sources });

function writeBoth(force: boolean): string[] {
  return writeAtomically(target(force), (open) => {
    put(open(''), 'new model');
    put(open('.data'), 'new data');
  });
}

describe('writeAtomically', () => {
  it('shows nothing before it is done and leaves only the outputs, the model first', () => {
    const outputs = writeAtomically(target(), (open) => {
      put(open('.data'), 'data');
      put(open(''), 'model');
      expect(existsSync(path('copy.onnx')) || existsSync(path('copy.onnx.data'))).toBe(false);
    });
    expect(outputs).toEqual([path('copy.onnx'), path('copy.onnx.data')]);
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['model', 'data']);
    expect(readdirSync(folder).sort()).toEqual(['copy.onnx', 'copy.onnx.data']);
  });

  it('leaves nothing behind when writing fails, and what stood there before', () => {
    writeFileSync(path('copy.onnx'), 'old');
    expect(() => writeAtomically(target(true), (open) => {
      put(open(''), 'half');
      throw new Error('stopped');
    })).toThrow('stopped');
    expect(readdirSync(folder)).toEqual(['copy.onnx']);
    expect(text('copy.onnx')).toBe('old');
  });

  it('replaces existing files only when told to', () => {
    writeFileSync(path('copy.onnx.data'), 'old data');
    expect(() => writeBoth(false)).toThrow('target-exists');
    expect(readdirSync(folder)).toEqual(['copy.onnx.data']);
    writeBoth(true);
    expect([text('copy.onnx'), text('copy.onnx.data')]).toEqual(['new model', 'new data']);
    expect(readdirSync(folder).sort()).toEqual(['copy.onnx', 'copy.onnx.data']);
  });

  it('does not replace a file that appeared meanwhile', () => {
    expect(() => writeAtomically(target(), (open) => {
      put(open(''), 'mine');
      writeFileSync(path('copy.onnx'), 'theirs');
    })).toThrow('target-exists');
    expect(text('copy.onnx')).toBe('theirs');
  });

  it.each([false, true])('takes the data back when the model cannot appear; data there before: %s', (hadData) => {
    if (hadData) writeFileSync(path('copy.onnx.data'), 'old data');
    // A folder with something in it cannot be replaced by a file.
    mkdirSync(path('copy.onnx'));
    writeFileSync(join(path('copy.onnx'), 'inside'), '');
    expect(() => writeBoth(true)).toThrow('write-failed');
    expect(readdirSync(folder).sort()).toEqual(hadData ? ['copy.onnx', 'copy.onnx.data'] : ['copy.onnx']);
    if (hadData) expect(text('copy.onnx.data')).toBe('old data');
  });

  it('refuses the source by path, through links, and its external data', () => {
    writeFileSync(path('model.onnx'), 'model');
    writeFileSync(path('weights.bin'), 'weights');
    const sources = [path('model.onnx'), path('weights.bin')];
    const attempt = (to: string) => () => writeAtomically({ path: to, force: true, sources }, (open) => put(open(''), 'x'));
    linkSync(path('model.onnx'), path('hard.onnx'));
    symlinkSync(path('weights.bin'), path('soft.onnx'));
    mkdirSync(path('sub'));
    const same = ['model.onnx', 'weights.bin', 'hard.onnx', 'soft.onnx'].map(path);
    for (const to of [...same, `${folder}/sub/../model.onnx`]) expect(attempt(to)).toThrow('target-is-source');
    expect([text('model.onnx'), text('weights.bin')]).toEqual(['model', 'weights']);
  });

  it('refuses to write the data onto the external data of the source', () => {
    writeFileSync(path('copy.onnx.data'), 'source data');
    const sources = [path('model.onnx'), path('copy.onnx.data')];
    expect(() => writeAtomically(target(true, sources), (open) => {
      put(open(''), 'model');
      put(open('.data'), 'data');
    })).toThrow('target-is-source');
    expect(readdirSync(folder)).toEqual(['copy.onnx.data']);
    expect(text('copy.onnx.data')).toBe('source data');
  });

  it('says so when the folder is missing', () => {
    const missing = { path: path('none/copy.onnx'), force: false, sources: [] };
    expect(() => writeAtomically(missing, (open) => put(open(''), 'x'))).toThrow('write-failed');
  });
});
