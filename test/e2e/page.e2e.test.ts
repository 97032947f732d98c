import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { EvaluationState, PageMessage } from '../../src/protocol/page';
import { useHarness } from './harness/openHarness';

type Size = { width: number; height: number };

/** Enough for any screen, far fewer than the layers. */
const MOST_ROWS_DRAWN = 70;

const harness = useHarness();
let page: Page;

async function open(query: string, size?: Size): Promise<void> {
  page = await harness.open(query, size);
}

async function openTable(query: string, size?: Size): Promise<void> {
  await open(query, size);
  await row(0).waitFor();
}

function row(layer: number): Locator {
  return page.locator(`[role=row][data-layer="${layer}"]`);
}

function rows(): Locator {
  return page.locator('[role=row][data-layer]');
}

function filterField(): Locator {
  return page.getByRole('combobox', { name: 'Filter layers' });
}

function focusedLayer(): Promise<string | null> {
  return page.evaluate<string | null>('document.activeElement?.getAttribute("data-layer") ?? null');
}

async function posted<T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> {
  const messages = await page.evaluate<PageMessage[]>('window.posted');
  return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
}

function layersOnScreen(): Promise<string[]> {
  return page.evaluate<string[]>('[...document.querySelectorAll("[role=row][data-layer]")].map((row) => row.dataset.layer)');
}

