import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModel, laplacian, writeModel } from '../fixtures/modelBuilder';
import { editorSession, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'm.onnx';
const COMMAND = 'command:workbench.action.files.newUntitledFile';
const NAMES = [
  `[Layer](${COMMAND})`, '$(alert) icon', '<img src=x onerror="window.ran=true">', '\u202egnp\u2066w', '\x1b[31mred',
  'w\n2026-01-01 00:00:00.000 [error] forged',
];
/** As lists, trees and the log show them. */
const SHOWN = [...NAMES.slice(0, 3), '\uFFFDgnp\uFFFDw', '\uFFFD[31mred', 'w\uFFFD2026-01-01 00:00:00.000 [error] forged'];
const SIDE = 64;

let source: string;
let code: Workbench;
let editor: EditorSession;

beforeAll(async () => {
  source = mkdtempSync(join(tmpdir(), 'quantscope-hostile-'));
  writeModel(source, MODEL, buildModel({
    inputs: [{ name: 'x0', dims: [1, SIDE] }], outputs: [{ name: `x${NAMES.length}`, dims: [1, SIDE] }],
    initializers: NAMES.map((name, i) => ({ name, dims: [SIDE, SIDE], data: laplacian(SIDE * SIDE, i) })),
    nodes: NAMES.map((name, i) => ({ op: 'MatMul', inputs: [`x${i}`, name], outputs: [`x${i + 1}`] })),
  }));
  writeFileSync(join(source, `${MODEL}.quant.json`), JSON.stringify({ version: 1, model: MODEL, layers: { [`[Gone](${COMMAND})`]: { bits: 4 } } }));
  code = await openWorkbench({ folder: source, restricted: true, settings: { 'files.autoSave': 'off' } });
  editor = editorSession(code, MODEL);
  await code.openFile(MODEL);
});

afterAll(async () => {
  await code?.close();
  rmSync(source, { recursive: true, force: true });
});

/** A folder that a stranger packed, opened as VS Code opens such folders. */
describe.sequential('a hostile folder in Restricted Mode', () => {
  it('opens, and says what is wrong with the plan, in text that is no link', async () => {
    await code.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    const toast = await editor.notification(/has no layer named/);
    expect(await toast.locator('.notification-list-item-message').innerText()).toContain('[Gone]');
    expect(await toast.locator('.notification-list-item-message a').count()).toBe(0);
    await code.webview().locator('.rows [role=row]').nth(NAMES.length - 1).waitFor();
    expect(await editor.names()).toEqual(NAMES);
  });

  it('is quantized, its plan saved and a verified copy written, without trust', async () => {
    await code.webview().locator('.rows [role=row]').first().click();
    await code.page.keyboard.press('Control+a');
    await editor.pressInGrid('4');
    await expect.poll(() => code.webview().locator('.rows select').evaluateAll((all) => all.map((each) => (each as unknown as { value: string }).value)))
      .toEqual(NAMES.map(() => '4'));
    await code.page.keyboard.press('Control+s');
    await expect.poll(() => editor.isDirty()).toBe(false);
    await code.webview().getByRole('button', { name: 'Write Quantized Copy' }).click();
    await code.acceptFile('m.4bit.onnx');
    await editor.notification(/Wrote m\.4bit\.onnx.*verified with ONNX Runtime/);
    expect(existsSync(join(code.folder, 'm.4bit.onnx'))).toBe(true);
  });

  it('has its names as text in lists', async () => {
    await code.command('Quantscope: Show Worst Layers');
    const list = code.page.locator('.quick-input-list');
    await expect.poll(async () => (await texts(list.locator('.label-name'))).sort()).toEqual([...SHOWN].sort());
    expect(await list.locator('.codicon-alert, img').count()).toBe(0);
    await code.page.keyboard.press('Escape');
    // The editor takes the focus back a moment later, and a palette that is open by then would close.
    await expect.poll(() => code.page.evaluate('document.activeElement.tagName')).toBe('IFRAME');
  });

  it('has its names as text in the tree of layers', async () => {
    await code.command('Explorer: Focus on Layers View');
    const tree = code.page.getByRole('tree', { name: 'Layers', exact: true });
    await expect.poll(() => texts(tree.locator('.label-name'))).toEqual(SHOWN);
    expect(await tree.locator('img, a[href], .label-name .codicon').count()).toBe(0);
  });

  it('has its names as text in the log, an entry each', async () => {
    await code.webview().locator('.rows [role=row]').first().click();
    await code.page.keyboard.press('Control+a');
    await code.command('Quantscope: Preview Error');
    await expect.poll(logged).toContain('[error] forged, Uniform');
    expect(logged()).not.toMatch(/[\x1b\u202e\u2066]/);
    // What follows the end of a line in a name is indented: entries begin with their time.
    expect(logged()).not.toMatch(/^2026-01-01/m);
  });

  it('has run nothing', async () => {
    expect(await code.page.evaluate('window.ran')).toBeUndefined();
    expect(await code.webview().locator('body').evaluate('window.ran')).toBeUndefined();
    expect(await code.page.locator('.tabs-container .tab', { hasText: 'Untitled' }).count()).toBe(0);
  });
});

/** With the spaces that they are written with. */
async function texts(elements: Locator): Promise<string[]> {
  return (await elements.allTextContents()).map((text) => text.replaceAll('\xa0', ' '));
}

function logged(): string {
  const folder = join(code.userData, 'logs');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('Quantscope.log'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}
