import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { PageMessage } from '../../src/protocol/page';
import { useHarness } from './harness/openHarness';

const MOST_ROWS_DRAWN = 70;
const ROW_HEIGHT = 26;

const harness = useHarness();
let page: Page;

async function openTable(query: string, size = { width: 1720, height: 900 }): Promise<void> {
  page = await harness.open(query, size);
  await row(0).waitFor();
}

function row(layer: number): Locator {
  return page.locator(`[role=row][data-layer="${layer}"]`);
}

function group(path: string): Locator {
  return page.locator('.group-row').filter({ hasText: path });
}

function filterField(): Locator {
  return page.getByRole('combobox', { name: 'Filter layers' });
}

function header(column: string): Locator {
  return page.getByRole('columnheader', { name: column, exact: true });
}

/** Rows from top to bottom: layers by index, groups by path. */
function lines(): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('.rows > [role=row]')].map((row) => row.dataset.layer ?? row.querySelector('bdi').textContent)`);
}

function headers(): Promise<string[]> {
  return page.getByRole('columnheader').allTextContents();
}

async function posted<T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> {
  const messages = await page.evaluate<PageMessage[]>('window.posted');
  return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
}

function focusedColumn(): Promise<string | undefined> {
  return page.evaluate('document.activeElement.dataset.column');
}

async function selectedLayers(): Promise<number[] | undefined> {
  return (await posted('select')).at(-1)?.layers;
}

describe('what moved when the file changed', () => {
  it('is a column, a condition of the filter and a line above the table, until it is dismissed', async () => {
    await openTable('layers=20');
    expect(await headers()).not.toContain('Moved');
    await page.evaluate('window.changeFile()');
    await page.getByText('The file changed: 12 of 18 layers moved').waitFor();
    await expect.poll(() => row(1).locator('.moved').textContent()).toBe('0.001');
    expect(await row(3).locator('.moved').textContent()).toBe('0');

    await page.getByText('Sort by it').click();
    await expect.poll(() => header('Moved').getAttribute('aria-sort')).toBe('descending');
    expect((await lines()).slice(0, 3)).toEqual(['4', '17', '16']);
    await filterField().fill('moved>0.1');
    await expect.poll(lines).toEqual(['4']);
    await filterField().fill('');

    await page.getByText(/^most: layer4/).click();
    await expect.poll(() => page.evaluate('document.activeElement.dataset.layer')).toBe('4');
    await page.getByRole('button', { name: 'Dismiss what moved' }).click();
    await expect.poll(headers).not.toContain('Moved▾');
    expect(await page.getByText('The file changed').isVisible()).toBe(false);
    expect(await posted('dismissDrift')).toHaveLength(1);
    expect((await lines()).slice(0, 3)).toEqual(['0', '1', '2']);
  });
});

it('has data types in a column and in the filter where layers that can be quantized have several', async () => {
  await openTable('layers=20&types');
  expect(await headers()).toEqual(['Layer', 'Op', 'Shape', 'Type', 'Weights', 'Distribution', 'Fit', 'Bits', 'Method', 'SQNR', 'Size']);
  expect([await row(0).locator('.type').textContent(), await row(1).locator('.type').textContent()]).toEqual(['float32', 'bfloat16']);
  await header('Type').click();
  await expect.poll(async () => (await lines()).slice(0, 5)).toEqual(['1', '6', '11', '16', '0']);
  await page.screenshot({ path: 'test/e2e/screenshots/types.png' });
  await filterField().fill('type:');
  const suggestions = page.locator('.suggestion');
  await expect.poll(() => suggestions.allTextContents()).toEqual(['type:float3214 layers', 'type:bfloat164 layers', 'type:int82 layers']);
  await suggestions.last().click();
  await expect.poll(lines).toEqual(['9', '19']);
});

it('says that the file is gone, while the model is shown as it was, until it is back', async () => {
  await openTable('layers=20');
  await page.evaluate('window.loseFile()');
  const line = page.getByRole('status').getByText('There is no such file. The model is shown as it was; the file is tried again.');
  await line.waitFor();
  expect(await lines()).toContain('1');
  await page.screenshot({ path: 'test/e2e/screenshots/file-gone.png' });
  await page.evaluate('window.changeFile()');
  await line.waitFor({ state: 'hidden' });
});

it('warns of a plan that ruins a layer, in its row and above its numbers, until it is planned otherwise', async () => {
  await openTable('layers=20&ruinous');
  await row(3).click();
  const caution = page.locator('.layer-reason').getByText('leave most weights at zero');
  await caution.waitFor();
  expect(await row(3).locator('.method.warning').getAttribute('title')).toContain('leave most weights at zero');
  await page.screenshot({ path: 'test/e2e/screenshots/ruinous.png' });
  await row(3).getByRole('combobox').selectOption('4');
  await caution.waitFor({ state: 'hidden' });
  expect(await row(3).locator('.method.warning').count()).toBe(0);
});

describe('grouped rows', () => {
  it('stand under their modules with figures of their own', async () => {
    await openTable('layers=21&modules');
    await page.getByRole('button', { name: 'Group' }).click();
    const grid = page.getByRole('treegrid');
    await expect.poll(async () => (await lines()).slice(0, 4)).toEqual(['Other layers', '0', 'model.layers.0', '1']);
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(1 + 21 + 5));
    expect(await group('model.layers.0').getAttribute('aria-level')).toBe('1');
    expect(await group('model.layers.0').getAttribute('aria-expanded')).toBe('true');
    expect(await row(1).getAttribute('aria-level')).toBe('2');
    const text = (column: string) => group('model.layers.0').locator(column).textContent();
    expect(await text('.layer')).toBe('▾model.layers.05 layers');
    expect(await text('.weights')).toBe('116,736');
    expect(await text('.sqnr')).toBe('4.7');
    expect(await text('.bits')).toBe('ø 13.0');
    expect(await text('.size')).toBe('456 KB → 186 KB');
    await row(3).getByRole('combobox').selectOption('8');
    await expect.poll(() => text('.sqnr')).toBe('27.8');
    expect(await text('.bits')).toBe('ø 16.4');
  });

  it('fold away by mouse and by keyboard, and are selected as a whole', async () => {
    await openTable('layers=21&modules');
    await row(2).click();
    await page.keyboard.press('g');
    await group('model.layers.0').waitFor();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(selectedLayers).toEqual([1, 2, 3, 4, 5]);
    expect(await group('model.layers.0').getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => group('model.layers.0').getAttribute('aria-expanded')).toBe('false');
    expect((await lines()).slice(2, 4)).toEqual(['model.layers.0', 'model.layers.1']);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-level")')).toBe('1');
    expect((await posted('gridFocus')).at(-1)?.focused).toBe(true);
    await page.keyboard.press('ArrowDown');
    await expect.poll(selectedLayers).toEqual([6, 7, 8, 9, 10]);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => row(1).isVisible()).toBe(true);
    await page.keyboard.press('ArrowRight');
    await expect.poll(selectedLayers).toEqual([1]);

    await row(3).click();
    await group('model.layers.0').locator('.twistie').click();
    await expect.poll(() => row(3).isVisible()).toBe(false);
    await expect.poll(selectedLayers).toEqual([1, 2, 3, 4, 5]);
    await group('model.layers.0').locator('.group-count').dblclick();
    await row(3).waitFor();
    await group('model.layers.1').click();
    await group('model.layers.2').click({ modifiers: ['Control'] });
    await expect.poll(async () => (await selectedLayers())?.length).toBe(10);
  });

  it('keep the groups that the filter matches, sort within them, and open for a layer that is to be shown', async () => {
    await openTable('layers=21&modules');
    await page.keyboard.press('g');
    await filterField().fill('op:LSTM');
    await expect.poll(lines).toEqual(['model.layers.0', '5', 'model.layers.2', '11', 'model.layers.3', '17']);
    await filterField().fill('');
    await header('Weights').click();
    await expect.poll(async () => (await lines()).slice(2, 8)).toEqual(['model.layers.0', '4', '5', '1', '2', '3']);
    const worst = page.locator('.worst-layer');
    await group('model.layers.0').locator('.twistie').click();
    await expect.poll(() => row(3).isVisible()).toBe(false);
    await worst.click();
    await expect.poll(() => row(3).isVisible()).toBe(true);
  });

  it('draws a few dozen of ten thousand rows, and remembers what is folded away', async () => {
    await openTable('layers=10000&modules');
    await page.keyboard.press('g');
    const grid = page.getByRole('treegrid');
    await grid.waitFor();
    const count = Number(await grid.getAttribute('aria-rowcount'));
    expect(count).toBeGreaterThan(11_500);
    for (const line of [5000, count - 2]) {
      await grid.evaluate((element, top) => { element.scrollTop = top; }, line * ROW_HEIGHT);
      await page.locator(`[role=row][aria-rowindex="${line + 2}"]`).waitFor();
      const drawn = await page.locator('.rows > [role=row]').count();
      expect(drawn).toBeGreaterThan(20);
      expect(drawn).toBeLessThan(MOST_ROWS_DRAWN);
    }
    await grid.evaluate((element) => { element.scrollTop = 0; });
    await group('model.layers.0').first().locator('.twistie').click();
    await expect.poll(() => row(1).isVisible()).toBe(false);
    await expect.poll(() => page.evaluate('sessionStorage.getItem("harness-view-state")')).toContain('"collapsed":["model.layers.0"]');
    await page.reload();
    await group('model.layers.1').first().waitFor();
    expect(await row(1).isVisible()).toBe(false);
  });
});

it('says above the table what each edit makes of the model', async () => {
  await openTable('layers=20');
  const budget = page.locator('.budget-text');
  const worst = page.locator('.worst-layer');
  const before = await budget.textContent();
  expect(before).toMatch(/^[\d.]+ MB → [\d.]+ MB · [\d.]+ bits on average · 12 of 20 layers quantized · 2 quantized already$/);
  expect(await worst.textContent()).toMatch(/^worst layer 4\.7 dB/);
  await row(2).getByRole('combobox').selectOption('2');
  await expect.poll(() => budget.textContent()).toContain('13 of 20 layers quantized');
  for (const layer of [3, 13, 18]) await row(layer).getByRole('combobox').selectOption('8');
  await expect.poll(() => worst.textContent()).toMatch(/^worst layer 5\.7 dB/);
  expect(await budget.textContent()).not.toBe(before);
});

describe('columns', () => {
  const menu = (): Locator => page.getByRole('menu', { name: 'Columns' });

  it('are chosen and moved in a menu, by keyboard and by pointer', async () => {
    await openTable('layers=20');
    await page.getByRole('button', { name: 'Columns' }).click();
    await menu().waitFor();
    const item = (name: string) => menu().getByRole('menuitemcheckbox', { name });
    expect(await focusedColumn()).toBe('op');
    await page.keyboard.press('Space');
    await expect.poll(headers).toEqual(['Layer', 'Shape', 'Weights', 'Distribution', 'Fit', 'Bits', 'Method', 'SQNR', 'Size']);
    expect(await item('Op').getAttribute('aria-checked')).toBe('false');
    await page.keyboard.press('ArrowDown');
    expect(await item('Type').textContent()).toBe('✓Typewhere types differ');
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(headers).toEqual(['Layer', 'Weights', 'Shape', 'Distribution', 'Fit', 'Bits', 'Method', 'SQNR', 'Size']);
    expect(await focusedColumn()).toBe('shape');
    await item('Method').click();
    await expect.poll(headers).toEqual(['Layer', 'Weights', 'Shape', 'Distribution', 'Fit', 'Bits', 'SQNR', 'Size']);
    const [from, to] = [await item('Size').boundingBox(), await item('Fit').boundingBox()];
    await page.mouse.move(from!.x + 40, from!.y + 8);
    await page.mouse.down();
    await page.mouse.move(to!.x + 40, to!.y + 8, { steps: 8 });
    await page.mouse.up();
    await expect.poll(headers).toEqual(['Layer', 'Weights', 'Shape', 'Distribution', 'Size', 'Fit', 'Bits', 'SQNR']);
    await page.keyboard.press('Escape');
    expect(await menu().isVisible()).toBe(false);
    expect(await row(0).locator('.cell').allTextContents()).toHaveLength(8);
    expect(await row(0).locator('.cell').nth(1).textContent()).toBe('2,304');

    await expect.poll(async () => (await posted('tableLayout')).at(-1)?.layout).toMatchObject({
      order: ['layer', 'op', 'type', 'weights', 'shape', 'distribution', 'size', 'fit', 'moved', 'bits', 'method', 'sqnr', 'output'], hidden: ['op', 'method'],
    });
    await page.evaluate('sessionStorage.removeItem("harness-view-state")');
    await page.reload();
    await row(0).waitFor();
    expect(await headers()).toEqual(['Layer', 'Weights', 'Shape', 'Distribution', 'Size', 'Fit', 'Bits', 'SQNR']);
    await header('Fit').click({ button: 'right' });
    await menu().getByRole('menuitem', { name: 'Reset Columns' }).click();
    await expect.poll(headers).toEqual(['Layer', 'Op', 'Shape', 'Weights', 'Distribution', 'Fit', 'Bits', 'Method', 'SQNR', 'Size']);
    await expect.poll(async () => (await posted('tableLayout')).at(-1)?.layout).toBeNull();
  });

  it.each(['dark', 'light', 'hc-dark'])('give way in a narrow editor but for what must be seen and what is chosen, in the %s theme', async (theme) => {
    await openTable(`layers=20&theme=${theme}`, { width: 500, height: 900 });
    const overflow = (): Promise<number> => page.locator('.grid').evaluate((grid) => grid.scrollWidth - grid.clientWidth);
    expect(await headers()).toEqual(['Layer', 'Bits', 'SQNR', 'Size']);
    expect(await overflow()).toBe(0);
    await page.screenshot({ path: `test/e2e/screenshots/narrow-${theme}.png` });
    await page.getByRole('button', { name: 'Columns' }).click();
    const item = menu().getByRole('menuitemcheckbox', { name: 'Method' });
    expect([await item.textContent(), await item.getAttribute('aria-checked')]).toEqual(['Methodno room', 'false']);
    await item.click();
    await expect.poll(headers).toEqual(['Layer', 'Bits', 'Method', 'SQNR', 'Size']);
    expect(await item.getAttribute('aria-checked')).toBe('true');
    await page.screenshot({ path: `test/e2e/screenshots/narrow-chosen-${theme}.png` });
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await posted('tableLayout')).at(-1)?.layout?.kept).toEqual(['method']);
    await page.setViewportSize({ width: 700, height: 900 });
    await expect.poll(headers).toEqual(['Layer', 'Shape', 'Bits', 'Method', 'SQNR', 'Size']);
    await header('Bits').focus();
    await page.keyboard.press('Alt+ArrowLeft');
    await expect.poll(headers).toEqual(['Layer', 'Bits', 'Shape', 'Method', 'SQNR', 'Size']);
  });

  it('come and go with the width, and the row that has the keyboard keeps it, or has it again with the window', async () => {
    await openTable('layers=20');
    const focused = () => page.evaluate('document.activeElement.getAttribute("data-layer")');
    await row(3).click();
    await page.setViewportSize({ width: 500, height: 900 });
    await expect.poll(headers).toEqual(['Layer', 'Bits', 'SQNR', 'Size']);
    expect(await focused()).toBe('3');
    await page.evaluate('document.activeElement.blur()');
    await page.setViewportSize({ width: 1400, height: 900 });
    await expect.poll(async () => (await headers()).length).toBeGreaterThan(4);
    await page.evaluate('window.dispatchEvent(new Event("focus"))');
    expect(await focused()).toBe('3');
  });

  it('are moved and resized on their headers', async () => {
    await openTable('layers=20');
    const [from, to] = [await header('Fit').boundingBox(), await header('Op').boundingBox()];
    await page.mouse.move(from!.x + 10, from!.y + 8);
    await page.mouse.down();
    await page.mouse.move(to!.x + 5, to!.y + 8, { steps: 10 });
    await page.mouse.up();
    await expect.poll(headers).toEqual(['Layer', 'Fit', 'Op', 'Shape', 'Weights', 'Distribution', 'Bits', 'Method', 'SQNR', 'Size']);
    expect(await header('Fit').getAttribute('aria-sort')).toBe('none');
    await header('Fit').focus();
    await page.keyboard.press('Alt+ArrowRight');
    await expect.poll(async () => (await headers()).slice(0, 3)).toEqual(['Layer', 'Op', 'Fit']);
    expect(await focusedColumn()).toBe('fit');
    const widthOf = async (layer: string) => Math.round((await header(layer).boundingBox())?.width ?? 0);
    const before = await widthOf('Fit');
    await page.keyboard.press('Alt+Shift+ArrowRight');
    await expect.poll(() => widthOf('Fit')).toBe(before + 10);
    const grip = await header('Fit').locator('.column-grip').boundingBox();
    await page.mouse.move(grip!.x + 4, grip!.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip!.x + 44, grip!.y + 8, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => widthOf('Fit')).toBe(before + 50);
    expect(await row(0).locator('.fit').evaluate((cell) => Math.round(cell.getBoundingClientRect().width))).toBe(before + 50);
    await header('Fit').locator('.column-grip').dblclick();
    await expect.poll(() => widthOf('Fit')).toBe(before);
    expect(await header('Fit').getAttribute('aria-sort')).toBe('none');
  });
});

describe('suggestions of the filter', () => {
  const options = (): Promise<string[]> => page.locator('.suggestion-text').allTextContents();

  it('complete keys and values', async () => {
    await openTable('layers=20');
    await filterField().pressSequentially('o');
    await expect.poll(options).toEqual(['op:', 'output<']);
    await page.keyboard.press('ArrowDown');
    expect(await filterField().getAttribute('aria-activedescendant')).toBe('filter-suggestions-0');
    await page.keyboard.press('Enter');
    await expect.poll(options).toEqual(['op:Conv', 'op:Gemm', 'op:MatMul', 'op:LSTM']);
    await page.locator('.suggestion', { hasText: 'Gemm' }).click();
    expect(await filterField().inputValue()).toBe('op:Gemm');
    await expect.poll(lines).toEqual(['3', '9', '15']);
    await filterField().pressSequentially(',c');
    await expect.poll(options).toEqual(['op:Gemm,Conv']);
    await page.keyboard.press('Escape');
    expect(await filterField().getAttribute('aria-expanded')).toBe('false');
    expect(await filterField().inputValue()).toBe('op:Gemm,c');
    await page.keyboard.press('Escape');
    expect(await filterField().inputValue()).toBe('');
  });

  it('show all keys on request, and go when the focus does', async () => {
    await openTable('layers=20');
    await page.getByRole('button', { name: 'What a filter may say' }).click();
    await expect.poll(options).toEqual(['op:', 'name:', 'type:', 'state:', 'bits<', 'sqnr<', 'output<', 'moved>', 'size>', 'weights>']);
    await page.keyboard.press('Tab');
    await expect.poll(options).toEqual([]);
    await filterField().press('Alt+ArrowDown');
    await expect.poll(async () => (await options()).length).toBe(10);
  });

  it('give way to what is wrong', async () => {
    await openTable('layers=20');
    await filterField().fill('op<3');
    await page.getByText('op<3: op is no number, write op:').waitFor();
    expect(await filterField().getAttribute('aria-invalid')).toBe('true');
    expect(await filterField().getAttribute('aria-describedby')).toBe('filter-problem');
  });
});

it.each(['dark', 'light', 'hc-dark', 'hc-light'])('shows groups, what moved and the menu in the %s theme', async (theme) => {
  await openTable(`layers=40&modules&theme=${theme}`);
  await row(3).click();
  await page.keyboard.press('g');
  await page.evaluate('window.changeFile()');
  await page.getByText('The file changed').waitFor();
  await group('model.layers.1').locator('.twistie').click();
  await filterField().fill('b');
  await page.locator('.suggestion').waitFor();
  await filterField().fill('');
  await page.getByRole('button', { name: 'Columns' }).click();
  const box = await page.getByRole('menu', { name: 'Columns' }).boundingBox();
  expect(box!.x + box!.width).toBeLessThanOrEqual(1720);
});