describe('the layer table', () => {
  it('draws a few dozen of ten thousand rows, wherever it is scrolled to', async () => {
    await openTable('layers=10000');
    const grid = page.getByRole('grid');
    expect(await grid.getAttribute('aria-rowcount')).toBe('10001');
    expect(await grid.getAttribute('aria-colcount')).toBe('10');
    for (const layer of [0, 5000, 9999]) {
      await grid.evaluate((element, top) => { element.scrollTop = top; }, layer * 26);
      await row(layer).waitFor();
      const drawn = await rows().count();
      expect(drawn).toBeGreaterThan(20);
      expect(drawn).toBeLessThan(MOST_ROWS_DRAWN);
      expect(await row(layer).getAttribute('aria-rowindex')).toBe(String(layer + 2));
    }
    await expect.poll(async () => (await posted('visible')).at(-1)?.layers).toContain(9999);
  });

  it('asks for the rows on screen first', async () => {
    await openTable('layers=10000');
    await expect.poll(() => posted('visible')).not.toEqual([]);
    const [first] = await posted('visible');
    expect(first?.layers[0]).toBe(0);
    expect(first?.layers.length).toBeLessThan(MOST_ROWS_DRAWN);
  });

  it('is walked by keyboard with the focus on the row', async () => {
    await openTable('layers=10000');
    await row(0).click();
    for (const [key, layer] of [['ArrowDown', '1'], ['End', '9999'], ['ArrowUp', '9998'], ['Home', '0']] as const) {
      await page.keyboard.press(key);
      await expect.poll(focusedLayer).toBe(layer);
      expect(await row(Number(layer)).getAttribute('aria-selected')).toBe('true');
      expect(await rows().and(page.locator('[tabindex="0"]')).count()).toBe(1);
    }
    await page.keyboard.press('PageDown');
    await expect.poll(async () => Number(await focusedLayer())).toBeGreaterThan(10);
  });

  it('selects ranges with Shift and single rows with Ctrl', async () => {
    await openTable('layers=20');
    await row(2).click();
    await row(5).click({ modifiers: ['Shift'] });
    await row(9).click({ modifiers: ['Control'] });
    await expect.poll(async () => (await posted('select')).at(-1)).toEqual({ type: 'select', layers: [2, 3, 4, 5, 9], current: 9 });
    await row(3).click({ button: 'right' });
    await expect.poll(async () => (await posted('select')).at(-1)).toEqual({ type: 'select', layers: [2, 3, 4, 5, 9], current: 3 });
    await row(12).click({ button: 'right' });
    await expect.poll(async () => (await posted('select')).at(-1)).toEqual({ type: 'select', layers: [12], current: 12 });
  });

  it('gives the context menu an index, never a name', async () => {
    await openTable('layers=20');
    expect(JSON.parse(await row(9).getAttribute('data-vscode-context') ?? '')).toEqual({
      webviewSection: 'layer', layer: 9, layerQuantizable: false, preventDefaultContextMenuItems: true,
    });
  });

  it('sorts by a column from its header, by pointer and by keyboard', async () => {
    await openTable('layers=20', { width: 1720, height: 900 });
    const header = page.getByRole('columnheader', { name: 'Weights' });
    await header.click();
    await expect.poll(() => header.getAttribute('aria-sort')).toBe('ascending');
    const ascending = await layersOnScreen();
    await header.press('Enter');
    await expect.poll(() => header.getAttribute('aria-sort')).toBe('descending');
    const descending = await layersOnScreen();
    expect(ascending.slice(0, 2)).toEqual(['4', '16']);
    expect(descending.slice(0, 2)).toEqual(['7', '19']);
  });

  it('filters, says how many are left, and never keeps a hidden row selected', async () => {
    await openTable('layers=20');
    await filterField().fill('op:Gemm bits<8');
    await expect.poll(layersOnScreen).toEqual(['3', '15']);
    expect(await page.getByRole('status').textContent()).toBe('2 of 20 layers');
    await expect.poll(async () => (await posted('select')).at(-1)).toEqual({ type: 'select', layers: [3], current: 3 });
    await filterField().press('Escape');
    await expect.poll(async () => (await layersOnScreen()).length).toBe(20);
  });

  it('explains a key it does not know, and offers to clear a filter that leaves nothing', async () => {
    await openTable('layers=20');
    await filterField().fill('foo:bar');
    await page.getByText('unknown key foo: known are op').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('20 of 20 layers');
    await filterField().fill('nowhere');
    await page.getByText('No layer matches the filter.').waitFor();
    await page.getByRole('button', { name: 'Clear Filter' }).click();
    await expect.poll(async () => (await layersOnScreen()).length).toBe(20);
    expect(await filterField().inputValue()).toBe('');
  });

  it.each([[916, true], [700, false]])('shows every cell of a row in one line where it is %d pixels wide', async (width, distribution) => {
    await openTable('layers=20', { width, height: 800 });
    expect(await row(0).locator('.distribution').isVisible()).toBe(distribution);
    const tops = await page.evaluate<number[]>(
      `[...document.querySelectorAll('[role=row][data-layer="0"] .cell, [role=row][data-layer="7"] .cell')].filter((cell) => cell.clientWidth > 0)
        .map((cell) => cell.getBoundingClientRect().top - cell.parentElement.getBoundingClientRect().top)`);
    expect(new Set(tops)).toEqual(new Set([0]));
  });

  it('keeps the end of a long name and the reason of a layer that stays as it is in sight', async () => {
    await openTable('layers=20');
    const right = async (layer: number, part: string) => {
      const box = await row(layer).locator(part).boundingBox();
      return (box?.x ?? NaN) + (box?.width ?? NaN);
    };
    expect(await right(3, '.layer bdi')).toBeLessThanOrEqual(await right(3, '.layer'));
    expect(await row(7).locator('.method').textContent()).toBe('it would not get smaller');
    expect(await row(7).locator('.sqnr').isVisible()).toBe(false);
    expect(await row(7).locator('.size').textContent()).toBe('576 KB');
    expect(await right(7, '.method')).toBeCloseTo(await right(7, '.size'), 3);
    expect((await row(7).locator('.method').boundingBox())?.width).toBeGreaterThan(240);
  });

  it('says why a fixed transform stays float, until it is chosen', async () => {
    await openTable('layers=20&fixed');
    await row(2).click();
    await page.locator('.layer-reason').getByText('Stays float: it looks like a fixed transform').waitFor();
    expect(await row(2).locator('.method').getAttribute('title')).toMatch(/^Stays float: it looks like a fixed transform/);
    await page.screenshot({ path: 'test/e2e/screenshots/fixed-transform.png' });
    await row(2).getByRole('combobox').selectOption('4');
    await page.locator('.layer-reason').waitFor({ state: 'hidden' });
  });

  it('quantizes all selected layers by the inspector\'s button, which says how many', async () => {
    await openTable('layers=20');
    await row(1).click();
    await page.getByRole('button', { name: 'Quantize Layer…' }).click();
    await row(3).click({ modifiers: ['Shift'] });
    await page.getByRole('button', { name: 'Quantize 3 Layers…' }).click();
    expect((await posted('command')).map(({ layers }) => layers)).toEqual([[1], [1, 2, 3]]);
  });

  it('posts a bit width for the row, or for all that are selected with it', async () => {
    await openTable('layers=20');
    await row(2).getByRole('combobox').selectOption('4');
    await expect.poll(() => posted('setBits')).toEqual([{ type: 'setBits', layers: [2], bits: 4 }]);
    await expect.poll(() => row(2).locator('.method').textContent()).toBe('uniform');
    await row(8).click();
    await row(10).click({ modifiers: ['Shift'] });
    await row(10).getByRole('combobox').selectOption('float');
    await expect.poll(async () => (await posted('setBits')).at(-1)).toEqual({ type: 'setBits', layers: [8, 10], bits: 'float' });
    expect(await row(9).getByRole('combobox').count()).toBe(0);
  });

  it('shows names as text, whatever they hold', async () => {
    await openTable('layers=20&injection');
    const name = '<img src=x onerror="document.title=1"><b>bold</b>';
    expect(await row(4).getByRole('rowheader').textContent()).toBe(`${name}4`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`${name}.onnx`);
    expect(await page.locator('img, b').count()).toBe(0);
    expect(await page.title()).toBe('Page harness');
  });
});

