import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../workbench/paths';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'lenet5_mnist.onnx';

let code: Workbench;
let page: FrameLocator;

beforeAll(async () => {
  code = await openWorkbench({ settings: { 'files.autoSave': 'off' } });
  await code.openFile(MODEL);
  page = code.webview();
  await row('fc1.weight').waitFor();
});

afterAll(() => code?.close());

/** One after the other: a person's session with a model, by mouse and keys. */
describe.sequential('a session with a LeNet-5', () => {
  it('shows the same numbers as inspect --json', async () => {
    await row('fc1.weight').click();
    const expected = quantscope('inspect', '--layer', 'fc1.weight').layers[0];
    await expect.poll(() => figures()).toMatchObject({
      ...flatten(expected.statistics, ['count', 'nan', 'inf', 'zeros', 'min', 'max', 'mean', 'std', 'median', 'meanAbsDeviation', 'kurtosis']),
      ...flatten(expected.laplace, ['location', 'scale', 'ks', 'logLikelihood'], 'laplace.'),
      ...flatten(expected.gauss, ['mean', 'std', 'ks', 'logLikelihood'], 'gauss.'),
      ...flatten(expected.statistics.quantiles, Object.keys(expected.statistics.quantiles), 'quantiles.'),
    });
  });

  it('sets 4 bits by right-click and shows error and size at once, as preview --json has them', async () => {
    await code.contextMenu(row('fc1.weight'), 'Set Bit Width', '4 Bits');
    const expected = quantscope('preview', '--layers', 'fc1.weight', '--bits', '4');
    const [layer] = expected.layers;
    await expect.poll(() => figures()).toMatchObject({
      bits: '4',
      method: 'uniform',
      ...flatten(layer, ['sqnrDb', 'predictedSqnrDb', 'mse', 'cosine', 'maxAbsError', 'bytesAfter']),
    });
    expect(await bits('fc1.weight')).toBe('4');
    await expect.poll(() => page.locator('.budget-text').textContent()).toContain('→');
    await expect.poll(isDirty).toBe(true);
  });

  it('takes keys in the grid, undoes and redoes', async () => {
    await row('fc2.weight').click();
    await pressInGrid('3');
    await expect.poll(() => bits('fc2.weight')).toBe('3');
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => bits('fc2.weight')).toBe('float');
    expect(await bits('fc1.weight')).toBe('4');
    await code.page.keyboard.press('Control+y');
    await expect.poll(() => bits('fc2.weight')).toBe('3');
  });

  it('keeps keys typed in the filter to the filter', async () => {
    const filter = page.locator('.filter input');
    await filter.click();
    await code.page.keyboard.type('fc2 4');
    await code.page.keyboard.press('Control+z');
    expect(await bits('fc2.weight').catch(() => 'filtered out')).not.toBe('4');
    await filter.fill('op:conv');
    await expect.poll(() => names()).toEqual(['conv1.weight', 'conv2.weight']);
    await filter.fill('');
    await expect.poll(() => names()).toHaveLength(5);
    expect(await bits('fc2.weight')).toBe('3');
  });

  it('sets a bit width in the drop-down, quantizes and keeps float by right-click', async () => {
    await row('conv2.weight').locator('select').selectOption('8');
    await expect.poll(() => bits('conv2.weight')).toBe('8');
    await code.contextMenu(row('conv2.weight'), 'Keep in Float');
    await expect.poll(() => bits('conv2.weight')).toBe('float');
    await pressInGrid('7');
    await expect.poll(() => bits('conv2.weight')).toBe('7');
    await code.contextMenu(row('conv2.weight'), 'Quantize Layer');
    await pick('uniform');
    await pick('6 bits');
    await pick('channel');
    await expect.poll(() => bits('conv2.weight')).toBe('6');
    await pressInGrid('5');
    await expect.poll(() => bits('conv2.weight')).toBe('5');
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => bits('conv2.weight')).toBe('6');
  });

  it('previews the error of a layer in float by right-click, and leaves it in float', async () => {
    await code.contextMenu(row('conv1.weight'), 'Preview Error');
    const [layer] = quantscope('preview', '--layers', 'conv1.weight', '--bits', '8').layers;
    await expect.poll(() => figures()).toMatchObject({
      bits: '8', ...flatten(layer, ['sqnrDb', 'predictedSqnrDb', 'mse', 'cosine', 'maxAbsError', 'bytesAfter']),
    });
    expect(await bits('conv1.weight')).toBe('float');
    await pressInGrid('ArrowDown');
    await expect.poll(() => row('conv2.weight').getAttribute('aria-selected')).toBe('true');
  });

  it('saves the plan beside the model and leaves the model as it is', async () => {
    await row('fc1.weight').click();
    await code.page.keyboard.press('Control+s');
    await expect.poll(isDirty).toBe(false);
    const plan = JSON.parse(readFileSync(join(code.folder, `${MODEL}.quant.json`), 'utf8'));
    expect(plan).toMatchObject({ version: 1, model: MODEL, layers: { 'fc1.weight': { bits: 4 }, 'fc2.weight': { bits: 3 }, 'conv2.weight': { bits: 6 } } });
    expect(readFileSync(join(code.folder, MODEL)).equals(readFileSync(join(repositoryRoot, 'samples', MODEL)))).toBe(true);
  });

  it('writes a verified copy of the promised size and opens it', async () => {
    const expected = quantscope('preview', '--plan', join(code.folder, `${MODEL}.quant.json`));
    await page.getByRole('button', { name: 'Write Quantized Copy' }).click();
    const input = code.page.locator('.quick-input-widget input').first();
    await expect.poll(() => input.inputValue()).toContain('lenet5_mnist.mixed.onnx');
    await code.page.keyboard.press('Enter');
    const toast = await notification(/Wrote lenet5_mnist\.mixed\.onnx.*verified with ONNX Runtime/);
    await code.screenshot('copy-written');
    const copy = join(code.folder, 'lenet5_mnist.mixed.onnx');
    expect(statSync(copy).size).toBe(expected.total.bytesAfter);
    await toast.getByRole('button', { name: 'Open' }).click();
    await tab('lenet5_mnist.mixed.onnx').waitFor();
    await expect.poll(() => code.webview().locator('.file-name').textContent()).toBe('lenet5_mnist.mixed.onnx');
    await code.command('View: Close Editor');
    page = code.webview();
    await row('fc3.weight').waitFor();
  });

  it('is asked before the copy is replaced', async () => {
    await page.getByRole('button', { name: 'Write Quantized Copy' }).click();
    const input = code.page.locator('.quick-input-widget input').first();
    await expect.poll(() => input.inputValue()).toContain('lenet5_mnist.mixed.onnx');
    await code.page.keyboard.press('Enter');
    await code.page.getByText('Are you sure you want to overwrite it?').waitFor();
    await code.page.keyboard.press('Escape');
    await code.page.keyboard.press('Escape');
    await expect.poll(() => input.isVisible()).toBe(false);
  });

  it('keeps unsaved edits over a reload of the window, and their undo', async () => {
    await row('fc3.weight').click();
    await pressInGrid('5');
    await expect.poll(() => bits('fc3.weight')).toBe('5');
    await expect.poll(backups, { timeout: 20_000 }).toContain('fc3.weight');
    await code.reload();
    page = code.webview();
    await row('fc3.weight').waitFor();
    await expect.poll(() => bits('fc3.weight')).toBe('5');
    expect(await isDirty()).toBe(true);
    await row('fc3.weight').click();
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => bits('fc3.weight')).toBe('float');
    await expect.poll(isDirty).toBe(false);
  });

  it('goes back to the saved plan by Revert File', async () => {
    await row('fc3.weight').click();
    await pressInGrid('2');
    await expect.poll(() => bits('fc3.weight')).toBe('2');
    await code.command('File: Revert File');
    await expect.poll(() => bits('fc3.weight')).toBe('float');
    expect(existsSync(join(code.folder, `${MODEL}.quant.json`))).toBe(true);
  });
});

