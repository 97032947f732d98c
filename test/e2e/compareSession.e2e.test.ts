import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../workbench/paths';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'lenet5_mnist.onnx';
const COPY = 'lenet5_mnist.4bit.onnx';

let code: Workbench;
let page: FrameLocator;

beforeAll(async () => {
  code = await openWorkbench({ settings: { 'files.autoSave': 'off' } });
  quantscope('quantize', join(code.folder, MODEL), '-o', join(code.folder, COPY), '--bits', '4');
});

afterAll(() => code?.close());

/** One after the other: a model is compared with its copy, the window is reloaded, the copy changes. */
describe.sequential('comparing a LeNet-5 with its 4-bit copy', () => {
  it('opens from the explorer and shows what compare --json tells', async () => {
    const file = code.page.locator('.explorer-folders-view .monaco-list-row').filter({ has: code.page.getByText(MODEL, { exact: true }) });
    await file.waitFor();
    await code.contextMenu(file, 'Compare With');
    await code.page.locator('.quick-input-list .monaco-list-row', { hasText: COPY }).first().click();
    page = code.webview();
    await row('fc1.weight').waitFor();
    const { layers } = quantscope('compare', join(code.folder, MODEL), join(code.folder, COPY)) as {
      layers: { name: string; sqnrDb: number; b: { bits: number } }[];
    };
    expect(layers).toHaveLength(5);
    for (const { name, sqnrDb, b } of layers) {
      expect(await row(name).locator('.sqnr').textContent()).toBe(sqnrDb.toFixed(1));
      expect(await row(name).locator('.bits').textContent()).toBe(`float → ${b.bits}`);
    }
    await code.screenshot('comparison');
  });

  it('is brought back when the window is reloaded, with its filter', async () => {
    await page.locator('.filter input').fill('conv');
    await expect.poll(() => page.locator('.filter-count').textContent()).toBe('2 of 5 layers');
    await code.page.waitForTimeout(2_000);
    await code.reload();
    page = code.webview();
    await row('conv1.weight').waitFor();
    expect(await page.locator('.filter input').inputValue()).toBe('conv');
    await page.locator('.filter input').fill('');
  });

  it('follows the files on disk', async () => {
    // VS Code's watcher may take its time to start in a window that was just reloaded: what changes before is not seen.
    await expect.poll(async () => {
      const state = await row('fc1.weight').locator('.state').textContent();
      if (state !== 'equal') copyFileSync(join(code.folder, MODEL), join(code.folder, COPY));
      return state;
    }, { interval: 5_000 }).toBe('equal');
    await page.getByText('Changes only').click();
    await page.getByText('All layers are equal.').waitFor();
  });
});

function row(name: string): Locator {
  return page.locator('.rows [role=row]').filter({ has: page.locator(`[role=rowheader][title="${name}"]`) });
}

function quantscope(...args: string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, [join(repositoryRoot, 'dist/cli.js'), ...args, '--json'], { encoding: 'utf8' }));
}
