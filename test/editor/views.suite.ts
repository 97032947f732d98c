import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { saveTensors } from '../../src/commands/saveTensor';
import { saveChart } from '../../src/editor/saveChart';
import { buildModel, laplacian, writeModel } from '../fixtures/modelBuilder';
import { choosing, failing, hearing, savingAs } from './dialogs';
import { eventually, openModel, run, useEditor } from './support';

const NAMES = ['layer1.0.fc.weight', 'layer1.1.fc.weight', 'layer2.fc.weight', 'head'];

describe('what stands around the editor', () => {
  const editor = useEditor();
  let model: string;

  beforeEach(() => {
    model = writeModel(editor.folder, 'm.onnx', buildModel({
      inputs: [{ name: 'x0', dims: ['n', 64] }], outputs: [{ name: 'x4', dims: ['n', 64] }],
      initializers: NAMES.map((name, i) => ({ name, dims: [64, 64], data: laplacian(64 * 64, i) })),
      nodes: NAMES.map((name, i) => ({ op: 'MatMul', inputs: [`x${i}`, name], outputs: [`x${i + 1}`] })),
    }));
  });

  async function openTree() {
    const document = await openModel(editor.services, model);
    const page = await eventually('the page', () => editor.services.editors.activePage);
    await eventually('its rows', () => page.visible.length);
    const { layerTree: tree } = editor.services;
    await eventually('the tree of the model', () => tree.getChildren().length > 0);
    const line = (...labels: string[]) => labels.reduce<ReturnType<typeof tree.getChildren>[number] | undefined>(
      (node, label) => tree.getChildren(node).find((child) => child.label === label), undefined,
    )!;
    return { document, page, tree, line };
  }

  it('groups layers in a tree, with bits and error beside each', async () => {
    const { document, tree, line } = await openTree();
    assert.deepEqual(tree.getChildren().map(({ label }) => label), ['layer1', 'layer2.fc.weight', 'head']);
    assert.deepEqual(tree.getChildren(line('layer1')).map(({ label }) => label), ['0.fc.weight', '1.fc.weight']);
    assert.equal(tree.getTreeItem(line('head')).description, 'float');
    document.setBits(document.host.layers([3]), 4);
    await eventually('its error', () => document.host.model?.planFeed.previewOf(3));
    const item = tree.getTreeItem(line('head'));
    assert.match(String(item.description), /^4 bits · \d+\.\d dB$/);
    assert.equal(item.contextValue, 'layer.quantizable');
    const { token } = new vscode.CancellationTokenSource();
    const { tooltip } = tree.resolveTreeItem(item, line('head'), token);
    assert.match(String(tooltip), /^head\nMatMul · 64×64 · float32\n4096 weights/);
  });

  it('acts on a line of the tree, on all selected lines, and on a group as on its layers', async () => {
    const { document, line } = await openTree();
    await run('quantscope.setLayerBits.3', line('head'), undefined);
    assert.deepEqual(document.plan.plan.layers, { head: { bits: 3 } });
    await run('quantscope.setLayerBits.5', line('layer1'), [line('layer1'), line('head')]);
    assert.deepEqual(Object.keys(document.plan.plan.layers).sort(), ['head', 'layer1.0.fc.weight', 'layer1.1.fc.weight']);
    assert.deepEqual(Object.values(document.plan.plan.layers), [{ bits: 5 }, { bits: 5 }, { bits: 5 }]);
    await run('quantscope.keepFloat', line('layer2.fc.weight'), [line('head')]);
    assert.equal(document.plan.plan.layers['layer2.fc.weight'], 'float');
    assert.deepEqual(document.plan.plan.layers['head'], { bits: 5 });
  });

  it('selects in the tree what is selected in the page, and back', async () => {
    const { page, tree, line } = await openTree();
    await run('quantscope.layers.focus');
    await eventually('the tree on screen', () => tree.view.visible);
    page.select([2]);
    await eventually('the line', () => tree.view.selection[0]?.layers[0]?.index === 2);
    await tree.view.reveal(line('layer1', '1.fc.weight'), { select: true, focus: true });
    await eventually('the row', () => page.current === 1 && page.selected.join() === '1');
  });

  it('lists the worst layers and selects the chosen one', async () => {
    const { document, page } = await openTree();
    assert.deepEqual(await hearing(async () => run('quantscope.showWorstLayers')), [
      'The plan quantizes no layer yet. Set the bit width of some layers, or of all.',
    ]);
    document.setBits(document.host.layers([0, 2]), 2);
    await eventually('their errors', () => [0, 2].every((layer) => document.host.model?.planFeed.previewOf(layer)));
    await choosing(['layer2.fc.weight'], async () => run('quantscope.showWorstLayers'));
    await eventually('the row', () => page.current === 2);
  });

  it('copies the command line of a plan once it is saved, and of one setting for all at once', async () => {
    const { document } = await openTree();
    document.setBits(document.host.layers([0]), 4);
    assert.deepEqual(await hearing(async () => run('quantscope.copyCliCommand')), [
      'The command line reads m.onnx.quant.json, and the plan has unsaved edits.',
    ]);
    assert.equal(existsSync(`${model}.quant.json`), false);
    await hearing(async () => run('quantscope.copyCliCommand'), 'Save and Copy');
    assert.equal(await vscode.env.clipboard.readText(), 'quantscope quantize m.onnx --plan m.onnx.quant.json -o m.4bit.onnx');
    assert.match(readFileSync(`${model}.quant.json`, 'utf8'), /"bits": 4/);
    assert.equal(document.plan.isDirty, false);
  });

  it('saves tensors as NumPy arrays', async () => {
    const { document } = await openTree();
    const target = vscode.Uri.file(join(editor.folder, 'head.npy'));
    const [layer] = document.host.layers([3]);
    const job = { layer: layer!, target, agreed: true };
    assert.deepEqual(await hearing(() => saveTensors(editor.services, document.host.model!, [job])), ['Saved head.npy: float32, 64×64']);
    assert.equal(readFileSync(target.fsPath).subarray(1, 6).toString(), 'NUMPY');
    assert.equal(readFileSync(target.fsPath).length, 128 + 64 * 64 * 4);
  });

  it('shows a command that fails with a way to the log, which has its stack', async () => {
    await openTree();
    const logged: unknown[] = [];
    const { log } = editor.services;
    const { error } = log;
    Object.defineProperty(log, 'error', { configurable: true, value: (line: unknown) => logged.push(line) });
    const { editors } = editor.services;
    Object.defineProperty(editors, 'activePage', { configurable: true, get: () => { throw new Error('broken on purpose'); } });
    try {
      assert.deepEqual(await failing(async () => run('quantscope.keepFloat')), [['broken on purpose', 'Show Log']]);
      assert.match(String((logged[0] as Error).stack), /keepFloat/);
    } finally {
      Object.defineProperty(log, 'error', { configurable: true, value: error });
      delete (editors as { activePage?: unknown }).activePage;
    }
  });

  it('checks and completes the text of a plan', async () => {
    const uri = vscode.Uri.file(`${model}.quant.json`);
    const text = '{"version":1,"model":"m.onnx","layers":{"head":{"bits":13,"method":"uniform"}}}';
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const [problem] = await eventually('a problem', () => {
      const problems = vscode.languages.getDiagnostics(uri);
      return problems.length > 0 && problems;
    });
    assert.equal(document.getText(problem!.range), '13');
    const at = document.positionAt(text.indexOf('uniform') + 1);
    const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, at);
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.deepEqual(['"uniform"', '"msptq"', '"n2uq"'].filter((method) => !labels.includes(method)), []);
  });

  it('writes no report and no chart over the model or its weights', async () => {
    const weights = laplacian(64 * 64, 9);
    model = writeModel(editor.folder, 'external.onnx', buildModel({
      initializers: [{ name: 'w', dims: [64, 64], data: weights, form: 'external', file: 'weights.bin' }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }));
    const before = readFileSync(model);
    const document = await openModel(editor.services, model);
    await eventually('the page', () => editor.services.editors.activePage);
    for (const file of [model, join(editor.folder, 'weights.bin')]) {
      const errors = await failing(() => savingAs(file, async () => {
        await choosing(['CSV'], async () => run('quantscope.exportReport'));
        await saveChart(editor.services, document, 'Weights', { format: 'png', data: '' });
      }));
      assert.equal(errors.length, 2);
      for (const [message] of errors) assert.match(message!, /^This would overwrite the model or its weights/);
    }
    assert.ok(readFileSync(model).equals(before));
    assert.ok(readFileSync(join(editor.folder, 'weights.bin')).equals(Buffer.from(weights.buffer)));
  });
});
