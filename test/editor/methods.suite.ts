import { strict as assert } from 'node:assert';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelDocument } from '../../src/editor/modelDocument';
import { hearing } from './dialogs';
import { eventually, isDirty, openModel, run, useEditor } from './support';

const sample = join(vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath, 'samples/lenet5_mnist.onnx');

describe('methods of layers', () => {
  const editor = useEditor();
  let document: ModelDocument;
  let rows: { name: string; row: { layer: number } }[];

  beforeEach(async () => {
    const model = join(editor.folder, 'lenet.onnx');
    copyFileSync(sample, model);
    document = await openModel(editor.services, model);
    rows = document.host.model!.summary.layers.filter(({ quantizable }) => quantizable === true)
      .map(({ name, index }) => ({ name, row: { webviewSection: 'layer', layer: index, layerQuantizable: true } }));
    await eventually('rows on screen', () => editor.services.editors.activePage?.visible.length);
  });

  /** The plan as it is in the file, so that the next edit is the one that makes it dirty. */
  async function saved(): Promise<void> {
    await eventually('the dirty state', isDirty);
    await run('workbench.action.files.save');
    await eventually('the clean state', () => !isDirty());
  }

  it('are set from a menu, with the nearest width and granularity that they take', async () => {
    const [first] = rows;
    const entry = (): unknown => document.plan.plan.layers[first!.name];
    await run('quantscope.setLayerBits.8', first!.row);
    await saved();
    const heard = await hearing(async () => run('quantscope.setLayerMethod.subset', first!.row));
    assert.deepEqual(entry(), { bits: 4, method: 'subset' });
    assert.match(heard.join(), /^SubsetQ does not take all that was planned\. Layers that changed .*: 1 of 1 \(4 bits, Per tensor\)\.$/);
    await eventually('the dirty state', isDirty);
    await run('undo');
    await eventually('the clean state', () => !isDirty());
    assert.deepEqual(entry(), { bits: 8 });
    assert.deepEqual(await hearing(async () => run('quantscope.setLayerMethod.lloyd-max', first!.row)), []);
    assert.deepEqual(entry(), { bits: 8, method: 'lloyd-max' });
  });

  it('keep a layer as it is where they do not take the width that is set', async () => {
    const [first, second] = rows;
    await run('quantscope.setLayerBits.4', first!.row);
    await run('quantscope.setLayerMethod.subset', first!.row);
    const { plan } = document.plan;
    const heard = await hearing(async () => run('quantscope.setLayerBits.8', first!.row));
    assert.deepEqual(heard, ['8 bits do not go with the planned quantizer of 1 of 1 layers. These stay as they are.']);
    assert.equal(document.plan.plan, plan);
    const others = document.setBits(document.host.layers([first!.row.layer, second!.row.layer]), 8);
    assert.deepEqual(others.map(({ name }) => name), [first!.name]);
    assert.deepEqual(document.plan.plan.layers[second!.name], { bits: 8 });
  });

  it('are left alone when the model was read again during the search', async () => {
    const page = editor.services.editors.activePage!;
    page.selected = document.host.model!.summary.layers.filter((layer) => layer.quantizable === true).map(({ index }) => index);
    const { plan } = document.plan;
    const heard = await hearing(async () => {
      const searching = run('quantscope.useBestMethod');
      await document.host.open();
      await searching;
    });
    assert.deepEqual(heard, ['The model changed meanwhile: its layers keep their methods.']);
    assert.equal(document.plan.plan, plan);
  });

  it('are searched for by their error, and set in one step of undo', async () => {
    const page = editor.services.editors.activePage!;
    page.selected = document.host.model!.summary.layers.filter((layer) => layer.quantizable === true).map(({ index }) => index);
    await run('quantscope.setLayerBits.4');
    await saved();
    const before = document.plan.plan.layers;
    const heard = await hearing(async () => run('quantscope.useBestMethod'));
    assert.match(heard.join(), /^Best methods: .*\. SQNR gains 0\.\d\d dB over uniform\./);
    const { layers } = document.plan.plan;
    assert.notDeepEqual(layers, before);
    for (const entry of Object.values(layers)) assert.equal(typeof entry === 'object' && entry.bits, 4);
    await eventually('the dirty state', isDirty);
    await run('undo');
    await eventually('the clean state', () => !isDirty());
    assert.deepEqual(document.plan.plan.layers, before);
  });
});
