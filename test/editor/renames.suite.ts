import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelDocument } from '../../src/editor/modelDocument';
import { ModelEditorProvider } from '../../src/editor/modelEditorProvider';
import { buildModel, laplacian, writeModel } from '../fixtures/modelBuilder';
import { answeringWarnings } from './dialogs';
import { eventually, openModel, run, useEditor } from './support';

const built = buildModel({
  inputs: [{ name: 'x', dims: ['n', 64] }], outputs: [{ name: 'z', dims: ['n', 64] }],
  initializers: ['fc1', 'fc2'].map((name, seed) => ({ name, dims: [64, 64], data: laplacian(64 * 64, seed) })),
  nodes: [{ op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', 'fc2'], outputs: ['z'] }],
});

const planOf = (model: string): unknown => JSON.parse(readFileSync(`${model}.quant.json`, 'utf8'));
const hasPlan = (model: string): boolean => existsSync(`${model}.quant.json`);

const tabsOf = (model: string): vscode.Tab[] => (
  vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ input }) => (
    input instanceof vscode.TabInputCustom && input.uri.fsPath === model
  ))
);

/** Renames as the Explorer does, several files at once. */
async function rename(...pairs: [from: string, to: string][]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  for (const [from, to] of pairs) edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to));
  assert.equal(await vscode.workspace.applyEdit(edit), true);
}

