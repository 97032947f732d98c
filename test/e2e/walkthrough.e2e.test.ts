import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METHODS } from '../../src/core/plan/layerSettings';
import { repositoryRoot } from '../workbench/paths';
import { editorSession, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'lenet5_mnist.onnx';
const PLAN = `${MODEL}.quant.json`;
const DATA = join(repositoryRoot, '../shared/data/mnist');
const CALIBRATION = 'calib2048-images-idx3-ubyte.gz';
const [IMAGES, LABELS] = ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'];
const LAYERS = ['conv1.weight', 'conv2.weight', 'fc1.weight', 'fc2.weight', 'fc3.weight'];

let folder: string;
let code: Workbench;
let editor: EditorSession;

/** docs/walkthrough.md, step by step, where MNIST is at hand. */
describe.skipIf(!existsSync(DATA))('the walkthrough from float to mixed precision', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quantscope-walkthrough-'));
    copyFileSync(join(repositoryRoot, 'samples', MODEL), join(folder, MODEL));
    for (const file of [CALIBRATION, IMAGES, LABELS]) copyFileSync(join(DATA, file), join(folder, file));
    code = await openWorkbench({ folder, settings: { 'files.autoSave': 'off', 'files.simpleDialog.enable': true } });
    editor = editorSession(code, MODEL);
    await code.openFile(MODEL);
    await editor.row('fc1.weight').waitFor();
  });
  afterAll(async () => {
    await code?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('quantizes all layers to 2 bits', async () => {
    await code.command('Quantscope: Quantize All Layers');
    await editor.pick('2 bits');
    await editor.pick('Per channel');
    for (const name of LAYERS) await expect.poll(() => editor.bits(name)).toBe('2');
  });

  it('knows errors of outputs once it has calibration data', async () => {
    await code.command('Quantscope: Set Calibration Data');
    await chooseFile(CALIBRATION);
    await editor.pick('0 to 1');
    await expect.poll(() => output('fc1.weight')).toMatch(/^\d+\.\d$/);
  });

  it.each(['conv1.weight', 'fc1.weight'])('draws outputs of %s by every quantizer at every width', async (name) => {
    await editor.row(name).click();
    await code.webview().getByRole('tab', { name: 'Error' }).click();
    const outputs = code.webview().getByRole('checkbox', { name: 'Outputs' });
    await outputs.click();
    await code.webview().getByRole('heading', { name: 'Output SQNR against bit width' }).waitFor();
    await expect.poll(() => code.webview().locator('.methods .legend li:visible').count()).toBe(METHODS.length);
    await code.screenshot(`walkthrough-outputs-${name}`);
    await outputs.click();
    await code.webview().getByRole('heading', { name: 'SQNR against bit width', exact: true }).waitFor();
    await code.webview().getByRole('tab', { name: 'Distribution' }).click();
  });

  it('rounds by GPTQ what was rounded to nearest, and outputs have less error', async () => {
    const nearest = Number(await output('fc1.weight'));
    await editor.row('conv1.weight').click();
    await editor.pressInGrid('Control+a');
    await code.contextMenu(editor.row('conv1.weight'), 'Set Rounding', 'GPTQ');
    await expect.poll(async () => Number(await output('fc1.weight'))).toBeGreaterThan(nearest + 5);
    await code.screenshot('walkthrough-1-gptq');
  });

  it('allocates 2.5 bits on average by errors of outputs', async () => {
    await code.command('Quantscope: Allocate Bits');
    await editor.pick('Errors of Outputs');
    await editor.pick('On a Curve');
    const dialog = code.webview().getByRole('dialog', { name: 'Allocate Bits' });
    await dialog.getByText('outputs on the calibration data', { exact: false }).waitFor();
    await dialog.locator('input[type=text], input[type=number]').first().fill('2.5');
    await code.page.keyboard.press('Enter');
    await expect.poll(() => dialog.locator('.point-text').textContent()).toMatch(/2\.\d+ bits/);
    await code.screenshot('walkthrough-2-curve');
    await dialog.getByText('Apply', { exact: true }).click();
    await expect.poll(() => editor.bits('conv2.weight')).not.toBe('2');
    expect(await editor.bits('fc1.weight')).toBe('2');
  });

  it('saves the plan with its calibration data, and evaluates it as the command line does', async () => {
    await editor.row('conv1.weight').click();
    await code.page.keyboard.press('Control+s');
    await expect.poll(() => editor.isDirty()).toBe(false);
    const plan = JSON.parse(readFileSync(join(code.folder, PLAN), 'utf8')) as { calibration: unknown };
    expect(plan.calibration).toEqual({ inputs: CALIBRATION });
    await code.command('Quantscope: Evaluate…');
    await chooseFile(IMAGES);
    await editor.pick('0 to 1');
    await editor.pick('Choose Labels');
    await chooseFile(LABELS);
    const told = await (await editor.notification(/top 1/i)).textContent();
    const { evaluated } = editor.quantscope(
      'evaluate', '--plan', join(code.folder, PLAN), '--inputs', join(code.folder, IMAGES), '--labels', join(code.folder, LABELS),
    ) as { evaluated: { top1: number } };
    expect(told).toContain((100 * evaluated.top1).toFixed(2));
    expect(evaluated.top1).toBeGreaterThan(0.985);
    const line = code.webview().locator('.evaluation-line');
    const found = `${(100 * evaluated.top1).toFixed(2)} %`;
    expect(await line.textContent()).toContain(`Evaluated on ${IMAGES}: 10,000 samples, divided by 255; top 1 ${found}`);
    await code.screenshot('walkthrough-3-evaluated');
    await editor.row('conv1.weight').click();
    await code.page.keyboard.press('8');
    await expect.poll(() => line.textContent()).toMatch(/^Before the last change, evaluated on .*Evaluate again/);
    await code.page.keyboard.press('Control+z');
    await expect.poll(() => line.textContent()).toMatch(/^Evaluated on/);
  });
});

function output(name: string): Promise<string | null> {
  return editor.row(name).locator('.cell.output').textContent();
}

/**
 * Types a path into VS Code's own file dialog, which asks in a quick pick where there is no desktop, once it has listed what of its
 * folder can be inputs.
 */
async function chooseFile(name: string): Promise<void> {
  const input = code.page.locator('.quick-input-widget input').first();
  const listed = code.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
  await expect.poll(() => input.inputValue()).toContain(code.folder);
  await listed.waitFor();
  expect(await code.page.locator('.quick-input-list .monaco-list-row', { hasText: '.onnx' }).count()).toBe(0);
  await code.screenshot('walkthrough-file-dialog');
  await input.fill(join(code.folder, name));
  await expect.poll(() => input.inputValue()).toBe(join(code.folder, name));
  await input.press('Enter');
}
