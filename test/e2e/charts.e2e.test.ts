import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { PageMessage } from '../../src/protocol/page';
import { useHarness } from './harness/openHarness';

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const harness = useHarness();
let page: Page;

async function openLayer(query: string, layer: number, tab: string): Promise<void> {
  page = await harness.open(query, { width: 1720, height: 900 });
  await page.locator(`[role=row][data-layer="${layer}"]`).click();
  await page.getByRole('tab', { name: tab }).click();
}

async function posted<T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> {
  const messages = await page.evaluate<PageMessage[]>('window.posted');
  return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
}

describe('a chart', () => {
  it('is walked by keys, each point spoken', async () => {
    await openLayer('layers=20', 1, 'Distribution');
    const drawing = page.locator('.chart .drawing');
    const spoken = page.locator('.chart > [aria-live]');
    await drawing.focus();
    await page.keyboard.press('Home');
    const first = await spoken.textContent();
    expect(first).toMatch(/^\[-.*\): .* weights, .* %$/);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => spoken.textContent()).not.toBe(first);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => spoken.textContent()).toBe(first);
    await page.keyboard.press('Escape');
    await expect.poll(() => spoken.textContent()).toBe('');
    expect(await page.evaluate('document.activeElement.className')).toBe('drawing');
  });

  it.each(['dark', 'light', 'hc-dark'])('of weights takes in the density where it is higher than the bars, in the %s theme', async (theme) => {
    await openLayer(`layers=20&weights=flat&theme=${theme}`, 1, 'Distribution');
    await page.locator('.chart .legend').getByText('Laplace b').waitFor();
    expect(await page.getByText('leaves the chart').count()).toBe(0);
    await page.screenshot({ path: `test/e2e/screenshots/distribution-flat-${theme}.png` });
  });

  it.each(['dark', 'light', 'hc-dark'])('of weights says where the density leaves it, in the %s theme', async (theme) => {
    await openLayer(`layers=20&weights=outlying&theme=${theme}`, 1, 'Distribution');
    await page.getByText(/^Laplace leaves the chart at the top: its peak is \d+ times as high as the highest bar\.$/).waitFor();
    await page.screenshot({ path: `test/e2e/screenshots/distribution-outlying-${theme}.png` });
  });

  it.each([
    ['Distribution', '.chart'], ['Distribution', '.support'], ['Error', '.methods'], ['Error', '.errors'],
    ['Channels', '.channel-ranges'], ['Channels', '.channel-errors'],
  ])('of the tab %s is saved as picture and as numbers (%s)', async (tab, chart) => {
    await openLayer('layers=20', 1, tab);
    const figure = page.locator(chart);
    await figure.getByRole('button', { name: 'Save as PNG…' }).click();
    await figure.getByRole('button', { name: 'Save as CSV…' }).click();
    await expect.poll(async () => (await posted('saveChart')).length).toBe(2);
    const [picture, numbers] = (await posted('saveChart')).map(({ file }) => file);
    if (picture?.format !== 'png' || numbers?.format !== 'csv') throw new Error('not a picture and numbers');
    const bytes = Buffer.from(picture.data, 'base64');
    expect([...bytes.subarray(0, 8)]).toEqual(PNG_SIGNATURE);
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(200);
    for (const { heads, rows } of numbers.tables) {
      expect(rows.length).toBeGreaterThan(1);
      for (const row of rows) expect(row).toHaveLength(heads.length);
      expect(rows.every((row) => row.some((cell) => typeof cell === 'number'))).toBe(true);
    }
  });
});

describe.each([['light', 'hc-dark'], ['hc-dark', 'hc-light'], ['hc-light', 'dark']])('when the theme changes from %s to %s', (before, after) => {
  it.each(['Distribution', 'Error', 'Channels'])('charts of the tab %s are drawn as if the page had been opened in it', async (tab) => {
    const pictures = (): Promise<string[]> => page.evaluate("[...document.querySelectorAll('.inspector canvas')].map((canvas) => canvas.toDataURL())");
    const settled = async (): Promise<string[]> => {
      await expect.poll(() => page.locator('.inspector canvas:visible').count()).toBe(2);
      let last: string[] = [];
      await expect.poll(async () => {
        const earlier = last;
        last = await pictures();
        return String(last) === String(earlier);
      }, { interval: 200 }).toBe(true);
      return last;
    };
    await openLayer(`layers=20&approximate&theme=${after}`, 1, tab);
    const opened = await settled();
    await page.close();
    await openLayer(`layers=20&approximate&theme=${before}`, 1, tab);
    expect(await settled()).not.toEqual(opened);
    await page.evaluate(`window.showTheme('${after}')`);
    await expect.poll(pictures).toEqual(opened);
  });
});

describe('the tab Channels', () => {
  it('names the wide channel, and lists the worst first, a few dozen of thousands drawn', async () => {
    await openLayer('layers=20&channels=50257', 1, 'Channels');
    await page.getByText('Channel 5 spans').waitFor();
    const rows = page.locator('.channel-rows [role=row]');
    const worst = await rows.first().locator('[role=cell]').allTextContents();
    expect([worst[0], worst.at(-1)]).toEqual(['5', '50 %']);
    expect(await rows.count()).toBeLessThan(40);
    const list = page.getByRole('table', { name: 'Channels, the worst first' });
    expect(await list.getAttribute('aria-rowcount')).toBe('50258');
    await list.evaluate((element) => { element.scrollTop = element.scrollHeight; });
    await page.locator('.channel-rows [aria-rowindex="50258"]').waitFor();
    expect(await page.locator('#channel-ranges-summary').textContent()).toContain('The widest is channel 5');
  });

  it('shows ranges alone of a layer in float', async () => {
    await openLayer('layers=20', 2, 'Channels');
    await page.getByRole('img', { name: /^Ranges of the channels/ }).waitFor();
    expect(await page.getByRole('img', { name: /^SQNR of the channels/ }).count()).toBe(0);
  });
});

describe('the tab Node', () => {
  it('has attributes, storage and names that are copied', async () => {
    await openLayer('layers=20', 1, 'Node');
    await page.getByText('in an external data file').waitFor();
    expect(await page.getByText('"SAME_UPPER"').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Copy /layer1/Conv_output' }).click();
    expect(await posted('copyText')).toEqual([{ type: 'copyText', text: '/layer1/Conv_output' }]);
  });
});

describe('the weights before the last change', () => {
  it('are outlined behind those of now until that has been seen', async () => {
    await openLayer('layers=20', 4, 'Distribution');
    const entry = page.locator('.legend').getByText('Before the last change');
    expect(await entry.count()).toBe(0);
    await page.evaluate('window.changeFile()');
    await entry.waitFor();
    expect(await entry.textContent()).toBe('Before the last change (KS 0.5)');
    await expect.poll(() => page.locator('#chart-summary').textContent()).toContain('Kolmogorov–Smirnov distance 0.5.');
    await page.locator('.chart').getByText('View as table').click();
    await page.getByRole('table', { name: 'Before the last change' }).waitFor();
    await page.screenshot({ path: 'test/e2e/screenshots/ghost-dark.png' });
  });
});
