import { strict as assert } from 'node:assert';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelDocument } from '../../src/editor/modelDocument';
import type { HostMessage } from '../../src/protocol/page';
import { buildModel, laplacian, writeModel, type BuiltModel } from '../fixtures/modelBuilder';
import { answeringWarnings } from './dialogs';
import { eventually, followed, isDirty, openModel, openModelWatched, useEditor } from './support';

/** A model that a training script exports: its weights are those of one step, its second layer may be called anew. */
function exported(step: number, second = 'fc2', file?: string): BuiltModel {
  const form = file === undefined ? {} : { form: 'external' as const, file };
  return buildModel({
    inputs: [{ name: 'x', dims: ['n', 64] }], outputs: [{ name: 'z', dims: ['n', 64] }],
    initializers: ['fc1', second].map((name, i) => ({ name, dims: [64, 64], data: laplacian(64 * 64, 10 * step + i), ...form })),
    nodes: [{ op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', second], outputs: ['z'] }],
  });
}

describe('a model that is written while it is open', () => {
  const editor = useEditor();
  let model: string;

  beforeEach(() => {
    model = writeModel(editor.folder, 'm.onnx', exported(0));
  });

  const openWatched = (file = model, contents = exported(0).model): Promise<ModelDocument> => (
    openModelWatched(editor.services, model, file, contents)
  );

  it('is followed five times in a row, once in two halves, keeping selection and plan', async () => {
    const document = await openWatched();
    const page = await eventually('the page', () => editor.services.editors.activePage);
    document.setBits(document.host.layers([1]), 3);
    page.select([1]);
    await eventually('the selection', () => page.current === 1);
    const sqnrs = new Set<number>();
    for (let step = 1; step <= 5; step++) {
      const before = document.host.model;
      const { model: bytes } = exported(step);
      if (step === 3) {
        writeFileSync(model, bytes.subarray(0, bytes.length / 2));
        await new Promise((resolve) => setTimeout(resolve, 900));
        assert.equal(document.host.model, before, 'half a model was shown');
        appendFileSync(model, bytes.subarray(bytes.length / 2));
      } else {
        writeFileSync(model, bytes);
      }
      await followed(document, before);
      assert.deepEqual(document.plan.plan.layers, { fc2: { bits: 3 } });
      const { sqnrDb } = await eventually('its error', () => document.host.model?.planFeed.previewOf(1));
      sqnrs.add(sqnrDb);
      await eventually('the selection as it was', () => page.current === 1 && page.selected.join() === '1');
    }
    assert.equal(sqnrs.size, 5, 'the error of each version is another');
    assert.equal(isDirty(), true);
  });

  it('says which layers of the plan it no longer has, unsaved ones included, and keeps them', async () => {
    const document = await openWatched();
    document.setBits(document.host.layers([0, 1]), 4);
    const before = document.host.model;
    const told = await answeringWarnings(undefined, async () => {
      writeFileSync(model, exported(1, 'head').model);
      await followed(document, before);
    });
    assert.equal(told.length, 1);
    assert.match(told[0]!, /^m\.onnx\.quant\.json: The model has no layer named "fc2"/);
    assert.deepEqual(document.plan.plan.layers, { fc1: { bits: 4 }, fc2: { bits: 4 } });
    assert.deepEqual(document.host.model!.planFeed.planned.map(({ layer }) => layer), [0]);
  });

  it('is told to be gone at once, shown as it was meanwhile, and read again when it is back', async () => {
    const document = await openWatched();
    document.setBits(document.host.layers([0]), 4);
    const page = await eventually('the page', () => editor.services.editors.activePage);
    const told: HostMessage[] = [];
    const post = page.post.bind(page);
    page.post = (message) => {
      told.push(message);
      post(message);
    };
    const before = document.host.model;
    renameSync(model, `${model}.away`);
    await eventually('that the page says so', () => told.some(({ type }) => type === 'waiting'));
    assert.equal(document.host.model, before);
    renameSync(`${model}.away`, model);
    await followed(document, before);
    await eventually('that the page shows it', () => told.some(({ type }) => type === 'model'));
    assert.deepEqual(document.plan.plan.layers, { fc1: { bits: 4 } });
  });

  it('is followed when external data in a folder below it changes', async () => {
    mkdirSync(join(editor.folder, 'weights'));
    const built = exported(0, 'fc2', 'weights/data.bin');
    const [[, data]] = [...built.external] as [[string, Uint8Array]];
    model = writeModel(editor.folder, 'm.onnx', built);
    const document = await openWatched(join(editor.folder, 'weights/data.bin'), Buffer.from(data));
    const before = document.host.model;
    writeFileSync(join(editor.folder, 'weights/data.bin'), Buffer.from(data).reverse());
    await followed(document, before);
    assert.equal(document.host.model!.summary.layers.length, 2);
  });

  it('is followed when missing external data comes, in folders that were not there, goes with them, and comes back', async () => {
    const built = exported(0, 'fc2', 'weights/deep/data.bin');
    const [[, data]] = [...built.external] as [[string, Uint8Array]];
    model = writeModel(editor.folder, 'm.onnx', { ...built, external: new Map() });
    const document = await openWatched(model, built.model);
    const missing = (count: number): Promise<unknown> => (
      eventually(`${count} missing files`, () => (
        document.host.model?.summary.externalFiles.filter(({ bytes }) => bytes === null).length === count
      ))
    );
    await missing(1);
    mkdirSync(join(editor.folder, 'weights'));
    mkdirSync(join(editor.folder, 'weights/deep'));
    // VS Code says nowhere from when on it watches a folder that is new.
    const writing = setInterval(() => writeFileSync(join(editor.folder, 'weights/deep/data.bin'), data), 1000);
    await missing(0).finally(() => clearInterval(writing));
    assert.equal(document.canQuantize, true);
    renameSync(join(editor.folder, 'weights'), join(editor.folder, 'away'));
    await missing(1);
    renameSync(join(editor.folder, 'away'), join(editor.folder, 'weights'));
    await missing(0);
  });

  it('keeps edits when its plan changes on disk, unless told to load it', async () => {
    const document = await openWatched();
    const plan = (bits: number): string => `{"version":1,"model":"m.onnx","layers":{"fc1":{"bits":${bits}}}}`;
    writeFileSync(`${model}.quant.json`, plan(7));
    await eventually('the plan of the file while nothing is edited', () => document.plan.plan.layers['fc1']);
    document.setBits(document.host.layers([0]), 2);
    await eventually('the dirty state', isDirty);
    const change = async (bits: number): Promise<void> => {
      writeFileSync(`${model}.quant.json`, plan(bits));
      await new Promise((resolve) => setTimeout(resolve, 2000));
    };
    const question = ['m.onnx.quant.json has changed on disk, and the plan has unsaved edits.'];
    assert.deepEqual(await answeringWarnings('Keep Edits', () => change(6)), question);
    assert.deepEqual(document.plan.plan.layers, { fc1: { bits: 2 } });
    assert.deepEqual(await answeringWarnings('Load From Disk', () => change(5)), question);
    await eventually('the plan of the file', () => JSON.stringify(document.plan.plan.layers) === '{"fc1":{"bits":5}}');
    await eventually('the clean state', () => !isDirty());
  });

  it('is one document in two editors side by side', async () => {
    const document = await openModel(editor.services, model);
    const left = await eventually('the page', () => editor.services.editors.activePage);
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const right = await eventually('the other page', () => editor.services.editors.activePage !== left && editor.services.editors.activePage);
    assert.equal(right.document, document);
    assert.equal(editor.services.editors.documents.size, 1);
    await eventually('its rows', () => right.visible.length);
    document.setBits(document.host.layers([0]), 4);
    await eventually('both tabs to be dirty', () => (
      vscode.window.tabGroups.all.length === 2 && vscode.window.tabGroups.all.every(({ activeTab }) => activeTab?.isDirty)
    ));
    await vscode.commands.executeCommand('undo');
    await eventually('both tabs to be clean', () => vscode.window.tabGroups.all.every(({ activeTab }) => !activeTab?.isDirty));
    assert.deepEqual(document.plan.plan.layers, {});
  });
});
