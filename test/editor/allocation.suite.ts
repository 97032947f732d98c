import { strict as assert } from 'node:assert';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelDocument } from '../../src/editor/modelDocument';
import type { HostMessage } from '../../src/protocol/page';
import { choosing, failing, typing } from './dialogs';
import { eventually, isDirty, openModel, run, useEditor } from './support';

const sample = join(vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath, 'samples/lenet5_mnist.onnx');

describe('allocation of bit widths', () => {
  const editor = useEditor();
  let document: ModelDocument;

  beforeEach(async () => {
    const model = join(editor.folder, 'lenet.onnx');
    copyFileSync(sample, model);
    document = await openModel(editor.services, model);
    await eventually('rows on screen', () => editor.services.editors.activePage?.visible.length);
  });

  const widths = (): number[] => Object.values(document.plan.plan.layers).map((entry) => (typeof entry === 'object' ? entry.bits! : 32));

  async function undone(): Promise<void> {
    await eventually('the dirty state', isDirty);
    await run('undo');
    await eventually('the clean state', () => !isDirty());
    assert.deepEqual(document.plan.plan.layers, {});
  }

  it('keeps to a typed average of bits, in one step of undo', async () => {
    const asked = await typing('4', async () => choosing(['By Average Bits'], async () => run('quantscope.allocateBits')));
    assert.deepEqual(asked, ['Bits a weight, at most']);
    assert.ok(new Set(widths()).size > 1, JSON.stringify(document.plan.plan));
    const average = (): number => document.host.model?.planFeed.budget().averageBits ?? Infinity;
    await eventually('an average of at most 4 bits', () => average() <= 4);
    assert.ok(average() > 3.5, String(average()));
    await undone();
  });

  it('says what is the least when a size cannot be reached', async () => {
    const errors = await failing(async () => typing('1 KB', async () => choosing(['By Size on Disk'], async () => run('quantscope.allocateBits'))));
    assert.match(errors[0]![0]!, /No choice of bit widths makes a copy that small.* The least is /);
    assert.equal(isDirty(), false);
  });

  it('is chosen on the curve of the page, and applied there', async () => {
    const page = editor.services.editors.activePage!;
    const posted: HostMessage[] = [];
    const post = page.post.bind(page);
    page.post = (message) => {
      posted.push(message);
      post(message);
    };
    await choosing(['On a Curve'], async () => run('quantscope.allocateBits'));
    const choices = await eventually('the curve', () => posted.flatMap((message) => (message.type === 'allocation' ? message.choices ?? [] : []))[0]);
    assert.ok(choices.weightBits.optimal.length > 20);
    const chosen = choices.weightBits.optimal[10]!;
    await page.allocation!.act({ kind: 'apply', point: chosen.id });
    const counts = [2, 3, 4, 5, 6, 7, 8].map((bits) => ({ bits, layers: widths().filter((each) => each === bits).length }));
    assert.deepEqual(counts.filter(({ layers }) => layers > 0), chosen.widths);
    await undone();
  });

  it('ends with its page: an edit in another editor of the model still counts, and is undone', async () => {
    await choosing(['On a Curve'], async () => run('quantscope.allocateBits'));
    const left = editor.services.editors.activePage!;
    assert.ok(left.allocation);
    await run('workbench.action.splitEditor');
    const right = await eventually('the other page', () => editor.services.editors.activePage !== left && editor.services.editors.activePage);
    await run('workbench.action.focusFirstEditorGroup');
    await eventually('the first page', () => editor.services.editors.activePage === left);
    await run('workbench.action.closeActiveEditor');
    await eventually('the other page again', () => editor.services.editors.activePage === right);
    const first = document.host.model!.summary.layers.find(({ quantizable }) => quantizable === true)!;
    document.setBits([first], 4);
    assert.deepEqual(widths(), [4]);
    await undone();
  });
});
