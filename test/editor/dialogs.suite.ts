import { strict as assert } from 'node:assert';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { writeCopyTo } from '../../src/commands/writeQuantizedCopy';
import { setAll } from '../../src/core/plan/edits';
import { buildModel, laplacian, writeModel } from '../fixtures/modelBuilder';
import { answeringWarnings, choosing, hearing } from './dialogs';
import { eventually, isDirty, openModel, run, useEditor } from './support';

const root = vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath;
const weights = (name: string, form: 'raw' | 'external') => ({ name, dims: [64, 64], data: laplacian(64 * 64, 1), form });

describe('what a person is asked and told', () => {
  const editor = useEditor();
  let model: string;

  beforeEach(() => {
    model = join(editor.folder, 'lenet.onnx');
    copyFileSync(join(root, 'samples/lenet5_mnist.onnx'), model);
  });

  it('replaces external data that stands beside a copy only when told to', async () => {
    const built = buildModel({
      inputs: [{ name: 'x', dims: ['n', 64] }], outputs: [{ name: 'z', dims: ['n', 64] }],
      initializers: [weights('quantized', 'raw'), weights('left', 'external')],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'quantized'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', 'left'], outputs: ['z'] },
      ],
    });
    const document = await openModel(editor.services, writeModel(editor.folder, 'm.onnx', built));
    document.setBits(document.host.layers([0]), 4);
    const target = vscode.Uri.file(join(editor.folder, 'zz.onnx'));
    const data = `${target.fsPath}.data`;
    for (const file of [target.fsPath, data]) writeFileSync(file, 'precious');
    const write = (): Promise<void> => writeCopyTo(editor.services, document, target);

    assert.deepEqual(await answeringWarnings(undefined, write), ['Replace zz.onnx.data?']);
    for (const file of [target.fsPath, data]) assert.equal(readFileSync(file, 'utf8'), 'precious');

    let heard: string[] = [];
    assert.deepEqual(
      await answeringWarnings('Replace', async () => { heard = await hearing(write); }), ['Replace zz.onnx.data?'],
    );
    assert.match(heard.join(), /^Wrote zz\.onnx and zz\.onnx\.data: 1 layer quantized/);
    assert.equal(readFileSync(data).length, 64 * 64 * 4);
  });

  it('shows sizes of the format that copies are to have, and what it costs when one is written', async () => {
    const document = await openModel(editor.services, model);
    document.plan.edit(setAll(document.plan.plan, [], { bits: 4, granularity: 'tensor' }));
    const { planFeed } = document.host.model!;
    const exact = await eventually('the size', () => {
      const { bytesAfter, bytesBefore } = planFeed.budget();
      return bytesAfter !== null && bytesAfter < bytesBefore / 4 && bytesAfter;
    });
    const configuration = vscode.workspace.getConfiguration('quantscope');
    await configuration.update('copyFormat', 'qdq', vscode.ConfigurationTarget.Global);
    try {
      const size = await eventually('another size', () => {
        const { bytesAfter } = planFeed.budget();
        return bytesAfter !== exact && bytesAfter;
      });
      const target = vscode.Uri.file(join(editor.folder, 'copy.onnx'));
      const [message] = await hearing(() => writeCopyTo(editor.services, document, target));
      assert.match(message!, /verified with ONNX Runtime\. Made for readers of DequantizeLinear: /);
      assert.equal(statSync(target.fsPath).size, size);
    } finally {
      await configuration.update('copyFormat', undefined, vscode.ConfigurationTarget.Global);
    }
    await eventually('the size as it was', () => planFeed.budget().bytesAfter === exact);
  });

  it('says in one message that no layer can be quantized, and changes nothing', async () => {
    const built = buildModel({
      opset: 9, initializers: [{ name: 'w', dims: [2, 2], dtype: 'int64', data: [1, 2, 3, 4] }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    const document = await openModel(editor.services, writeModel(editor.folder, 'ints.onnx', built));
    assert.equal(document.canQuantize, false);
    const { plan } = document.plan;
    const heard = await hearing(async () => run('quantscope.quantizeAll'));
    assert.deepEqual(heard, ['No layer of ints.onnx can be quantized.']);
    assert.equal(document.plan.plan, plan);
    assert.equal(isDirty(), false);
  });

  it('quantizes all layers, those with settings of their own only when told to, in one step', async () => {
    const document = await openModel(editor.services, model);
    const quantizeAll = async (): Promise<unknown> => run('quantscope.quantizeAll');
    assert.equal((await choosing(['6 bits', 'Per tensor'], quantizeAll)).length, 2);
    const defaults = { method: 'uniform', bits: 6, granularity: 'tensor' };
    assert.deepEqual(document.plan.plan.defaults, defaults);
    document.setBits(document.host.layers([0, 1]), 3);
    const own = document.plan.plan.layers;

    const asked = await choosing(['5 bits', 'Per tensor', 'Keep Theirs'], quantizeAll);
    assert.equal(asked[2], 'Also replace the settings of the 2 layers that have their own?');
    assert.deepEqual(document.plan.plan.layers, own);
    await choosing(['4 bits', 'Per tensor', ''], quantizeAll);
    assert.deepEqual(document.plan.plan.defaults, { ...defaults, bits: 5 });
    await choosing(['4 bits', 'Per tensor', 'Replace All'], quantizeAll);
    assert.deepEqual([document.plan.plan.layers, document.plan.plan.defaults], [{}, { ...defaults, bits: 4 }]);
    await eventually('the dirty state', isDirty);
    await run('undo');
    await eventually('the layers\' own settings', () => Object.keys(document.plan.plan.layers).length === 2);
    assert.deepEqual(document.plan.plan.defaults, { ...defaults, bits: 5 });
  });

  it('tells the error of a float layer in the page, and in a message when the page does not show it', async () => {
    const document = await openModel(editor.services, model);
    const page = await eventually('the page', () => editor.services.editors.activePage);
    await eventually('rows on screen', () => page.visible.length);
    const shown = { webviewSection: 'layer', layer: page.visible[0], layerQuantizable: true };
    assert.deepEqual(await hearing(async () => run('quantscope.previewError', shown)), []);
    const [row] = document.host.model!.planFeed.rows().filter(({ state }) => state === 'previewed');
    assert.deepEqual([row?.bits, row?.triedBits, document.plan.isDirty], [null, 8, false]);
    assert.ok(row!.sqnrDb! > 20);
    const { visible } = page;
    Object.assign(page, { visible: [], current: null });
    assert.match((await hearing(async () => run('quantscope.previewError', shown))).join(), /SQNR .* dB/);
    page.visible = visible;
    assert.equal(existsSync(`${model}.quant.json`), false);
  });
});
