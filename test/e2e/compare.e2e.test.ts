import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ComparePageMessage } from '../../src/protocol/comparePage';
import { useHarness } from './harness/openHarness';

const harness = useHarness('compare');
let page: Page;

async function open(query: string, size = { width: 1280, height: 700 }): Promise<void> {
  page = await harness.open(query, size);
}

async function openRows(query: string): Promise<void> {
  await open(query);
  await row(0).waitFor();
}

function row(index: number): Locator {
  return page.locator(`[role=row][data-row="${index}"]`);
}

async function posted<T extends ComparePageMessage['type']>(type: T): Promise<Extract<ComparePageMessage, { type: T }>[]> {
  const messages = await page.evaluate<ComparePageMessage[]>('window.posted');
  return messages.filter((message): message is Extract<ComparePageMessage, { type: T }> => message.type === type);
}

function order(): Promise<number[]> {
  return page.evaluate<number[]>('[...document.querySelectorAll("[data-row]")].map((row) => Number(row.dataset.row))');
}

describe('the comparison', () => {
  it('says of each layer what is the same and what is not', async () => {
    await openRows('rows=12');
    expect((await row(0).locator('.cell').allTextContents()).slice(0, 9)).toEqual([
      'layer0.conv.weight', 'Conv', '64×32×3×3', 'float32', 'float → 4', '12.0', '0.1', '72 KB → 9.0 KB', 'changed',
    ]);
    expect(await row(1).locator('.state').textContent()).toBe('equal');
    expect(await row(1).locator('.sqnr').textContent()).toBe('∞');
    expect(await row(2).locator('.type').textContent()).toBe('float32 → float16');
    expect(await row(3).locator('.state').textContent()).toBe('only in A');
    expect(await row(5).locator('.state').textContent()).toBe('not compared: its codes are not read as weights');
    expect(await row(8).locator('.sqnr').getAttribute('title')).toContain('3 weights are NaN or infinite in one model only');
    expect(await page.locator('.compare-summary').textContent()).toMatch(/^4 changed · 2 only in A · .* 18\.4 dB$/);
  });

  it('opens with the keyboard in its current row', async () => {
    await openRows('rows=12');
    const focused = () => page.evaluate('document.activeElement.getAttribute("data-row")');
    await expect.poll(focused).toBe('0');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('1');
  });

  it('leaves out what is equal when only changes are wanted, and filters by words', async () => {
    await openRows('rows=12');
    await page.getByText('Changes only').click();
    await expect.poll(order).toEqual([0, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
    await page.locator('.filter input').fill('only in -layer9');
    await expect.poll(order).toEqual([3, 4, 10]);
    expect(await page.locator('.filter-count').textContent()).toBe('3 of 12 layers');
    await row(3).focus();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('nowhere');
    await expect.poll(() => page.locator('.filter input').inputValue()).toBe('nowhere');
    await page.getByText('No layer matches the filter.').waitFor();
    await page.getByText('Show All Layers').click();
    await expect.poll(order).toHaveLength(12);
  });

  it.each(['dark', 'light', 'hc-dark'])('has columns as wide as what is in them, in the %s theme', async (theme) => {
    await openRows(`rows=12&reshaped&theme=${theme}`);
    expect(await row(2).locator('.shape').textContent()).toBe('64×32×3×3 → 1024×18432×3×3');
    const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('.compare-grid .cell:not(.state)')]
      .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)`);
    expect(cut).toEqual([]);
    const [name, op] = [await row(0).locator('.layer').boundingBox(), await row(0).locator('.op').boundingBox()];
    expect(op!.x - name!.x).toBeLessThan(260);
    await page.screenshot({ path: `test/e2e/screenshots/compare-columns-${theme}.png` });
  });

  it('shortens names from their start, where layers of one module do not differ', async () => {
    await open('rows=12&modules&reshaped', { width: 940, height: 500 });
    await row(0).waitFor();
    const ends = await page.locator('.compare-grid .row .layer').evaluateAll((cells) => cells.map((cell) => {
      const [name, room] = [cell.querySelector('bdi')?.getBoundingClientRect(), cell.getBoundingClientRect()];
      return name && { cut: name.left < room.left, hidden: name.right - room.right };
    }));
    expect(ends).toHaveLength(12);
    for (const end of ends) expect(end?.hidden).toBeLessThanOrEqual(0);
    expect(ends.some((end) => end?.cut)).toBe(true);
    expect(await row(1).locator('.layer').getAttribute('title')).toBe('BeamSearch_gpt2.decoder::transformer.h.0.attn.c_proj.weight');
    await page.screenshot({ path: 'test/e2e/screenshots/compare-modules.png' });
  });

  it('sorts by a column, layers without a value last', async () => {
    await openRows('rows=12');
    await page.getByRole('columnheader', { name: 'SQNR' }).click();
    await expect.poll(order).toEqual([0, 2, 6, 8, 1, 7, 3, 4, 5, 9, 10, 11]);
    expect(await page.getByRole('columnheader', { name: 'SQNR' }).getAttribute('aria-sort')).toBe('ascending');
  });

  it('opens a layer in either model by button, double click and keys', async () => {
    await openRows('rows=12');
    await row(0).getByRole('button', { name: 'Open layer0.conv.weight in A' }).click();
    await row(2).locator('.cell.layer').dblclick();
    await row(3).locator('.cell.layer').click();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Shift+Enter');
    expect(await posted('open')).toEqual([
      { type: 'open', side: 'a', row: 0 }, { type: 'open', side: 'b', row: 2 }, { type: 'open', side: 'a', row: 3 },
      { type: 'open', side: 'a', row: 2 },
    ]);
    expect(await row(3).getByRole('button', { name: 'in B' }).isDisabled()).toBe(true);
    await expect.poll(() => page.evaluate('document.activeElement.dataset.row')).toBe('2');
  });

  it('takes a tolerance that is a number, and no other', async () => {
    await openRows('rows=6');
    const field = page.getByRole('textbox', { name: 'Tolerance' });
    await field.fill('-1');
    await field.press('Enter');
    await page.getByText('a number from 0 on is needed').waitFor();
    await field.fill('1e-3');
    await field.press('Enter');
    await expect.poll(() => row(0).locator('.state').textContent()).toBe('equal');
    expect(await posted('tolerance')).toEqual([{ type: 'tolerance', tolerance: 1e-3 }]);
    await expect.poll(() => field.inputValue()).toBe('0.001');
  });

  it('draws a few dozen of ten thousand rows', async () => {
    await openRows('rows=10000');
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001');
    await row(0).click();
    await page.keyboard.press('End');
    await row(9999).waitFor();
    expect((await order()).length).toBeLessThan(70);
  });

  it('takes names for text', async () => {
    await openRows('rows=6&injection');
    expect(await row(0).locator('.cell.layer').textContent()).toBe('<img src=x onerror="throw 1">0');
    expect(await page.locator('img').count()).toBe(0);
  });
});

describe('never a blank page', () => {
  it('says how far it is', async () => {
    await open('loading');
    await page.getByText('Comparing the models…').waitFor();
    await expect.poll(() => page.locator('.compare-progress .facts').textContent()).toBe('42 %');
  });

  it('says what stands in the way, and what to do', async () => {
    await open('problem');
    await page.getByText('Run "git lfs pull" to fetch the model').waitFor();
    await page.getByText('Reload').click();
    expect(await posted('command')).toEqual([{ type: 'command', command: 'reload' }]);
  });

  it('says that there is nothing to compare, or nothing changed', async () => {
    await open('rows=0');
    await page.getByText('Neither model has a layer to compare.').waitFor();
    await page.close();
    await openRows('rows=5&equal');
    await page.getByText('Changes only').click();
    await page.getByText('All layers are equal.').waitFor();
  });

  it.each(['dark', 'light', 'hc-dark', 'hc-light'])('remembers filter and files in the %s theme, and cuts nothing off', async (theme) => {
    await open(`rows=8&theme=${theme}`);
    await row(0).waitFor();
    await page.locator('.filter input').fill('conv');
    await expect.poll(() => page.evaluate('JSON.parse(sessionStorage.getItem("harness-view-state"))')).toMatchObject({
      a: 'file:///models/resnet8.onnx', b: 'file:///models/resnet8.4bit.onnx', tolerance: 0, filter: 'conv',
    });
    await page.reload();
    await row(0).waitFor();
    expect(await page.locator('.filter input').inputValue()).toBe('conv');
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    if (process.env['COMPARE_SHOTS']) await page.screenshot({ path: `${process.env['COMPARE_SHOTS']}/${theme}.png` });
  });
});
