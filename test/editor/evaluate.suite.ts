import { strict as assert } from 'node:assert';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { idxFile } from '../fixtures/inputFiles';
import { choosing, hearing, opening } from './dialogs';
import { openModel, run, useEditor } from './support';

const root = vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath;

describe('evaluating the plan', () => {
  const editor = useEditor();

  beforeEach(() => {
    copyFileSync(join(root, 'samples/lenet5_mnist.onnx'), join(editor.folder, 'lenet.onnx'));
    writeFileSync(join(editor.folder, 'x.idx'), idxFile([2, 28, 28], new Uint8Array(2 * 28 * 28).fill(100)));
    writeFileSync(join(editor.folder, 'y.idx'), idxFile([2], [3, 4]));
  });

  it('asks for inputs and labels, and tells accuracy of two like images of which one label at most is right', async () => {
    const document = await openModel(editor.services, join(editor.folder, 'lenet.onnx'));
    let titles: string[] = [];
    const heard = await hearing(() => choosing(['Choose Labels…'], async () => {
      titles = await opening(['x.idx', 'y.idx'].map((name) => join(editor.folder, name)), async () => run('quantscope.evaluate'));
    }));
    assert.deepEqual(titles, ['Evaluate: Inputs', 'Evaluate: Labels']);
    assert.match(heard[0] ?? '', /^2 samples; top 1 (0|50)\.00 %$/);

    const { evaluation } = document.host;
    assert.deepEqual(evaluation.state, { file: 'x.idx', text: heard[0], isCurrent: true });
    document.setBits(document.host.layers([0]), 4);
    assert.equal(evaluation.state?.isCurrent, false);
    const [again] = await hearing(async () => run('quantscope.evaluateAgain'));
    assert.match(again ?? '', /^2 samples; top 1 (0|50)\.00 %, in float (0|50)\.00 %; same top 1 on/);
    assert.deepEqual(evaluation.state, { file: 'x.idx', text: again, isCurrent: true });
  });
});
