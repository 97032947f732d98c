import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, samplesFolder } from '../workbench/paths';
import { openWorkbench, type BuiltInTheme, type Workbench } from './workbench';

const THEMES: [string, BuiltInTheme][] = [
  ['dark', 'Default Dark Modern'],
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
];

/** A network of twenty layers where the models for tests are at hand, the sample elsewhere. */
const resnet = join(repositoryRoot, '../shared/models/mlperf_resnet8_cifar10_folded.onnx');
const sample = join(samplesFolder, 'lenet5_mnist.onnx');
const [model, name, examined] = existsSync(resnet) ? [resnet, 'resnet8_cifar10.onnx', 7] : [sample, 'lenet5_mnist.onnx', 2];
const scratch = mkdtempSync(join(tmpdir(), 'quantscope-themes-'));
const folder = join(scratch, 'models');

beforeAll(() => cpSync(model, join(folder, name)));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each(THEMES)('in the %s theme', (look, theme) => {
  let code: Workbench;
  beforeAll(async () => {
    code = await openWorkbench({ folder, theme, viewport: { width: 1720, height: 900 }, settings: { 'files.autoSave': 'off' } });
  });
  afterAll(() => code?.close());

  it('shows a quantized layer with nothing cut off', async () => {
    await code.openFile(name);
    const page = code.webview();
    const rows = page.locator('.rows [role=row]');
    await rows.first().waitFor();
    const widths = [8, 4, 3, 6, 4];
    for (const [i, bits] of widths.entries()) await rows.nth(i).locator('select').selectOption(String(bits));
    await rows.nth(1).locator('[role=rowheader]').click();
    await expect.poll(() => page.locator('[data-key="sqnrDb"]').getAttribute('data-value')).toMatch(/^\d/);
    await expect.poll(() => page.locator('.rows .sqnr').nth(4).textContent()).toMatch(/\d/);
    await page.locator('.mini-histogram path').nth(3).waitFor();
    await code.screenshot(`editor-${look}`);
    const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(overflow).toBe(0);
  });

  it('shows what each method would cost, every point confirmed', async () => {
    const page = code.webview();
    await page.locator('.rows [role=row]').nth(examined).locator('select').selectOption('4');
    await page.locator('.rows [role=row]').nth(examined).locator('[role=rowheader]').click();
    await page.getByRole('tab', { name: 'Error' }).click();
    await page.getByRole('img', { name: /^Errors of/ }).waitFor();
    await expect.poll(() => page.locator('#methods-summary').textContent()).toMatch(/8 bits: best is .* Planned: Uniform, 4 bits/);
    await expect.poll(() => page.getByText('Hollow points').isVisible()).toBe(false);
    await page.getByText('Against Uniform').click();
    await expect.poll(() => page.getByRole('checkbox', { name: 'Against Uniform' }).getAttribute('aria-checked')).toBe('true');
    await code.screenshot(`error-view-${look}`);
  });

  it('shows where the support may end', async () => {
    const page = code.webview();
    await page.getByRole('tab', { name: 'Distribution' }).click();
    await page.getByRole('slider', { name: 'Support limit' }).press('ArrowRight');
    await expect.poll(() => page.getByText('Approximate, over').isVisible()).toBe(false);
    await code.screenshot(`support-limit-${look}`, page.locator('.support-section'));
  });
});
