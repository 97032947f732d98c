import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/protocol/byteSize';
import { writeModel } from '../fixtures/modelBuilder';
import { residualNetwork } from '../fixtures/residualNetwork';
import { editorSession, titles, type EditorSession } from './editorSession';
import { openWorkbench, type Workbench } from './workbench';

const MODEL = 'resnet14.onnx';
const PLAN = `${MODEL}.quant.json`;
const COPY = 'resnet14.mixed.onnx';
const REPORT = `${MODEL}.report.md`;
const FILTER = 'op:Conv size>30KB';
const LARGE = [
  'layer2.0.conv2.weight', 'layer2.1.conv1.weight', 'layer2.1.conv2.weight', 'layer3.0.conv1.weight', 'layer3.0.conv2.weight',
  'layer3.1.conv1.weight', 'layer3.1.conv2.weight',
];
const FIVE = LARGE.slice(0, 5);
const MSPTQ = 'layer3.0.conv2.weight';
const EDITED = 'layer2.1.conv2.weight';

interface Figures {
  layers: { name: string; bits: number; method: string; sqnrDb: number; bytesBefore: number; bytesAfter: number }[];
  total: { bytesBefore: number; bytesAfter: number; averageBits: number; sqnrDb: number };
}

let folder: string;
let code: Workbench;
let editor: EditorSession;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quantscope-session-'));
  writeModel(folder, MODEL, residualNetwork());
  code = await openWorkbench({ folder, settings: { 'files.autoSave': 'off', 'editor.minimap.enabled': false } });
  editor = editorSession(code, MODEL);
});

