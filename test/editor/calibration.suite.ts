import { strict as assert } from 'node:assert';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { setAll } from '../../src/core/plan/edits';
import type { ModelDocument } from '../../src/editor/modelDocument';
import type { OutputError } from '../../src/protocol/calibrationPage';
import { npyFloats } from '../fixtures/inputFiles';
import { seededRandom } from '../fixtures/modelBuilder';
import { choosing, failing, hearing, opening, picking } from './dialogs';
import { closeEditors, eventually, isDirty, openModel, run, useEditor } from './support';

const sample = join(vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath, 'samples/lenet5_mnist.onnx');

/** As many grey images of noise. */
function digits(count: number, seed = 1): Uint8Array {
  const random = seededRandom(seed);
  return npyFloats([count, 1, 28, 28], Array.from({ length: count * 28 * 28 }, random));
}

describe('calibration', () => {
  const editor = useEditor();
  let model: string;
  let file: string;
  let document: ModelDocument;

  beforeEach(async () => {
    model = join(editor.folder, 'lenet.onnx');
    mkdirSync(join(editor.folder, 'data'));
    file = join(editor.folder, 'data', 'images.npy');
    copyFileSync(sample, model);
    writeFileSync(file, digits(24));
    document = await openModel(editor.services, model);
    document.edit(setAll(document.plan.plan, [], { bits: 3 }));
    await eventually('rows on screen', () => editor.services.editors.activePage?.visible.length);
  });

  const outputs = (): (OutputError | undefined)[] => (document.host.model?.planFeed.rows() ?? [])
    .filter(({ bits, note }) => bits !== null && note === null).map(({ output }) => output);
  /** Of all layers, once they are measured. */
  const measured = (): Promise<number[]> => eventually('the errors of outputs', () => {
    const known = outputs().flatMap((output) => (output?.state === 'measured' && output.sqnrDb !== null ? [output.sqnrDb] : []));
    return known.length > 2 && known.length === outputs().length ? known : null;
  });
  /** Chosen in a dialog, or from the list of those used before. */
  const setData = (path = file): Promise<unknown> => (
    choosing(['Browse…'], () => opening([path], async () => run('quantscope.setCalibrationData', document.uri)))
  );

  it('data is named by the plan, gives outputs their errors, and is undone, saved and found again', async () => {
    await setData();
    assert.deepEqual(document.plan.plan.calibration, { inputs: 'data/images.npy' });
    const before = await measured();
    await run('undo');
    assert.equal(document.plan.plan.calibration, undefined);
    await eventually('no errors of outputs', () => outputs().every((output) => output === undefined));
    await run('redo');
    assert.deepEqual(await measured(), before);
    await run('workbench.action.files.save');
    await eventually('the clean state', () => !isDirty());
    await closeEditors();
    document = await openModel(editor.services, model);
    assert.deepEqual(document.plan.plan.calibration, { inputs: 'data/images.npy' });
    assert.deepEqual(await measured(), before);
  });

  it('far from the model is named in full', async () => {
    const deep = join(editor.folder, 'a', 'b', 'c');
    mkdirSync(deep, { recursive: true });
    copyFileSync(sample, join(deep, 'lenet.onnx'));
    document = await openModel(editor.services, join(deep, 'lenet.onnx'));
    await setData();
    assert.deepEqual(document.plan.plan.calibration, { inputs: file });
  });

  it('rounds by what layers are multiplied by: outputs are nearer to those in float, weights are not', async () => {
    await setData();
    const nearest = await measured();
    const feed = document.host.model!.planFeed;
    const [first] = feed.rows().filter(({ bits, note }) => bits !== null && note === null);
    const row = { webviewSection: 'layer', layer: first!.index, layerQuantizable: true };
    await run('quantscope.setLayerRounding.gptq', row);
    const rounded = await eventually('the layer rounded', () => {
      const [now] = feed.rows([document.host.layers([first!.index])[0]!]);
      return now?.rounding === 'gptq' && now.output?.state === 'measured' && now;
    });
    assert.ok(rounded.output?.state === 'measured' && rounded.output.sqnrDb! > nearest[0]!);
    assert.ok(rounded.sqnrDb! < first!.sqnrDb!);
  });

  it('follows the file of data', async () => {
    await setData();
    const before = await measured();
    const isChanged = (): boolean => outputs().some((output, i) => output?.state === 'measured' && output.sqnrDb !== before[i]);
    // VS Code says nowhere from when on it watches: what is written before that goes unseen.
    for (let seed = 2; !isChanged(); seed++) {
      writeFileSync(file, digits(24, seed));
      await setTimeout(2000);
    }
    assert.notDeepEqual(await measured(), before);
  });

  it('refuses what does not fit the model', async () => {
    writeFileSync(join(editor.folder, 'wrong.npy'), npyFloats([2, 7], Array.from({ length: 14 }, () => 0)));
    const [refused] = await failing(async () => setData(join(editor.folder, 'wrong.npy')));
    assert.match(refused![0]!, /^The input file cannot be used: an array of 2x7 does not fit .*wrong\.npy/);
    assert.equal(document.plan.plan.calibration, undefined);
  });

  it('offers to set data where a rounding needs it, and clears it', async () => {
    const layer = document.host.model!.summary.layers.find(({ quantizable }) => quantizable === true)!;
    const row = { webviewSection: 'layer', layer: layer.index, layerQuantizable: true };
    await opening([file], async () => {
      const heard = await hearing(async () => run('quantscope.setLayerRounding.gptq', row), 'Set Calibration Data…');
      assert.match(heard[0]!, /^GPTQ .* needs calibration data\.$/);
      await eventually('calibration data', () => document.plan.plan.calibration);
    });
    await choosing(['Clear'], async () => run('quantscope.setCalibrationData', document.uri));
    assert.equal(document.plan.plan.calibration, undefined);
    const [told] = await hearing(async () => run('quantscope.setLayerRounding.reconstruction', row));
    assert.match(told!, /^Reconstruction does not go with the planned quantizer of 1 of 1 layers/);
  });

  it('offers thresholds learned on data among the quantizers, and the way back', async () => {
    const layer = document.host.model!.summary.layers.find(({ quantizable }) => quantizable === true)!;
    const row = { webviewSection: 'layer', layer: layer.index, layerQuantizable: true };
    const choose = (label: string): Promise<unknown> => choosing([label], async () => run('quantscope.setLayerMethod', row));
    const [told] = await hearing(async () => choose('N2UQ, Learned Thresholds'));
    assert.match(told!, /^Learned Thresholds .* needs calibration data\.$/);
    assert.deepEqual(document.plan.plan.layers[layer.name], { method: 'n2uq', mode: 'calibrated', rounding: 'nearest' });
    await choose('N2UQ');
    assert.deepEqual(document.plan.plan.layers[layer.name], { method: 'n2uq', mode: 'mse', rounding: 'nearest' });
  });

  it('options of copies are chosen together, as one edit', async () => {
    await eventually('the dirty state', isDirty);
    await run('workbench.action.files.save');
    await eventually('the clean state', () => !isDirty());
    await picking(['Bias correction', 'Cross-layer equalization'], async () => run('quantscope.setCopyOptions', document.uri));
    assert.deepEqual([document.plan.plan.biasCorrection, document.plan.plan.equalization], [true, true]);
    await eventually('the dirty state', isDirty);
    await run('undo');
    await eventually('the clean state', () => !isDirty());
    assert.deepEqual([document.plan.plan.biasCorrection, document.plan.plan.equalization], [undefined, undefined]);
  });
});