describe('the keyboard focus', () => {
  it('is reported while it is on a row, and not while it is in an input', async () => {
    await openTable('layers=20');
    const reported = async () => (await posted('gridFocus')).map((message) => message.focused);
    await expect.poll(reported).toEqual([true]);
    await page.keyboard.press('ArrowDown');
    await filterField().click();
    await expect.poll(reported).toEqual([true, false]);
    await page.keyboard.press('ArrowDown');
    await expect.poll(reported).toEqual([true, false, true]);
    await page.keyboard.press('ArrowRight');
    await expect.poll(reported).toEqual([true, false, true, false]);
    await page.keyboard.press('Escape');
    await expect.poll(reported).toEqual([true, false, true, false, true]);
  });

  it('goes to the row when the button that had it is gone', async () => {
    await openTable('layers=20');
    const tell = (evaluation: EvaluationState | null) => (
      page.evaluate<void>(`window.postMessage(${JSON.stringify({ type: 'evaluation', evaluation })})`)
    );
    await row(3).click();
    await tell({ file: 'images.npy', text: 'top 1 99 %', isCurrent: false });
    await page.getByText('Evaluate again').focus();
    await tell({ file: 'images.npy', text: 'top 1 98 %', isCurrent: true });
    await expect.poll(focusedLayer).toBe('3');
    await page.getByRole('button', { name: 'Dismiss the evaluation' }).focus();
    await tell(null);
    await expect.poll(focusedLayer).toBe('3');
  });

  it('keeps plain keys, undo and redo in the filter, and lets other shortcuts through', async () => {
    await openTable('layers=20');
    await page.evaluate('window.keys = []; window.addEventListener("keydown", (event) => window.keys.push(event.key))');
    await filterField().click();
    for (const key of ['4', 'p', 'Enter', 'Control+z', 'Control+y', 'Control+s', 'F1']) await page.keyboard.press(key);
    expect(await page.evaluate('window.keys')).toEqual(['Control', 'Control', 'Control', 's', 'F1']);
  });
});