afterAll(async () => {
  await code?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One after the other: from opening a model to finding all as it was after the window is reloaded. */
describe.sequential('a whole session with a residual network', () => {
  it('opens the model and filters its layers', async () => {
    await code.openFile(MODEL);
    await editor.row('conv1.weight').waitFor();
    await expect.poll(async () => (await editor.names()).filter((name) => name !== null)).toHaveLength(16);
    await editor.row('conv1.weight').click();
    await editor.pressInGrid('Control+f');
    await expect.poll(() => page().locator('.filter input:focus').count()).toBe(1);
    await code.page.keyboard.type(FILTER, { delay: 30 });
    await expect.poll(() => editor.names()).toEqual(LARGE);
    await code.screenshot('session-01-filter');
  });

  it('selects five layers and sets 4 bits by a key, as preview --json has them; undoes and redoes it', async () => {
    await editor.row(FIVE[0]!).click();
    for (let more = 1; more < FIVE.length; more++) await code.page.keyboard.press('Shift+ArrowDown');
    await expect.poll(selected).toEqual(FIVE);
    await editor.pressInGrid('4');
    for (const name of FIVE) await expect.poll(() => editor.bits(name)).toBe('4');
    await expectFigures(preview(...FIVE.flatMap((name) => ['--layers', name]), '--bits', '4'));
    await expect.poll(() => editor.isDirty()).toBe(true);
    await code.screenshot('session-02-four-bits');

    await code.page.keyboard.press('Control+z');
    for (const name of FIVE) await expect.poll(() => editor.bits(name)).toBe('float');
    await expect.poll(() => editor.isDirty()).toBe(false);
    await code.screenshot('session-03-undone');
    await code.page.keyboard.press('Control+y');
    for (const name of FIVE) await expect.poll(() => editor.bits(name)).toBe('4');
    expect(await selected()).toEqual(FIVE);
  });

  it('chooses another quantizer for one of them by right-click', async () => {
    await editor.row(MSPTQ).click();
    await code.contextMenu(editor.row(MSPTQ), 'Set Quantizer', 'MSPTQ');
    const [layer] = preview('--layers', MSPTQ, '--bits', '4', '--method', 'msptq').layers;
    await expect.poll(() => editor.row(MSPTQ).locator('.method').textContent()).toBe('msptq');
    await expect.poll(() => editor.row(MSPTQ).locator('.sqnr').textContent()).toBe(layer?.sqnrDb.toFixed(1));
    await expect.poll(() => editor.figures()).toMatchObject({
      method: 'msptq', bits: '4', sqnrDb: String(layer?.sqnrDb), bytesAfter: String(layer?.bytesAfter),
    });
    await code.screenshot('session-04-msptq');
    await page().getByRole('tab', { name: 'Error' }).click();
    await page().getByRole('img', { name: `Errors of ${MSPTQ}` }).waitFor();
    await code.screenshot('session-05-error');
    await page().getByRole('tab', { name: 'Distribution' }).click();
  });

  it('saves the plan, edits it as text and sees the edit come back', async () => {
    await editor.row(MSPTQ).click();
    await code.page.keyboard.press('Control+s');
    await expect.poll(() => editor.isDirty()).toBe(false);
    await code.command('Quantscope: Open Plan');
    await editor.tab(PLAN).waitFor();
    const line = (text: string): Locator => code.page.locator('.monaco-editor .view-line', { hasText: text });
    await line(`"${EDITED}"`).click();
    await code.page.locator('.statusbar-item', { hasText: `Ln ${lineInPlan(`"${EDITED}"`)},` }).waitFor();
    for (const key of ['ArrowDown', 'End', 'Backspace', '3']) await code.page.keyboard.press(key);
    await line('"bits": 3').waitFor();
    await code.page.keyboard.press('Control+s');
    await expect.poll(() => planned()[EDITED]).toMatchObject({ bits: 3 });
    await expect.poll(() => editor.bits(EDITED)).toBe('3');
    await expectFigures(previewPlan(), 'narrow');
    expect(await editor.isDirty()).toBe(false);
    await code.screenshot('session-06-plan-as-text');
    await code.command('View: Close Editor');
    await editor.tab(PLAN).waitFor({ state: 'detached' });
  });

  it('writes a verified copy of the promised size', async () => {
    const { total } = previewPlan();
    await page().getByRole('button', { name: 'Write Quantized Copy' }).click();
    await code.acceptFile(COPY);
    await editor.notification(/Wrote resnet14\.mixed\.onnx.*verified with ONNX Runtime/);
    await code.page.locator('.notification-toast', { hasText: 'Writing ' }).waitFor({ state: 'detached' });
    await code.screenshot('session-07-copy-written');
    expect(statSync(join(code.folder, COPY)).size).toBe(total.bytesAfter);
  });

  it('compares the copy with the model, as compare --json does', async () => {
    await (await editor.notification(/Wrote/)).getByRole('button', { name: 'Compare' }).click();
    await editor.row('fc.weight').waitFor();
    const { layers } = editor.quantscope('compare', join(code.folder, COPY)) as { layers: { name: string; state: string; sqnrDb: number }[] };
    expect(layers.filter(({ state }) => state === 'changed').map(({ name }) => name).sort()).toEqual([...FIVE].sort());
    for (const { name, sqnrDb } of layers.filter(({ state }) => state === 'changed')) {
      expect(await editor.row(name).locator('.sqnr').textContent()).toBe(sqnrDb.toFixed(1));
    }
    await code.screenshot('session-08-compare');
    await editor.tab(MODEL).click();
    await editor.row(EDITED).waitFor();
  });

  it('exports a report with the numbers of preview --json', async () => {
    const { layers, total } = previewPlan();
    await code.command('Quantscope: Export Report');
    await editor.pick('Markdown');
    await code.acceptFile(REPORT);
    const toast = await editor.notification(/Exported resnet14\.onnx\.report\.md/);
    const report = readFileSync(join(code.folder, REPORT), 'utf8');
    const [header, ...rows] = report.split('\n').filter((line) => line.startsWith('|')).map(cells);
    expect(report).toContain(`SQNR of all quantized weights: ${total.sqnrDb.toFixed(1)} dB`);
    expect(report).toContain(`Average bits: ${total.averageBits.toFixed(2)}`);
    expect(report).toContain(`${grouped(total.bytesBefore)} → ${grouped(total.bytesAfter)}`);
    for (const { name, bits, method, sqnrDb, bytesAfter } of layers) {
      const row = rows.find(([layer]) => layer === name) ?? [];
      const cell = (title: string): string | undefined => row[header!.indexOf(title)]?.trim();
      expect([cell('Bits'), cell('Quantizer'), cell('SQNR dB'), cell('Bytes after')])
        .toEqual([String(bits), method, sqnrDb.toFixed(1), grouped(bytesAfter)]);
    }
    expect(rows.filter((row) => /^\d$/.test(row[header!.indexOf('Bits')] ?? ''))).toHaveLength(FIVE.length);
    await toast.getByRole('button', { name: 'Open' }).click();
    await editor.tab(REPORT).waitFor();
    await code.screenshot('session-09-report');
    await code.command('View: Close Editor');
    await editor.tab(MODEL).click();
  });

  it('finds everything as it was when the window is reloaded', async () => {
    await editor.row(FIVE[0]!).click();
    for (let more = 1; more < 3; more++) await code.page.keyboard.press('Shift+ArrowDown');
    await expect.poll(selected).toEqual(FIVE.slice(0, 3));
    await code.page.waitForTimeout(2_000);
    await code.reload();
    await editor.row(EDITED).waitFor();
    expect(await page().locator('.filter input').inputValue()).toBe(FILTER);
    await expect.poll(() => editor.names()).toEqual(LARGE);
    await expect.poll(selected).toEqual(FIVE.slice(0, 3));
    await expectFigures(previewPlan());
    expect(await editor.isDirty()).toBe(false);
    await code.screenshot('session-10-reloaded');
  });
});

function page(): FrameLocator {
  return code.webview();
}

function selected(): Promise<(string | null)[]> {
  return titles(page().locator('.rows [role=row][aria-selected=true] [role=rowheader]'));
}

/** What the table and the line above it say is what the command line says. A narrow table has no column for methods. */
async function expectFigures({ layers, total }: Figures, where: 'wide' | 'narrow' = 'wide'): Promise<void> {
  for (const { name, bits, method, sqnrDb } of layers) {
    const row = editor.row(name);
    await expect.poll(() => editor.bits(name)).toBe(String(bits));
    if (where === 'wide') await expect.poll(() => row.locator('.method').textContent()).toBe(method);
    await expect.poll(() => row.locator('.sqnr').textContent()).toBe(sqnrDb.toFixed(1));
  }
  await expect.poll(() => page().locator('.budget-text').textContent())
    .toContain(`${formatBytes(total.bytesBefore)} → ${formatBytes(total.bytesAfter)}`);
}

function preview(...options: string[]): Figures {
  return editor.quantscope('preview', ...options) as Figures;
}

function previewPlan(): Figures {
  return preview('--plan', join(code.folder, PLAN));
}

function lineInPlan(text: string): number {
  return readFileSync(join(code.folder, PLAN), 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1;
}

function planned(): Record<string, unknown> {
  return (JSON.parse(readFileSync(join(code.folder, PLAN), 'utf8')) as { layers: Record<string, unknown> }).layers;
}

function cells(line: string): string[] {
  return line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').replaceAll('\\', ''));
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
