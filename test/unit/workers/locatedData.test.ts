import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coreJobs } from '../../../src/workers/coreJobs';
import { buildModel, laplacian, writeModel, type BuiltModel } from '../../fixtures/modelBuilder';

const SIDE = 32;

/** A layer for each of these files. */
const modelOf = (...files: string[]): BuiltModel => buildModel({
  inputs: [{ name: 'x0', dims: [1, SIDE] }], outputs: [{ name: `x${files.length}`, dims: [1, SIDE] }],
  initializers: files.map((file, i) => ({ name: `w${i}`, dims: [SIDE, SIDE], data: laplacian(SIDE * SIDE, i), form: 'external', file })),
  nodes: files.map((_, i) => ({ op: 'MatMul', inputs: [`x${i}`, `w${i}`], outputs: [`x${i + 1}`] })),
});

let root: string;
let path: string;
let data: ReadonlyMap<string, Uint8Array>;
const jobs = coreJobs();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quantscope-located-'));
  for (const folder of ['models', 'found', 'found/sub']) mkdirSync(join(root, folder));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The model without its data. */
function write(...files: string[]): void {
  const built = modelOf(...files);
  data = built.external;
  path = writeModel(join(root, 'models'), 'm.onnx', { ...built, external: new Map() });
}

/** A file outside of the model's folder that holds the data of a location. */
function found(location: string, name = location): string {
  const file = join(root, 'found', name);
  writeFileSync(file, data.get(location)!);
  return file;
}

const locate = (location: string, source: string) => jobs.locateData({}, { path }, { location, source });
const refused = async (location: string, source: string): Promise<unknown> => (
  locate(location, source).then(() => 'accepted', ({ problem }: { problem: { code: string } }) => problem)
);

describe('a file chosen for external data', () => {
  it('may have any name, and goes to where the model looks for it', async () => {
    write('sub/w.bin');
    const source = found('sub/w.bin', 'renamed.bin');
    const target = join(root, 'models/sub/w.bin');
    const bytes = 4 * SIDE * SIDE;
    expect(await locate('sub/w.bin', source)).toEqual([{ location: 'sub/w.bin', source, target, bytes }]);
    expect(readdirSync(join(root, 'models'))).toEqual(['m.onnx']);
    const before = readFileSync(path);
    await jobs.copyData({}, { path }, [{ location: 'sub/w.bin', source }]);
    expect(readFileSync(target)).toEqual(readFileSync(source));
    expect(readFileSync(path)).toEqual(before);
    const { externalFiles, layers } = await jobs.openModel({}, { path });
    expect(externalFiles).toEqual([{ location: 'sub/w.bin', bytes, needed: bytes }]);
    expect(layers[0]!.quantizable).toBe(true);
  });

  it('has to be long enough for all that the model says is in it', async () => {
    write('w.bin', 'w.bin');
    const source = found('w.bin');
    const whole = readFileSync(source).length;
    expect(whole).toBeGreaterThanOrEqual(8 * SIDE * SIDE);
    truncateSync(source, whole - 1);
    expect(await refused('w.bin', source))
      .toEqual({ code: 'data-too-short', place: { file: source }, detail: { expected: whole, actual: whole - 1 } });
    truncateSync(source, whole);
    expect(await refused('w.bin', source)).toBe('accepted');
    truncateSync(source, whole + 100);
    expect(await refused('w.bin', source)).toBe('accepted');
  });

  it('is a file, and not the model', async () => {
    write('w.bin');
    symlinkSync(path, join(root, 'found/link.onnx'));
    expect(await refused('w.bin', path)).toMatchObject({ code: 'data-is-model' });
    expect(await refused('w.bin', join(root, 'found/link.onnx'))).toMatchObject({ code: 'data-is-model' });
    expect(await refused('w.bin', join(root, 'found'))).toMatchObject({ code: 'file-unreadable' });
    expect(await refused('w.bin', join(root, 'found/none.bin'))).toMatchObject({ code: 'file-not-found' });
  });

  it('is refused where the model no longer asks for it', async () => {
    write('w.bin');
    const source = found('w.bin');
    expect(await refused('other.bin', source)).toMatchObject({ code: 'file-changed' });
    writeFileSync(join(root, 'models/w.bin'), data.get('w.bin')!);
    expect(await refused('w.bin', source)).toMatchObject({ code: 'data-place-taken' });
  });
});

