import { strict as assert } from 'node:assert';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { setCalibration } from '../../src/core/plan/edits';
import { idxFile, npyFloats } from '../fixtures/inputFiles';
import { buildModel, laplacian, writeModel, type FixtureModel } from '../fixtures/modelBuilder';
import { choosing, ENTER, hearing, opening } from './dialogs';
import { closeEditors, eventually, openModel, run, useEditor } from './support';

const root = vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath;
/** Takes images with their channels first. */
const IMAGES: FixtureModel = {
  inputs: [{ name: 'x', dims: ['n', 3, 4, 5] }], outputs: [{ name: 'y', dims: ['n', 2, 4, 5] }],
  initializers: [{ name: 'w', dims: [2, 3, 1, 1], data: laplacian(6, 1) }],
  nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }],
};

describe('evaluating the plan', () => {
  const editor = useEditor();

  beforeEach(() => {
    copyFileSync(join(root, 'samples/lenet5_mnist.onnx'), join(editor.folder, 'lenet.onnx'));
    writeFileSync(join(editor.folder, 'x.idx'), idxFile([2, 28, 28], new Uint8Array(2 * 28 * 28).fill(100)));
    writeFileSync(join(editor.folder, 'y.idx'), idxFile([2], [1, 2]));
  });

  it('asks for inputs and labels, and tells accuracy of two like images of which one label is right', async () => {
    const document = await openModel(editor.services, join(editor.folder, 'lenet.onnx'));
    let titles: string[] = [];
    const heard = await hearing(() => choosing(['0 to 1 (divided by 255)', 'Choose Labels…'], async () => {
      titles = await opening(['x.idx', 'y.idx'].map((name) => join(editor.folder, name)), async () => run('quantscope.evaluate'));
    }));
    assert.deepEqual(titles, ['Evaluate: Inputs', 'Evaluate: Labels']);
    assert.match(heard[0] ?? '', /^2 samples, divided by 255; top 1 50\.00 %$/);

    const { evaluation } = document.host;
    assert.deepEqual(evaluation.state, { file: 'x.idx', text: heard[0], isCurrent: true });
    document.setBits(document.host.layers([0]), 4);
    assert.equal(evaluation.state?.isCurrent, false);
    const [again] = await hearing(async () => run('quantscope.evaluateAgain'));
    assert.match(again ?? '', /^2 samples, divided by 255; top 1 (0|50)\.00 %, in float 50\.00 %; same top 1 on/);
    assert.deepEqual(evaluation.state, { file: 'x.idx', text: again, isCurrent: true });

    await closeEditors();
    const reopened = await openModel(editor.services, join(editor.folder, 'lenet.onnx'));
    assert.equal(reopened.host.evaluation.state, null);
    assert.deepEqual(await hearing(async () => run('quantscope.evaluateAgain')), [heard[0]]);
  });

  it('asks how images lie and in what range their bytes are taken, offers what the plan says of them, and keeps the answers', async () => {
    const images = join(editor.folder, 'images.idx');
    writeModel(editor.folder, 'images.onnx', buildModel(IMAGES));
    writeFileSync(images, idxFile([6, 4, 5, 3], new Uint8Array(360).fill(100)));
    const document = await openModel(editor.services, join(editor.folder, 'images.onnx'));
    const choose = (labels: string[], command: string): Promise<string[]> => (
      choosing(labels, () => opening([images], async () => run(command, document.uri)))
    );
    const asked = await choose(['Channels last (NHWC)', '0 to 255 (as stored)'], 'quantscope.setCalibrationData');
    assert.match(asked[1]!, /^In what range does the model take bytes\?$/);
    assert.deepEqual(document.plan.plan.calibration, { inputs: 'images.idx', scale: 1, layout: 'nhwc' });
    await eventually('the data as it was read', () => {
      const progress = document.host.model?.calibration.state?.progress;
      return progress?.state === 'done' && progress.reading === 'as stored, channels last';
    });
    assert.match((await hearing(() => choose([ENTER, ENTER, 'Without Labels'], 'quantscope.evaluate')))[0]!, /^6 samples, as stored, channels last/);
    assert.match((await hearing(async () => run('quantscope.evaluateAgain')))[0]!, /^6 samples, as stored, channels last/);
    const otherwise = await hearing(() => choose([ENTER, '0 to 1 (divided by 255)', 'Without Labels'], 'quantscope.evaluate'));
    assert.match(otherwise[0]!, /^6 samples, divided by 255, channels last/);
    document.edit(setCalibration(document.plan.plan, { inputs: 'images.idx', scale: 0.5, layout: 'nhwc' }));
    const byPlan = await hearing(() => choose([ENTER, ENTER, 'Without Labels'], 'quantscope.evaluate'));
    assert.match(byPlan[0]!, /^6 samples, multiplied by 0\.5, channels last/);
  });

  it('warns of a copy whose layers are rounded by fewer samples than they have inputs', async () => {
    const document = await openModel(editor.services, join(editor.folder, 'lenet.onnx'));
    document.edit(setCalibration(document.plan.plan, { inputs: 'x.idx' }));
    document.setBits(document.host.layers([2]), 4);
    await run('quantscope.setLayerRounding.gptq', { webviewSection: 'layer', layer: 2, layerQuantizable: true });
    const [told] = await hearing(() => choosing([ENTER, 'Without Labels'], () => (
      opening([join(editor.folder, 'x.idx')], async () => run('quantscope.evaluate'))
    )));
    assert.match(told!, /^2 samples, divided by 255; .*\. Rounded by fewer positions .*: fc1\.weight \(2 for 400\)\./);
  });

  it('asks whether inputs are read as the model takes them where the model is never right', async () => {
    writeFileSync(join(editor.folder, 'y.idx'), idxFile([2], [2, 2]));
    await openModel(editor.services, join(editor.folder, 'lenet.onnx'));
    const [told] = await hearing(() => choosing(['0 to 1 (divided by 255)', 'Choose Labels…'], () => (
      opening(['x.idx', 'y.idx'].map((name) => join(editor.folder, name)), async () => run('quantscope.evaluate'))
    )));
    assert.match(told!, /top 1 0\.00 %\. The model is right on 0\.00 % of the samples\. Do the range/);
  });

  it('asks nothing of floats that fit as they lie', async () => {
    const floats = join(editor.folder, 'floats.npy');
    writeFileSync(floats, npyFloats([2, 1, 28, 28], new Float32Array(2 * 28 * 28)));
    await openModel(editor.services, join(editor.folder, 'lenet.onnx'));
    const [told] = await hearing(() => choosing(['Without Labels'], () => opening([floats], async () => run('quantscope.evaluate'))));
    assert.match(told!, /^2 samples(;|$)/);
  });
});
