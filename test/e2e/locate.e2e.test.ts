import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModel, laplacian, writeModel } from '../fixtures/modelBuilder';
import { editorSession, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'm.onnx';
const SIDE = 512;

let source: string;
let code: Workbench;
let editor: EditorSession;

const data = (): string => join(code.folder, 'elsewhere/renamed.bin');
const line = (): Locator => code.webview().locator('.missing-line');
const action = (): Locator => line().getByText('Locate…', { exact: true });
const question = (): Locator => code.page.locator('.monaco-dialog-box');

beforeAll(async () => {
  source = mkdtempSync(join(tmpdir(), 'quantscope-locate-'));
  const built = buildModel({
    inputs: [{ name: 'x', dims: [1, SIDE] }], outputs: [{ name: 'z', dims: [1, SIDE] }],
    initializers: [
      { name: 'inside', dims: [SIDE, SIDE], data: laplacian(SIDE * SIDE, 1) },
      { name: 'outside', dims: [SIDE, SIDE], data: laplacian(SIDE * SIDE, 2), form: 'external', file: 'weights/m.data' },
    ],
    nodes: [{ op: 'MatMul', inputs: ['x', 'inside'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', 'outside'], outputs: ['z'] }],
  });
  writeModel(source, MODEL, { ...built, external: new Map() });
  mkdirSync(join(source, 'elsewhere'));
  writeFileSync(join(source, 'elsewhere/renamed.bin'), built.external.get('weights/m.data')!);
  writeFileSync(join(source, 'elsewhere/short.bin'), 'short');
  code = await openWorkbench({ folder: source, restricted: true });
  editor = editorSession(code, MODEL);
  await code.openFile(MODEL);
});

afterAll(async () => {
  await code?.close();
  rmSync(source, { recursive: true, force: true });
});

describe.sequential('external data that is not found, in Restricted Mode', () => {
  it('is named above the table, with a way to locate it', async () => {
    await line().waitFor();
    expect(await line().textContent()).toBe('External data not found: weights/m.dataLocate…');
    expect(await editor.row('outside').textContent()).toContain('its external data is missing');
    expect(await editor.row('inside').locator('select').count()).toBe(1);
    await code.screenshot('locate-missing');
  });

  it('is not taken from a file that is too short', async () => {
    await action().click();
    await chooseFile(join(code.folder, 'elsewhere/short.bin'));
    const toast = await editor.notification(/The file is too short: .* takes 1048576 bytes, and it has 5/);
    expect(await toast.textContent()).toContain('Choose the file that was written with this model');
    await code.screenshot('locate-too-short');
    await toast.hover();
    await toast.locator('.codicon-notifications-clear').click();
    expect(await line().isVisible()).toBe(true);
  });

  it('is copied to its place from a file chosen by keyboard, after one question, and the page follows', async () => {
    const model = readFileSync(join(code.folder, MODEL));
    await editor.row('inside').click();
    await action().focus();
    await editor.pressInGrid('Enter');
    await chooseFile(data());
    await question().waitFor();
    expect(await question().textContent()).toContain(`Copy renamed.bin (1.0 MB) to ${join(code.folder, 'weights/m.data')}?`);
    await code.screenshot('locate-question');
    await question().getByRole('button', { name: 'Copy', exact: true }).click();
    await expect.poll(() => line().isVisible()).toBe(false);
    await expect.poll(() => editor.row('outside').locator('select').count()).toBe(1);
    expect(readFileSync(join(code.folder, 'weights/m.data')).equals(readFileSync(data()))).toBe(true);
    expect(readFileSync(join(code.folder, MODEL)).equals(model)).toBe(true);
    await editor.row('outside').click();
    await expect.poll(async () => (await editor.figures()).std).toBeDefined();
    await code.screenshot('locate-found');
    // Long enough for what the watcher sees to be read again: nothing moved, since weights that were missing came.
    await code.page.waitForTimeout(1500);
    expect(await code.webview().locator('.drift-line').isVisible()).toBe(false);
    expect(editor.quantscope('inspect').layers).toHaveLength(2);
  });

  it('is no longer asked for in the palette', async () => {
    await code.page.keyboard.press('F1');
    await code.page.locator('.quick-input-widget input').first().fill('>Quantscope: ');
    await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Reload From Disk' }).first().waitFor();
    expect(await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Locate External Data' }).count()).toBe(0);
    await code.page.keyboard.press('Escape');
  });
});

/** Types a path into VS Code's own file dialog, once it lists the model's folder. */
async function chooseFile(path: string): Promise<void> {
  const input = code.page.locator('.quick-input-widget input').first();
  await expect.poll(() => input.inputValue()).toContain(code.folder);
  expect(await code.page.locator('.quick-input-widget .quick-input-title').textContent()).toContain('Locate weights/m.data (1.0 MB)');
  await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'elsewhere' }).first().waitFor();
  await input.fill(path);
  await expect.poll(() => input.inputValue()).toBe(path);
  await code.page.locator('.quick-input-list .monaco-list-row', { hasText: basename(path) }).first().waitFor();
  await input.press('Enter');
}