describe('a model that is renamed', () => {
  const editor = useEditor();

  const write = (name: string): string => {
    mkdirSync(dirname(join(editor.folder, name)), { recursive: true });
    return writeModel(dirname(join(editor.folder, name)), basename(name), built);
  };

  const setBits = (document: ModelDocument, layer: number, bits: 3 | 4 | 5): void => {
    document.setBits(document.host.layers([layer]), bits);
  };

  /** Opens a model and sets its first layer to 4 bits, without saving. */
  async function edited(model: string): Promise<ModelDocument> {
    const document = await openModel(editor.services, model);
    setBits(document, 0, 4);
    await eventually('the dirty state', () => tabsOf(model).every(({ isDirty }) => isDirty));
    return document;
  }

  /** The document of a model in its new place, once it has unsaved edits that VS Code knows of. */
  async function dirtyAgain(model: string): Promise<ModelDocument> {
    await eventually(`unsaved edits of ${basename(model)}`, () => {
      const tabs = tabsOf(model);
      return tabs.length > 0 && tabs.every(({ isDirty }) => isDirty);
    });
    return editor.services.editors.find(vscode.Uri.file(model))!;
  }

  it('takes plan file and unsaved edits along, and saves beside its new name', async () => {
    const [from, to] = [write('a.onnx'), join(editor.folder, 'b.onnx')];
    const before = await edited(from);
    await run('workbench.action.files.save');
    await eventually('the plan', () => hasPlan(from));
    setBits(before, 1, 3);
    await eventually('the dirty state', () => tabsOf(from)[0]?.isDirty);
    const warnings = await answeringWarnings(undefined, async () => {
      await rename([from, to]);
      const document = await dirtyAgain(to);
      assert.deepEqual(planOf(to), { version: 1, model: 'b.onnx', layers: { fc1: { bits: 4 } } });
      assert.equal(hasPlan(from), false);
      assert.deepEqual(document.plan.plan, { version: 1, model: 'b.onnx', layers: { fc1: { bits: 4 }, fc2: { bits: 3 } } });
      await run('undo');
      await eventually('the clean state', () => !tabsOf(to)[0]!.isDirty);
      assert.deepEqual(document.plan.plan.layers, { fc1: { bits: 4 } });
      await run('redo');
      await dirtyAgain(to);
    });
    assert.deepEqual(warnings, []);
    await run('workbench.action.files.save');
    await eventually('the clean state', () => !tabsOf(to)[0]!.isDirty);
    assert.deepEqual(planOf(to), { version: 1, model: 'b.onnx', layers: { fc1: { bits: 4 }, fc2: { bits: 3 } } });
    assert.equal(hasPlan(from), false);
  });

  it('takes its plan file along when it is not open, and shows it when it is open and clean', async () => {
    const [from, to] = [write('a.onnx'), join(editor.folder, 'b.onnx')];
    writeFileSync(`${from}.quant.json`, '{"version":1,"model":"a.onnx","layers":{"fc1":{"bits":4}}}');
    await rename([from, to]);
    await eventually('the plan to follow', () => hasPlan(to) && !hasPlan(from));
    const document = await openModel(editor.services, to);
    assert.deepEqual(document.plan.plan.layers, { fc1: { bits: 4 } });
    await rename([to, from]);
    const back = await eventually('the document', () => editor.services.editors.find(vscode.Uri.file(from)));
    await eventually('its plan', () => back.plan.plan.layers.fc1 && back.plan.plan.model === 'a.onnx');
    assert.equal(tabsOf(from)[0]!.isDirty, false);
  });

  it('does not replace a plan file that is there already', async () => {
    const [from, to] = [write('a.onnx'), join(editor.folder, 'b.onnx')];
    const theirs = '{"version":1,"model":"b.onnx","layers":{"fc2":{"bits":8}}}';
    writeFileSync(`${from}.quant.json`, '{"version":1,"model":"a.onnx","layers":{}}');
    writeFileSync(`${to}.quant.json`, theirs);
    await edited(from);
    await rename([from, to]);
    const document = await dirtyAgain(to);
    assert.deepEqual(document.plan.plan.layers, { fc1: { bits: 4 } });
    assert.equal(readFileSync(`${to}.quant.json`, 'utf8'), theirs);
    assert.equal(hasPlan(from), true);
  });

  it('keeps unsaved edits in two editors side by side, and under a name that is not a model’s', async () => {
    const [from, to, other] = [write('a.onnx'), join(editor.folder, 'b.onnx'), join(editor.folder, 'b.bin')];
    await edited(from);
    await run('workbench.action.splitEditor');
    await eventually('two tabs', () => tabsOf(from).length === 2);
    await rename([from, to]);
    assert.deepEqual((await dirtyAgain(to)).plan.plan.layers, { fc1: { bits: 4 } });
    assert.equal(tabsOf(to).length, 2);
    await rename([to, other]);
    assert.deepEqual((await dirtyAgain(other)).plan.plan, { version: 1, model: 'b.bin', layers: { fc1: { bits: 4 } } });
  });

  it('keeps unsaved edits of all models that are moved at once, and in the background', async () => {
    const names = ['a.onnx', 'b.onnx', 'c.onnx'];
    const models = names.map(write);
    for (const model of models) await edited(model);
    await openModel(editor.services, write('other.onnx'));
    mkdirSync(join(editor.folder, 'to'));
    await rename(...models.map((model): [string, string] => [model, join(editor.folder, 'to', basename(model))]));
    for (const name of names) {
      const document = await dirtyAgain(join(editor.folder, 'to', name));
      assert.deepEqual(document.plan.plan, { version: 1, model: name, layers: { fc1: { bits: 4 } } });
      assert.equal(tabsOf(join(editor.folder, 'to', name)).length, 1);
    }
  });

  it('keeps unsaved edits when its folder is renamed', async () => {
    const from = write('in/a.onnx');
    const before = await edited(from);
    await run('workbench.action.files.save');
    await eventually('the plan', () => hasPlan(from));
    setBits(before, 1, 3);
    await rename([join(editor.folder, 'in'), join(editor.folder, 'out')]);
    const to = join(editor.folder, 'out/a.onnx');
    assert.deepEqual((await dirtyAgain(to)).plan.plan.layers, { fc1: { bits: 4 }, fc2: { bits: 3 } });
    assert.deepEqual(planOf(to), { version: 1, model: 'a.onnx', layers: { fc1: { bits: 4 } } });
    await new ModelEditorProvider(editor.services).saveCustomDocument(before);
    assert.equal(existsSync(dirname(from)), false, 'Save, when VS Code asks about the model that it closes, wrote a plan to where it was');
  });

  it('forgets the unsaved edits of a model that was deleted, and keeps those of one that could not be renamed', async () => {
    const [from, to] = [write('a.onnx'), join(editor.folder, 'b.onnx')];
    await edited(from);
    const deletion = new vscode.WorkspaceEdit();
    deletion.deleteFile(vscode.Uri.file(from));
    await vscode.workspace.applyEdit(deletion);
    await eventually('the model to be closed', () => editor.services.editors.documents.size === 0);
    write('a.onnx');
    await rename([from, to]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(editor.services.editors.documents.size, 0);

    const document = await edited(to);
    write('c.onnx');
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(vscode.Uri.file(to), vscode.Uri.file(join(editor.folder, 'c.onnx')), { overwrite: false });
    assert.equal(await vscode.workspace.applyEdit(edit), false);
    assert.equal(editor.services.editors.find(vscode.Uri.file(to)), document);
    assert.equal(tabsOf(to)[0]!.isDirty, true);
  });

  it('is back with its plan file when its move in the Explorer is undone', async () => {
    const folder = mkdtempSync(join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'moved-'));
    const [from, to] = [writeModel(folder, 'a.onnx', built), join(folder, 'to/a.onnx')];
    mkdirSync(dirname(to));
    await edited(from);
    await run('workbench.action.files.save');
    await eventually('the clean state', () => hasPlan(from) && !tabsOf(from)[0]!.isDirty);
    const reveal = async (path: string): Promise<void> => {
      await run('revealInExplorer', vscode.Uri.file(path));
      await new Promise((resolve) => setTimeout(resolve, 1500));
    };
    await reveal(from);
    await run('filesExplorer.cut');
    await reveal(dirname(to));
    await run('filesExplorer.paste');
    await eventually('the plan to follow', () => hasPlan(to) && !hasPlan(from));
    await run('workbench.files.action.focusFilesExplorer');
    await run('undo');
    await eventually('the plan to be back', () => hasPlan(from) && !hasPlan(to));
    const document = await eventually('the document', () => editor.services.editors.find(vscode.Uri.file(from)));
    await eventually('its plan', () => document.plan.plan.layers.fc1);
  });
});
