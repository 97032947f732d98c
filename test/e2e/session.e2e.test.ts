import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../workbench/paths';
import { backups, editorSession, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'lenet5_mnist.onnx';

let code: Workbench;
let page: FrameLocator;
let editor: EditorSession;

beforeAll(async () => {
  code = await openWorkbench({ settings: { 'files.autoSave': 'off' } });
  editor = editorSession(code, MODEL);
  await code.openFile(MODEL);
  page = code.webview();
  await editor.row('fc1.weight').waitFor();
});

afterAll(() => code?.close());

/** One after the other: a person's session with a model, by mouse and keys. */
describe.sequential('a session with a LeNet-5', () => {
  it('shows the same numbers as inspect --json', async () => {
    await editor.row('fc1.weight').click();
    const expected = editor.quantscope('inspect', '--layer', 'fc1.weight').layers[0];
    await expect.poll(() => editor.figures()).toMatchObject({
      ...flatten(expected.statistics, ['count', 'nan', 'inf', 'zeros', 'min', 'max', 'mean', 'std', 'median', 'meanAbsDeviation', 'kurtosis']),
      ...flatten(expected.laplace, ['location', 'scale', 'ks', 'logLikelihood'], 'laplace.'),
      ...flatten(expected.gauss, ['mean', 'std', 'ks', 'logLikelihood'], 'gauss.'),
      ...flatten(expected.statistics.quantiles, Object.keys(expected.statistics.quantiles), 'quantiles.'),
    });
  });

  it('sets 4 bits by right-click and shows error and size at once, as preview --json has them', async () => {
    await code.contextMenu(editor.row('fc1.weight'), 'Set Bit Width', '4 Bits');
    const expected = editor.quantscope('preview', '--layers', 'fc1.weight', '--bits', '4');
    const [layer] = expected.layers;
    await expect.poll(() => editor.figures()).toMatchObject({
      bits: '4',
      method: 'uniform',
      ...flatten(layer, ['sqnrDb', 'predictedSqnrDb', 'mse', 'cosine', 'maxAbsError', 'bytesAfter']),
    });
    expect(await editor.bits('fc1.weight')).toBe('4');
    await expect.poll(() => page.locator('.budget-text').textContent()).toContain('→');
    await expect.poll(() => editor.isDirty()).toBe(true);
  });

  it('takes keys in the grid, undoes and redoes', async () => {
    await editor.row('fc2.weight').click();
    await editor.pressInGrid('3');
    await expect.poll(() => editor.bits('fc2.weight')).toBe('3');
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => editor.bits('fc2.weight')).toBe('float');
    expect(await editor.bits('fc1.weight')).toBe('4');
    await code.page.keyboard.press('Control+y');
    await expect.poll(() => editor.bits('fc2.weight')).toBe('3');
  });

  it('keeps keys typed in the filter to the filter', async () => {
    const filter = page.locator('.filter input');
    await filter.click();
    await code.page.keyboard.type('fc2 4');
    await code.page.keyboard.press('Control+z');
    expect(await editor.bits('fc2.weight').catch(() => 'filtered out')).not.toBe('4');
    await filter.fill('op:conv');
    await expect.poll(() => editor.names()).toEqual(['conv1.weight', 'conv2.weight']);
    await filter.fill('');
    await expect.poll(() => editor.names()).toHaveLength(5);
    expect(await editor.bits('fc2.weight')).toBe('3');
  });

  it('sets a bit width in the drop-down, quantizes and keeps float by right-click', async () => {
    await editor.row('conv2.weight').locator('select').selectOption('8');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('8');
    await code.contextMenu(editor.row('conv2.weight'), 'Keep in Float');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('float');
    await editor.pressInGrid('7');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('7');
    await code.contextMenu(editor.row('conv2.weight'), 'Quantize Layer');
    await editor.pick('uniform');
    await editor.pick('6 bits');
    await editor.pick('channel');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('6');
    await editor.pressInGrid('5');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('5');
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('6');
  });

  it('keeps its list open when the page takes the focus of a closed menu back late', async () => {
    await takeFocusFromNextList();
    await code.contextMenu(editor.row('conv2.weight'), 'Quantize Layer');
    await listHasFocusBack();
    await editor.pick('uniform');
    await editor.pick('5 bits');
    await editor.pick('channel');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('5');
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => editor.bits('conv2.weight')).toBe('6');
  });

  it('narrows its list by what is typed, a second after it opened, too', async () => {
    await code.contextMenu(editor.row('conv2.weight'), 'Quantize Layer');
    const entries = code.page.locator('.quick-input-list .monaco-list-row');
    await entries.first().waitFor();
    await typeLater('lloyd');
    await expect.poll(() => entries.allTextContents()).toEqual([expect.stringMatching(/^Lloyd–Max/)]);
    await code.page.keyboard.press('Escape');
    await entries.first().waitFor({ state: 'hidden' });
  });

  it('has the first entry taken by Enter, and none where none is left', async () => {
    const entries = code.page.locator('.quick-input-list .monaco-list-row');
    await openList('Quantscope: Show Worst Layers', entries.filter({ hasText: 'fc1.weight' }));
    const worst = await entries.first().locator('.label-name').innerText();
    await code.page.keyboard.type('zzz');
    await expect.poll(() => entries.count()).toBe(0);
    await code.page.keyboard.press('Enter');
    for (let typed = 0; typed < 3; typed++) await code.page.keyboard.press('Backspace');
    await entries.first().waitFor();
    await code.page.keyboard.press('Enter');
    await entries.first().waitFor({ state: 'hidden' });
    await expect.poll(() => editor.row(worst).getAttribute('aria-selected')).toBe('true');
  });

  it('previews the error of a layer in float by right-click, and leaves it in float', async () => {
    await code.contextMenu(editor.row('conv1.weight'), 'Preview Error');
    const [layer] = editor.quantscope('preview', '--layers', 'conv1.weight', '--bits', '8').layers;
    await expect.poll(() => editor.figures()).toMatchObject({
      bits: '8', ...flatten(layer, ['sqnrDb', 'predictedSqnrDb', 'mse', 'cosine', 'maxAbsError', 'bytesAfter']),
    });
    expect(await editor.bits('conv1.weight')).toBe('float');
    await editor.pressInGrid('ArrowDown');
    await expect.poll(() => editor.row('conv2.weight').getAttribute('aria-selected')).toBe('true');
  });

  it('shows every method in the Error tab with the numbers of preview --json, and puts a point into the plan', async () => {
    await editor.row('fc3.weight').click();
    await page.getByRole('tab', { name: 'Error' }).click();
    const table = page.getByRole('table', { name: 'SQNR measured (dB)' });
    await page.locator('.methods').getByText('View as table').click();
    const [layer] = editor.quantscope('preview', '--layers', 'fc3.weight', '--method', 'lloyd-max', '--bits', '4').layers;
    await expect.poll(() => table.locator('tr', { has: code.page.getByText('4', { exact: true }) }).locator('td').nth(4).textContent())
      .toBe(layer.sqnrDb.toFixed(2));
    const chart = page.locator('.methods .drawing');
    await chart.focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await chart.press(key);
    const point = async (): Promise<string[]> => (await page.locator('.methods .point-text').textContent())?.split(/[,:]/) ?? [];
    await expect.poll(async () => (await point())[1]).toBe(' 4 bits');
    for (let up = 0; up < 8; up++) {
      const [method] = await point();
      if (method === 'Lloyd–Max') break;
      await chart.press('ArrowUp');
      // Not the whole text: its numbers become those of all weights meanwhile.
      await expect.poll(async () => (await point())[0]).not.toBe(method);
    }
    await chart.press('Enter');
    await expect.poll(() => editor.bits('fc3.weight')).toBe('4');
    await expect.poll(() => editor.row('fc3.weight').locator('.method').textContent()).toBe('lloyd-max');
    await expect.poll(() => editor.figures()).toMatchObject(flatten(layer, ['sqnrDb', 'mse', 'cosine', 'maxAbsError']));
    await page.getByRole('img', { name: 'Errors of fc3.weight' }).waitFor();
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => editor.bits('fc3.weight')).toBe('float');
  });

  it('tries a support limit by keys, puts it into the plan and takes it back', async () => {
    await editor.row('fc1.weight').click();
    await page.getByRole('tab', { name: 'Distribution' }).click();
    const slider = page.getByRole('slider', { name: 'Support limit' });
    await slider.focus();
    await slider.press('Home');
    for (let step = 0; step < 3; step++) await slider.press('Shift+ArrowRight');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^3\.5 standard deviations: \d+\.\d dB measured, \d+\.\d dB in theory$/);
    const before = (await editor.figures())['sqnrDb'];
    const [layer] = editor.quantscope('preview', '--layers', 'fc1.weight', '--bits', '4', '--support', '3.5').layers;
    await page.getByRole('button', { name: 'Use this limit' }).click();
    await expect.poll(() => editor.figures()).toMatchObject(flatten(layer, ['sqnrDb', 'mse']));
    await slider.focus();
    await code.page.keyboard.press('Control+z');
    await expect.poll(async () => (await editor.figures())['sqnrDb']).toBe(before);
  });

  it('saves the plan beside the model and leaves the model as it is', async () => {
    await editor.row('fc1.weight').click();
    await code.page.keyboard.press('Control+s');
    await expect.poll(() => editor.isDirty()).toBe(false);
    const plan = JSON.parse(readFileSync(join(code.folder, `${MODEL}.quant.json`), 'utf8'));
    expect(plan).toMatchObject({ version: 1, model: MODEL, layers: { 'fc1.weight': { bits: 4 }, 'fc2.weight': { bits: 3 }, 'conv2.weight': { bits: 6 } } });
    expect(readFileSync(join(code.folder, MODEL)).equals(readFileSync(join(repositoryRoot, 'samples', MODEL)))).toBe(true);
  });

  it('writes a verified copy of the promised size and opens it', async () => {
    const expected = editor.quantscope('preview', '--plan', join(code.folder, `${MODEL}.quant.json`));
    await page.getByRole('button', { name: 'Write Quantized Copy' }).click();
    await code.acceptFile('lenet5_mnist.mixed.onnx');
    const toast = await editor.notification(/Wrote lenet5_mnist\.mixed\.onnx.*verified with ONNX Runtime/);
    await code.screenshot('copy-written');
    const copy = join(code.folder, 'lenet5_mnist.mixed.onnx');
    expect(statSync(copy).size).toBe(expected.total.bytesAfter);
    await toast.getByRole('button', { name: 'Open' }).click();
    await editor.tab('lenet5_mnist.mixed.onnx').waitFor();
    await expect.poll(() => code.webview().locator('.file-name').textContent()).toBe('lenet5_mnist.mixed.onnx');
    await code.command('View: Close Editor');
    page = code.webview();
    await editor.row('fc3.weight').waitFor();
  });

  it('has the keys in a file dialog, too, when the page takes the focus back late', async () => {
    await takeFocusFromNextList(300);
    await page.getByRole('button', { name: 'Write Quantized Copy' }).click();
    await listHasFocusBack();
    await code.page.keyboard.press('Escape');
    await expect.poll(() => code.page.locator('.quick-input-widget input').first().isVisible()).toBe(false);
  });

  it('takes another name for the copy, a second after the dialog opened, too', async () => {
    await page.getByRole('button', { name: 'Write Quantized Copy' }).click();
    const input = code.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await expect.poll(() => input.inputValue()).toContain('lenet5_mnist.mixed.onnx');
    await typeLater('another');
    await expect.poll(() => input.inputValue()).toBe(join(code.folder, 'another.onnx'));
    await code.page.keyboard.press('Escape');
    await input.waitFor({ state: 'hidden' });
  });

  it('is asked before the copy is replaced', async () => {
    await page.getByRole('button', { name: 'Write Quantized Copy' }).click();
    await code.acceptFile('lenet5_mnist.mixed.onnx');
    await code.page.getByText('Are you sure you want to overwrite it?').waitFor();
    await code.page.keyboard.press('Escape');
    await code.page.keyboard.press('Escape');
    await expect.poll(() => code.page.locator('.quick-input-widget input').first().isVisible()).toBe(false);
  });

  it('keeps unsaved edits over a reload of the window, and their undo', async () => {
    await editor.row('fc3.weight').click();
    await editor.pressInGrid('5');
    await expect.poll(() => editor.bits('fc3.weight')).toBe('5');
    await expect.poll(() => backups(code)).toContain('fc3.weight');
    await code.reload();
    page = code.webview();
    await editor.row('fc3.weight').waitFor();
    await expect.poll(() => editor.bits('fc3.weight')).toBe('5');
    await expect.poll(() => editor.isDirty()).toBe(true);
    await editor.row('fc3.weight').click();
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => editor.bits('fc3.weight')).toBe('float');
    await expect.poll(() => editor.isDirty()).toBe(false);
  });

  it('goes back to the saved plan by Revert File', async () => {
    await editor.row('fc3.weight').click();
    await editor.pressInGrid('2');
    await expect.poll(() => editor.bits('fc3.weight')).toBe('2');
    await code.command('File: Revert File');
    await expect.poll(() => editor.bits('fc3.weight')).toBe('float');
    expect(existsSync(join(code.folder, `${MODEL}.quant.json`))).toBe(true);
  });
});