describe('a place that is refused', () => {
  it.each(['.bashrc', '.config/autostart/w.desktop', 'sub/.git/hooks/post-commit'])('hidden: %s', async (location) => {
    write(location);
    expect(await refused(location, found(location, 'w.bin'))).toMatchObject({ code: 'data-place-hidden', detail: { location } });
  });

  it('hidden behind a link inside the model\'s folder', async () => {
    write('weights/hooks/post-commit');
    mkdirSync(join(root, 'models/.git/hooks'), { recursive: true });
    symlinkSync(join(root, 'models/.git'), join(root, 'models/weights'));
    expect(await refused('weights/hooks/post-commit', found('weights/hooks/post-commit', 'w.bin')))
      .toMatchObject({ code: 'data-place-hidden' });
    expect(readdirSync(join(root, 'models/.git/hooks'))).toEqual([]);
  });

  it('behind a link out of the model\'s folder, but not behind one inside it', async () => {
    write('out/deep/w.bin', 'in/w.bin');
    mkdirSync(join(root, 'models/sub'));
    symlinkSync(join(root, 'found'), join(root, 'models/out'));
    symlinkSync(join(root, 'models/sub'), join(root, 'models/in'));
    expect(await refused('out/deep/w.bin', found('out/deep/w.bin', 'w.bin'))).toMatchObject({ code: 'external-escapes' });
    expect(await refused('in/w.bin', found('in/w.bin', 'w.bin'))).toBe('accepted');
  });

  it('a link that leads nowhere', async () => {
    write('w.bin');
    symlinkSync(join(root, 'gone'), join(root, 'models/w.bin'));
    expect(await refused('w.bin', found('w.bin'))).toMatchObject({ code: 'data-place-taken' });
  });
});

describe('several missing files', () => {
  it('are taken from beside the chosen one, those that are there and whole', async () => {
    write('w.bin', 'sub/a.bin', 'sub/short.bin', 'none.bin', './dot.bin');
    for (const location of ['w.bin', 'sub/a.bin', 'sub/short.bin', './dot.bin']) found(location);
    truncateSync(join(root, 'found/sub/short.bin'), 10);
    const fromTop = await locate('w.bin', join(root, 'found/w.bin'));
    expect(fromTop.map(({ location }) => location)).toEqual(['w.bin', 'sub/a.bin', './dot.bin']);
    const fromBelow = await locate('sub/a.bin', join(root, 'found/sub/a.bin'));
    expect(fromBelow.map(({ source }) => source)).toEqual(['sub/a.bin', 'w.bin', 'dot.bin'].map((name) => join(root, 'found', name)));
  });

  it('are not looked for above the chosen one\'s folder where that does not lie as the model has it', async () => {
    write('a/b/w.bin', 'secret/key', 'a/b/near.bin');
    for (const folder of ['found/home/downloads', 'found/secret']) mkdirSync(join(root, folder), { recursive: true });
    found('secret/key');
    found('a/b/near.bin', 'home/downloads/near.bin');
    const located = await locate('a/b/w.bin', found('a/b/w.bin', 'home/downloads/w.bin'));
    expect(located.map(({ location }) => location)).toEqual(['a/b/w.bin', 'a/b/near.bin']);
  });

  it('are not all taken from one file', async () => {
    write('a.bin', 'b.bin');
    expect(await locate('a.bin', found('a.bin', 'b.bin'))).toHaveLength(1);
  });

  it('are checked before the first is copied, and those copied before a cancel stay whole', async () => {
    write('a.bin', 'b.bin');
    const sources = ['a.bin', 'b.bin'].map((location) => ({ location, source: found(location) }));
    const [a, b] = sources as [typeof sources[0], typeof sources[0]];
    await expect(jobs.copyData({}, { path }, [a, { ...b, source: path }])).rejects.toMatchObject({ problem: { code: 'data-is-model' } });
    expect(readdirSync(join(root, 'models'))).toEqual(['m.onnx']);
    const signal = { aborted: false };
    const progress: number[] = [];
    const onProgress = (fraction: number): void => {
      progress.push(fraction);
      signal.aborted = fraction >= 0.5;
    };
    await expect(jobs.copyData({ signal, onProgress }, { path }, sources)).rejects.toMatchObject({ problem: { code: 'cancelled' } });
    expect(progress.at(-1)).toBe(0.5);
    expect(readdirSync(join(root, 'models')).sort()).toEqual(['a.bin', 'm.onnx']);
    expect(readFileSync(join(root, 'models/a.bin'))).toEqual(Buffer.from(data.get('a.bin')!));
  });
});