function row(name: string): Locator {
  return page.locator('.rows [role=row]').filter({ has: page.locator(`[role=rowheader][title="${name}"]`) });
}

async function bits(name: string): Promise<string> {
  return row(name).locator('select').inputValue();
}

async function names(): Promise<(string | null)[]> {
  const headers = await page.locator('.rows [role=rowheader]').all();
  return Promise.all(headers.map((header) => header.getAttribute('title')));
}

/** The inspector's numbers by key, with full precision. */
async function figures(): Promise<Record<string, string>> {
  const entries = await page.locator('[data-key]').evaluateAll((cells) =>
    cells.map((cell) => [cell.getAttribute('data-key') ?? '', cell.getAttribute('data-value') ?? '']));
  return Object.fromEntries(entries);
}

/** As the page has them: attributes are text. */
function flatten(values: Record<string, unknown>, keys: string[], prefix = ''): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [prefix + key, String(values[key])]));
}

/** The command line's JSON on the session's copy of the model. */
function quantscope(command: string, ...options: string[]) {
  const cli = join(repositoryRoot, 'dist/cli.js');
  return JSON.parse(execFileSync(process.execPath, [cli, command, join(code.folder, MODEL), '--json', ...options], { encoding: 'utf8' }));
}

function tab(name: string): Locator {
  return code.page.locator('.tabs-container .tab').filter({ has: code.page.getByText(name, { exact: true }) });
}

async function isDirty(): Promise<boolean> {
  return (await tab(MODEL).getAttribute('class'))?.split(' ').includes('dirty') ?? false;
}

/** The page tells VS Code of its focus by a message, which takes as long as a hand from the mouse to the keys. */
async function pressInGrid(key: string): Promise<void> {
  await code.page.waitForTimeout(500);
  await code.page.keyboard.press(key);
}

/** What VS Code keeps for a hot exit. */
function backups(): string {
  const folder = join(code.userData, 'User/Backups');
  if (!existsSync(folder)) return '';
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
}

async function notification(text: RegExp): Promise<Locator> {
  const toast = code.page.locator('.notification-toast', { hasText: text });
  await toast.waitFor();
  return toast;
}

/** Chooses the entry of an open quick pick whose label has `text`. */
async function pick(text: string): Promise<void> {
  await code.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
}