/** As late messages of a busy window do: the next list, or file dialog, loses the focus to the page soon after it opened. */
async function takeFocusFromNextList(afterMs = 50): Promise<void> {
  await code.page.evaluate(`
    window.focusWasTaken = false;
    const takeFocusBack = ({ target }) => {
      if (!target.closest('.quick-input-widget')) return;
      document.removeEventListener('focusin', takeFocusBack);
      setTimeout(() => {
        const outer = document.querySelector('iframe.webview.ready');
        outer.focus();
        outer.contentWindow.frames[0].focus();
        window.focusWasTaken = true;
      }, ${afterMs});
    };
    document.addEventListener('focusin', takeFocusBack);
  `);
}

async function listHasFocusBack(): Promise<void> {
  const isTrue = (expression: string): Promise<boolean> => code.page.evaluate(expression);
  await expect.poll(() => isTrue('window.focusWasTaken')).toBe(true);
  await expect.poll(() => isTrue('document.activeElement.closest(".quick-input-widget") !== null')).toBe(true);
}

/** A list closes when an editor takes the focus back later than in half a second; a person then calls it again. */
async function openList(command: string, entry: Locator): Promise<void> {
  await expect.poll(async () => {
    await code.command(command);
    await entry.waitFor();
    await code.page.waitForTimeout(1_000);
    return entry.isVisible();
  }).toBe(true);
}

/** Once no late message can have the focus any more. */
async function typeLater(text: string): Promise<void> {
  await code.page.waitForTimeout(1_000);
  await code.page.keyboard.type(text);
}

/** As the page has them: attributes are text. */
function flatten(values: Record<string, unknown>, keys: string[], prefix = ''): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [prefix + key, String(values[key])]));
}