describe('the inspector', () => {
  it('shows the numbers of the current layer with full precision', async () => {
    await openTable('layers=20');
    await row(1).click();
    const std = page.locator('[data-key="std"]');
    await expect.poll(() => std.getAttribute('data-value')).toBe(String((0.02 + 0.013) * Math.SQRT2));
    expect(await page.locator('[data-key="bytesBefore"]').textContent()).toBe('36 KB');
    expect(await page.getByText('Weight error, not accuracy: activations stay float.', { exact: true }).isVisible()).toBe(true);
  });

  it('has the chart in words and as a table', async () => {
    await openTable('layers=20');
    const chart = page.getByRole('img', { name: 'Distribution of layer0.conv.weight' });
    await chart.waitFor();
    await expect.poll(() => page.locator('#chart-summary').textContent()).toContain('16 quantizer levels');
    await page.locator('.chart').getByText('View as table').click();
    const rowsOf = (table: string) => page.getByRole('table', { name: table }).locator('tbody tr').count();
    await expect.poll(() => rowsOf('Histogram')).toBe(256);
    await expect.poll(() => rowsOf('Levels')).toBe(16);
  });

  it('tells what is wrong with a layer and what to do', async () => {
    await openTable('layers=20&unreadable');
    await page.getByRole('heading', { name: 'The external file weights.bin is missing' }).waitFor();
    await expect.poll(() => row(1).locator('.fit').textContent()).toBe('Laplace 0.02');
  });

  it('is led to the worst layer from the budget line', async () => {
    await openTable('layers=10000');
    await page.getByRole('grid').evaluate((grid) => { grid.scrollTop = 200_000; });
    await row(7700).waitFor();
    await page.getByText(/^worst layer/).click();
    await expect.poll(focusedLayer).toBe('3');
    expect(await row(4).isVisible()).toBe(true);
  });
});

describe('the page', () => {
  it('shows a problem with its remedy and two ways on', async () => {
    await open('problem');
    await page.getByRole('heading', { name: 'This file is a Git LFS pointer, not a model' }).waitFor();
    expect(await page.getByText('Run "git lfs pull"').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('button', { name: 'Show Log' }).click();
    expect((await posted('command')).map((message) => message.command)).toEqual(['reload', 'showLog']);
  });

  it('says that it is loading, and that a model has no layers', async () => {
    await open('loading');
    expect(await page.getByText('Reading the model…').isVisible()).toBe(true);
    await page.close();
    await open('layers=0');
    await page.getByRole('heading', { name: 'No layers in this model' }).waitFor();
  });

  it('reports an error of its own instead of staying blank', async () => {
    await openTable('layers=20');
    await page.evaluate('setTimeout(() => { throw new Error("made up"); })');
    await page.getByRole('heading', { name: 'The page ran into an error' }).waitFor();
    expect((await posted('pageError'))[0]?.message).toContain('made up');
    expect(harness.takeErrors()).toEqual(['Error: made up']);
  });

  it('restores its view after a reload', async () => {
    await openTable('layers=10000');
    await filterField().fill('op:LSTM');
    await page.getByRole('columnheader', { name: 'Layer' }).click();
    await expect.poll(async () => (await layersOnScreen())[0]).toBe('5');
    await row(35).click();
    await expect.poll(() => page.evaluate('sessionStorage.getItem("harness-view-state")')).toContain('layer35.');
    await page.reload();
    await row(35).waitFor();
    expect(await filterField().inputValue()).toBe('op:LSTM');
    expect(await row(35).getAttribute('aria-selected')).toBe('true');
    expect(await page.getByRole('columnheader', { name: 'Layer' }).getAttribute('aria-sort')).toBe('ascending');
  });

  it.each(['dark', 'light', 'hc-dark', 'hc-light'])('fits a screen of 1280 by 800 in the %s theme without cutting anything', async (theme) => {
    await openTable(`layers=20&theme=${theme}`);
    await page.locator('[data-key="std"]').waitFor();
    const cut = await page.evaluate<string[]>(`[...document.querySelectorAll(
      '.header-text *, .column-label, .row:not(.unchanged) .method, .op, .weights, .fit, .sqnr, .size, .shape, .figure, .figure dt, .legend li')]
      .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0)
      .map((element) => element.className + ': ' + element.textContent)`);
    expect(cut).toEqual([]);
    expect(await page.getByRole('grid').evaluate((grid) => grid.scrollWidth <= grid.clientWidth)).toBe(true);
  });
});
