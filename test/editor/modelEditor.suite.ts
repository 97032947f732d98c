import { strict as assert } from 'node:assert';
import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { writeCopyTo } from '../../src/commands/writeQuantizedCopy';
import { abortSignal } from '../../src/editor/abortSignal';
import { ModelEditorProvider } from '../../src/editor/modelEditorProvider';
import { ModelPage } from '../../src/editor/modelPage';
import type { ModelDocument } from '../../src/editor/modelDocument';
import { writeCopy } from '../../src/editor/writeCopy';
import { hearing } from './dialogs';
import { closeEditors, eventually, isDirty, openModel, run, useEditor } from './support';

const root = vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath;
const sample = join(root, 'samples/lenet5_mnist.onnx');

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const planOf = (model: string): unknown => JSON.parse(readFileSync(`${model}.quant.json`, 'utf8'));

describe('the model editor', () => {
  const editor = useEditor();
  let model: string;

  beforeEach(() => {
    model = join(editor.folder, 'lenet.onnx');
    copyFileSync(sample, model);
  });

  const open = (viewType?: string): Promise<ModelDocument> => openModel(editor.services, model, viewType);

  /** The largest layer, since small ones would not get smaller, and its row as a context menu names it. */
  function largest(document: ModelDocument): { name: string; row: object } {
    const layers = document.host.model!.summary.layers.filter(({ quantizable }) => quantizable === true);
    const { name, index } = layers.reduce((a, b) => (b.elements > a.elements ? b : a));
    return { name, row: { webviewSection: 'layer', layer: index, layerQuantizable: true } };
  }

  /** Writes until it is noticed: VS Code says nowhere from when on it watches. */
  async function changing(what: string, write: () => void, check: () => unknown): Promise<void> {
    const writing = setInterval(write, 2000);
    write();
    await eventually(what, () => Boolean(check())).finally(() => clearInterval(writing));
  }

  it('opens .onnx files by default and any file on request', async () => {
    await run('vscode.open', vscode.Uri.file(model));
    const document = await eventually('the document', () => editor.services.editors.find(vscode.Uri.file(model)));
    await document.host.ready;
    assert.ok(document.host.model!.summary.layers.length >= 5);
    assert.equal(isDirty(), false);
    await eventually('rows on screen', () => editor.services.editors.activePage?.visible.length);
    const other = join(editor.folder, 'lenet.bin');
    copyFileSync(sample, other);
    model = other;
    assert.ok((await open('quantscope.any')).host.model!.summary.layers.length >= 5);
  });

  it('shows in the page what the file is, when it is no model', async () => {
    writeFileSync(model, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n');
    const document = await open();
    assert.equal(document.host.model, null);
    copyFileSync(sample, model);
    await run('quantscope.reloadFromDisk');
    assert.ok(document.host.model);
  });

  it('edits the plan: dirty, undo, redo, save, revert; the model is never touched', async () => {
    const before = hashOf(model);
    const document = await open();
    const { name, row } = largest(document);
    await run('quantscope.setLayerBits.4', row);
    await eventually('the dirty state', isDirty);
    assert.deepEqual(document.plan.plan.layers, { [name]: { bits: 4 } });
    const preview = await eventually('the preview', () =>
      document.host.model!.planFeed.rows().find(({ state }) => state === 'previewed'));
    assert.ok(preview.sqnrDb !== null && preview.sqnrDb > 5 && preview.sqnrDb < 40, `SQNR ${preview.sqnrDb}`);

    await run('undo');
    await eventually('the clean state after undo', () => !isDirty());
    assert.deepEqual(document.plan.plan.layers, {});
    await run('redo');
    await eventually('the dirty state after redo', isDirty);
    assert.deepEqual(document.plan.plan.layers, { [name]: { bits: 4 } });

    await run('workbench.action.files.save');
    await eventually('the clean state after saving', () => !isDirty());
    assert.deepEqual(planOf(model), { version: 1, model: 'lenet.onnx', layers: { [name]: { bits: 4 } } });

    await run('quantscope.keepFloat', row);
    await eventually('the dirty state', isDirty);
    assert.deepEqual(document.plan.plan.layers, { [name]: 'float' });
    await run('workbench.action.files.revert');
    await eventually('the clean state after revert', () => !isDirty());
    await eventually('the plan of the file', () => document.plan.plan.layers[name] !== 'float');
    assert.deepEqual(document.plan.plan.layers, { [name]: { bits: 4 } });
    assert.equal(hashOf(model), before);
  });

  it('acts on the row of a context menu, and on none that does not exist', async () => {
    const document = await open();
    const layers = document.host.model!.summary.layers.filter(({ quantizable }) => quantizable === true);
    editor.services.editors.activePage!.selected = [layers[0]!.index];
    await run('quantscope.setLayerBits.3', { webviewSection: 'layer', layer: layers[1]!.index, layerQuantizable: true });
    assert.deepEqual(document.plan.plan.layers, { [layers[1]!.name]: { bits: 3 } });
    for (const layer of [-1, 0.5, 1e6, '0', null]) {
      const { plan } = document.plan;
      await run('quantscope.setLayerBits.2', { webviewSection: 'layer', layer });
      assert.equal(document.plan.plan, plan);
    }
  });

  it('saves and backs up with no page alive', async () => {
    const document = await open();
    const { name, row } = largest(document);
    await run('quantscope.setLayerBits.5', row);
    await eventually('the dirty state', isDirty);
    const other = join(editor.folder, 'notes.txt');
    writeFileSync(other, 'text');
    await run('vscode.open', vscode.Uri.file(other));
    await eventually('the page to be gone', () => editor.services.editors.activePage === undefined);

    const provider = new ModelEditorProvider(editor.services);
    const destination = vscode.Uri.file(join(editor.folder, 'backups', randomUUID()));
    const backup = await provider.backupCustomDocument(document, { destination });
    assert.match(readFileSync(destination.fsPath, 'utf8'), /"bits":5/);
    assert.equal(existsSync(`${model}.quant.json`), false);

    const context = { backupId: backup.id, untitledDocumentData: undefined };
    const restored = await provider.openCustomDocument(document.uri, context);
    assert.deepEqual(restored.plan.plan, document.plan.plan);
    assert.equal(restored.plan.unsavedEdits.length, 1);
    restored.dispose();
    backup.delete();
    await eventually('the backup to be deleted', () => !existsSync(destination.fsPath));

    assert.equal(await vscode.workspace.saveAll(false), true);
    assert.deepEqual(planOf(model), { version: 1, model: 'lenet.onnx', layers: { [name]: { bits: 5 } } });
  });

  it('writes a quantized copy that opens again, and leaves document and source as they were', async () => {
    const before = hashOf(model);
    const document = await open();
    const { row } = largest(document);
    await run('quantscope.setLayerBits.4', row);
    await eventually('the dirty state', isDirty);
    const target = join(editor.folder, 'lenet.4bit.onnx');
    await writeCopyTo(editor.services, document, vscode.Uri.file(target));
    assert.ok(existsSync(target), 'no copy was written');
    assert.ok(readFileSync(target).length < readFileSync(model).length);
    assert.equal(hashOf(model), before);
    assert.equal(isDirty(), true);
    model = target;
    assert.ok((await open()).host.model!.summary.layers.length > 0);
  });

  it('leaves nothing when the writing of a copy is cancelled', async () => {
    const document = await open();
    await run('quantscope.setLayerBits.4', largest(document).row);
    const files = readdirSync(editor.folder);
    const cancelling = new vscode.CancellationTokenSource();
    const writing = writeCopy(editor.services.core, document, vscode.Uri.file(join(editor.folder, 'copy.onnx')), { signal: abortSignal(cancelling.token) });
    cancelling.cancel();
    const outcome = await writing;
    assert.equal(outcome.ok ? 'written' : outcome.problem.code, 'cancelled');
    await eventually('the folder to be as it was', () => readdirSync(editor.folder).join() === files.join());
  });

  it('waits for the model with a copy that is asked for before it is read, and tells why when it cannot be', async () => {
    writeFileSync(`${model}.quant.json`, '{"version":1,"model":"lenet.onnx","defaults":{"bits":4},"layers":{}}');
    const target = vscode.Uri.file(join(editor.folder, 'copy.onnx'));
    const write = async (): Promise<string> => {
      const document = await new ModelEditorProvider(editor.services).openCustomDocument(vscode.Uri.file(model), {
        backupId: undefined, untitledDocumentData: undefined,
      });
      assert.equal(document.host.model, null);
      const outcome = await writeCopy(editor.services.core, document, target, {});
      document.dispose();
      return outcome.ok ? 'written' : outcome.problem.code;
    };
    assert.equal(await write(), 'written');
    writeFileSync(model, 'no model');
    assert.equal(await write(), 'not-onnx');
  });

  it('puts nothing into the plan of a model in a read-only file system', async () => {
    const provider = modelFileSystem('quantscope-frozen', sample, { isReadonly: true });
    const uri = vscode.Uri.parse('quantscope-frozen:/folder/lenet.onnx');
    const document = await new ModelEditorProvider(editor.services).openCustomDocument(uri, { backupId: undefined, untitledDocumentData: undefined });
    await document.host.ready;
    const { index } = document.host.model!.summary.layers.find(({ quantizable }) => quantizable === true)!;
    const panel = vscode.window.createWebviewPanel('quantscope.test', '', vscode.ViewColumn.Active);
    const heard = await hearing(async () => {
      const received = new vscode.EventEmitter<unknown>();
      const webview = instead(panel.webview, { onDidReceiveMessage: received.event });
      new ModelPage(document, instead(panel, { webview }), editor.services);
      received.fire({ type: 'setBits', layers: [index], bits: 4 });
      received.fire({ type: 'setSettings', layers: [index], settings: { method: 'lloyd-max', bits: 4 } });
    });
    assert.equal(heard.length, 2);
    for (const text of heard) assert.match(text, /read-only file system/);
    assert.deepEqual(document.plan.plan.layers, {});
    await eventually('the panel, which would be in the way of its disposal', () => vscode.window.tabGroups.activeTabGroup.activeTab);
    panel.dispose();
    document.dispose();
    provider.dispose();
  });

  it('saves as a copy: the plan first, then the model; never onto its source', async () => {
    const document = await open();
    const provider = new ModelEditorProvider(editor.services);
    const { token } = new vscode.CancellationTokenSource();
    const target = vscode.Uri.file(join(editor.folder, 'copy.onnx'));
    await assert.rejects(provider.saveCustomDocumentAs(document, target, token), /No layer is to be quantized/);
    const { row } = largest(document);
    await run('quantscope.setLayerBits.4', row);
    const before = hashOf(model);
    await assert.rejects(provider.saveCustomDocumentAs(document, document.uri, token), /never replaces its source/);
    assert.equal(hashOf(model), before);
    await provider.saveCustomDocumentAs(document, target, token);
    assert.ok(existsSync(target.fsPath));
    assert.ok(existsSync(`${model}.quant.json`));
  });

  it('follows plan and model when they change on disk', async () => {
    const document = await open();
    const plan = '{"version":1,"model":"lenet.onnx","defaults":{"bits":6},"layers":{}}';
    await changing('the plan to be taken', () => writeFileSync(`${model}.quant.json`, plan), () => document.plan.plan.defaults);
    assert.equal(isDirty(), false);
    const first = document.host.model;
    await changing('the model to be read again', () => copyFileSync(sample, model), () => document.host.model !== first);
    await eventually('the plan to hold', () => document.host.model?.planFeed.planned.length);
  });

  it('keeps a plan file with problems as it is', async () => {
    const broken = '{"version":1,"model":"lenet.onnx","layers":{"no.such":{"bits":99}}}';
    writeFileSync(`${model}.quant.json`, broken);
    const document = await open();
    assert.deepEqual(
      document.plan.problems(document.host.model!.summary.layers).map(({ code }) => code),
      ['setting-invalid', 'no-such-layer'],
    );
    assert.equal(readFileSync(`${model}.quant.json`, 'utf8'), broken);
  });

  it('reads a model from a file system without paths', async () => {
    const provider = modelFileSystem('quantscope-test', sample);
    try {
      const uri = vscode.Uri.parse('quantscope-test:/folder/lenet.onnx');
      await run('vscode.openWith', uri, 'quantscope.model');
      const document = await eventually('the document', () => editor.services.editors.find(uri));
      await document.host.ready;
      assert.ok(document.host.model!.summary.layers.length >= 5);
    } finally {
      await closeEditors();
      provider.dispose();
    }
  });
});

/** The same object, but for these of its properties. */
function instead<T extends object>(real: T, properties: Partial<T>): T {
  return new Proxy(real, {
    get(_, name) {
      const value: unknown = Reflect.get(name in properties ? properties : real, name);
      return typeof value === 'function' ? value.bind(real) : value;
    },
    set: (_, name, value) => Reflect.set(real, name, value),
  });
}

/** A file system whose one file, in every folder and by every name, is the model. */
function modelFileSystem(scheme: string, model: string, options?: { isReadonly: boolean }): vscode.Disposable {
  const bytes = readFileSync(model);
  const requireModel = (uri: vscode.Uri): void => {
    if (!uri.path.endsWith('.onnx')) throw vscode.FileSystemError.FileNotFound(uri);
  };
  return vscode.workspace.registerFileSystemProvider(scheme, {
    onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
    watch: () => ({ dispose: () => {} }),
    stat(uri) {
      requireModel(uri);
      return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length };
    },
    readDirectory: () => [],
    createDirectory: () => {},
    readFile(uri) {
      requireModel(uri);
      return bytes;
    },
    writeFile: () => {},
    delete: () => {},
    rename: () => {},
  }, options);
}
