import { strict as assert } from 'node:assert';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Comparison } from '../../src/comparison/comparison';
import { openLayer } from '../../src/comparison/openLayer';
import { locateModel } from '../../src/editor/locateModel';
import type { CompareHostMessage } from '../../src/protocol/comparePage';
import { choosing, hearing } from './dialogs';
import { eventually, openModel, run, useEditor } from './support';

const root = vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath;
const sample = join(root, 'samples/lenet5_mnist.onnx');

describe('comparing two models', () => {
  const editor = useEditor();
  let model: string;
  let copy: string;

  beforeEach(() => {
    model = join(editor.folder, 'lenet.onnx');
    copy = join(editor.folder, 'lenet.4bit.onnx');
    copyFileSync(sample, model);
    copyFileSync(sample, copy);
  });

  const uri = vscode.Uri.file;
  const tab = (): string | undefined => vscode.window.tabGroups.activeTabGroup.activeTab?.label;

  it('opens on two files selected in the explorer, the original first', async () => {
    await run('quantscope.compareWith', uri(copy), [uri(copy), uri(model)]);
    await eventually('the comparison', () => tab() === 'lenet.onnx ↔ lenet.4bit.onnx');
  });

  it('asks for the other model, copies first', async () => {
    copyFileSync(sample, join(editor.folder, 'another.onnx'));
    const asked = await choosing(['lenet.4bit.onnx'], async () => run('quantscope.compareWith', uri(model), [uri(model)]));
    assert.deepEqual(asked, ['The other model']);
    await eventually('the comparison', () => tab() === 'lenet.onnx ↔ lenet.4bit.onnx');
  });

  it('acts on the active editor\'s model, and says what is missing otherwise', async () => {
    const heard = await hearing(async () => run('quantscope.compareWith'));
    assert.deepEqual(heard, ['Open an ONNX model in Quantscope first.']);
    await openModel(editor.services, model);
    await choosing(['lenet.4bit.onnx'], async () => run('quantscope.compareWith'));
    await eventually('the comparison', () => tab() === 'lenet.onnx ↔ lenet.4bit.onnx');
  });

  it('takes two models and no more', async () => {
    const heard = await hearing(async () => run('quantscope.compareWith', uri(model), [model, copy, sample].map(uri)));
    assert.deepEqual(heard, ['Select two models to compare.']);
  });

  it('compares what lies on disk', async () => {
    const messages: CompareHostMessage[] = [];
    const file = (path: string) => ({ uri: path, fileName: path, folder: editor.folder, locate: () => locateModel(uri(path), 256) });
    const comparison = new Comparison({
      a: file(model), b: file(copy), tolerance: 0, core: editor.services.core, log: editor.services.log,
      post: (message) => messages.push(message), onCompared: () => {},
    });
    await comparison.start();
    const found = messages.find((message) => message.type === 'comparison');
    assert.deepEqual(found?.rows.map(({ state }) => state), ['equal', 'equal', 'equal', 'equal', 'equal']);
    comparison.dispose();
  });

  it('opens a layer in its model', async () => {
    await openLayer(editor.services, uri(copy), 3);
    const page = await eventually('the page', () => editor.services.editors.activePage);
    assert.equal(page.document.uri.fsPath, copy);
    await eventually('the selection', () => page.current === 3);
  });
});
