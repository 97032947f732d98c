import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDocument } from '../../src/editor/modelDocument';
import { buildModel, laplacian, writeModel } from '../fixtures/modelBuilder';
import { choosing, failing, hearing, opening } from './dialogs';
import { eventually, openModel, openModelWatched, run, useEditor } from './support';

const locate = async (): Promise<unknown> => run('quantscope.locateData');
const SIZE = 64 * 64 * 4;

describe('external data that is located', () => {
  const editor = useEditor();
  let model: string;
  let bytes: Uint8Array;
  let data: ReadonlyMap<string, Uint8Array>;

  beforeEach(() => {
    for (const part of ['models', 'found']) mkdirSync(join(editor.folder, part));
  });

  /** Writes a model with a layer in each of these files, which lie in another folder. */
  function write(...files: string[]): void {
    const built = buildModel({
      inputs: [{ name: 'x0', dims: ['n', 64] }], outputs: [{ name: `x${files.length}`, dims: ['n', 64] }],
      initializers: files.map((file, i) => ({ name: `w${i}`, dims: [64, 64], data: laplacian(64 * 64, i), form: 'external', file })),
      nodes: files.map((_, i) => ({ op: 'MatMul', inputs: [`x${i}`, `w${i}`], outputs: [`x${i + 1}`] })),
    });
    bytes = built.model;
    data = built.external;
    model = writeModel(join(editor.folder, 'models'), 'm.onnx', { ...built, external: new Map() });
    for (const [name, contents] of data) {
      mkdirSync(join(editor.folder, 'found', name, '..'), { recursive: true });
      writeFileSync(join(editor.folder, 'found', name), contents);
    }
  }

  const openWatched = (): Promise<ModelDocument> => openModelWatched(editor.services, model, model, bytes);

  it('is copied to where the model looks for it once a person has agreed, and the page follows', async () => {
    write('sub/weights.data');
    const document = await openWatched();
    const source = join(editor.folder, 'found/sub/weights.data');
    const target = join(editor.folder, 'models/sub/weights.data');
    const question = `Copy weights.data (16 KB) to ${target}?`;
    assert.equal(document.canQuantize, false);

    let asked: string[] = [];
    const titles = await opening([source], async () => { asked = await hearing(locate); });
    assert.deepEqual([titles, asked], [['Locate sub/weights.data (16 KB)'], [question]]);
    assert.deepEqual(readdirSync(join(editor.folder, 'models')), ['m.onnx']);

    await opening([source], async () => { asked = await hearing(locate, 'Copy'); });
    assert.deepEqual(asked, [question]);
    assert.deepEqual(readFileSync(target), readFileSync(source));
    assert.deepEqual(readFileSync(model), Buffer.from(bytes));
    await eventually('the page to follow', () => document.canQuantize && document.missingData.length === 0);
    assert.deepEqual(await hearing(locate), ['m.onnx misses no external data that could be copied to its folder.']);
  });

  it('is refused with needed and found size when it is too short, or the model itself', async () => {
    write('weights.data');
    await openModel(editor.services, model);
    const short = join(editor.folder, 'found/short.data');
    writeFileSync(short, 'short');
    const told = async (file: string): Promise<string | undefined> => {
      let errors: string[][] = [];
      await opening([file], async () => { errors = await failing(locate); });
      return errors[0]?.[0];
    };
    assert.match((await told(short))!, new RegExp(`^The file is too short: .* takes ${SIZE} bytes, and it has 5 \\(.*short\\.data\\)\\. Choose the file`));
    assert.match((await told(model))!, /^This is the model itself, not its external data/);
    assert.equal(existsSync(join(editor.folder, 'models/weights.data')), false);
  });

  it('is chosen from a list where there is more of it, and what lies beside it comes along', async () => {
    write('a.data', 'b.data', 'c.data');
    const document = await openWatched();
    rmSync(join(editor.folder, 'found/c.data'));
    let asked: string[] = [];
    const listed = await choosing(['b.data'], async () => {
      await opening([join(editor.folder, 'found/b.data')], async () => { asked = await hearing(locate, 'Copy'); });
    });
    assert.equal(listed.length, 1);
    assert.deepEqual(asked, [`Copy 2 files (32 KB) to ${join(editor.folder, 'models')}?`]);
    await eventually('the page to follow', () => document.missingData.map(({ location }) => location).join() === 'c.data');
  });
});
