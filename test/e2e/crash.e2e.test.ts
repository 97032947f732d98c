import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backups, editorSession, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'lenet5_mnist.onnx';

let code: Workbench;
let editor: EditorSession;

beforeAll(async () => {
  code = await openWorkbench({ settings: { 'files.autoSave': 'off' } });
  editor = editorSession(code, MODEL);
  await code.openFile(MODEL);
  await editor.row('fc1.weight').waitFor();
});

afterAll(() => code?.close());

describe.sequential('the process of extensions ends while a plan has unsaved edits', () => {
  const note = () => code.webview().getByRole('alert').filter({ hasText: 'Quantscope does not answer' });

  it('the page says so at the next gesture', async () => {
    await editor.row('fc1.weight').click();
    await editor.pressInGrid('4');
    await expect.poll(() => editor.bits('fc1.weight')).toBe('4');
    await expect.poll(() => backups(code)).toContain('fc1.weight');
    expect(await note().isVisible()).toBe(false);
    code.killExtensionHost();
    await editor.row('fc2.weight').click();
    await note().waitFor();
    await expect.poll(() => editor.isDirty()).toBe(true);
  });

  it('the plan comes back with the window, its undo too, and the page says nothing more', async () => {
    await code.reload();
    await expect.poll(() => editor.bits('fc1.weight')).toBe('4');
    await expect.poll(() => editor.isDirty()).toBe(true);
    await editor.row('fc1.weight').click();
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => editor.bits('fc1.weight')).toBe('float');
    await expect.poll(() => editor.isDirty()).toBe(false);
    expect(await note().isVisible()).toBe(false);
  });
});
