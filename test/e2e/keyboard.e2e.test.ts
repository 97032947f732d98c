import { afterAll, beforeAll, expect, it } from 'vitest';
import { editorSession, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

let code: Workbench;
let editor: EditorSession;

beforeAll(async () => {
  code = await openWorkbench({ settings: { 'files.autoSave': 'off' } });
  editor = editorSession(code, 'lenet5_mnist.onnx');
  await code.openFile('lenet5_mnist.onnx');
  await editor.row('fc3.weight').waitFor();
});

afterAll(() => code?.close());

/** Keys reach the row that has the focus, and nothing of what stood over the page is left. */
async function expectKeysIn(row: string, key: '3' | '4' | '5' | '6'): Promise<void> {
  await expect.poll(async () => {
    await code.page.keyboard.press(key);
    return editor.bits(row);
  }).toBe(key);
}

it('takes keys as soon as a model that was opened by them is there', async () => {
  await expectKeysIn('conv1.weight', '4');
});

it('has the focus back in its row when a menu is left', async () => {
  await editor.row('fc2.weight').click();
  await code.page.keyboard.press('Shift+F10');
  await code.page.getByRole('menuitem', { name: /Quantize Layer/ }).waitFor();
  await code.page.keyboard.press('Escape');
  await expectKeysIn('fc2.weight', '5');
});

it('has it back when a dialog for a file is left', async () => {
  await editor.row('fc1.weight').click();
  await code.command('Quantscope: Write Quantized Copy');
  const path = code.page.locator('.quick-input-widget input').first();
  await path.waitFor();
  await expect.poll(() => path.inputValue()).toMatch(/\.onnx$/);
  await code.page.keyboard.press('Escape');
  await expectKeysIn('fc1.weight', '3');
});
