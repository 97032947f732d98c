import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { PageMessage } from '../../src/protocol/page';
import { useHarness } from './harness/openHarness';

const harness = useHarness();
let page: Page;

async function open(query: string, size = { width: 1500, height: 1100 }): Promise<void> {
  page = await harness.open(query, size);
  await row(0).click();
}

async function openErrors(query: string): Promise<void> {
  await open(query);
  await tab('Error').click();
  await chart().waitFor();
}

const row = (layer: number): Locator => page.locator(`[role=row][data-layer="${layer}"]`);
const tab = (name: string): Locator => page.getByRole('tab', { name });
const chart = (): Locator => page.locator('.methods .drawing');
const status = (): Locator => page.locator('.methods .point-status');
const slider = (): Locator => page.getByRole('slider', { name: 'Support limit' });

async function posted<T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> {
  const messages = await page.evaluate<PageMessage[]>('window.posted');
  return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
}

/** Of what is dragged, which follows the pointer at the next frame. */
async function centre(handle: Locator): Promise<number> {
  const { x, width } = (await handle.boundingBox())!;
  return x + width / 2;
}

/** A point on the screen, by shares of what it lies in. */
async function across(drawing: Locator, share: number, height = 0.5): Promise<{ x: number; y: number }> {
  await drawing.scrollIntoViewIfNeeded();
  const box = (await drawing.boundingBox())!;
  return { x: box.x + box.width * share, y: box.y + box.height * height };
}

describe('the tabs of the inspector', () => {
  it('are one tab stop, walked by arrow keys, and say what is in sight', async () => {
    await open('layers=20');
    await tab('Distribution').press('ArrowRight');
    await expect.poll(() => tab('Error').getAttribute('aria-selected')).toBe('true');
    expect(await tab('Error').evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    expect(await tab('Distribution').getAttribute('tabindex')).toBe('-1');
    expect(await page.getByRole('tabpanel').getAttribute('aria-labelledby')).toBe('tab-error');
    await tab('Error').press('Home');
    await expect.poll(() => tab('Distribution').getAttribute('aria-selected')).toBe('true');
    expect((await posted('inspect')).map((message) => message.tab)).toEqual(['distribution', 'error', 'distribution']);
  });

  it('are remembered with their switches', async () => {
    await openErrors('layers=20');
    await page.getByRole('checkbox', { name: 'Per tensor' }).click();
    await page.getByRole('button', { name: 'SPTQ', exact: true }).click();
    await expect.poll(() => page.evaluate('sessionStorage.getItem("harness-view-state")')).toContain('"hiddenMethods":["sptq"]');
    await page.reload();
    await chart().waitFor();
    expect((await posted('inspect')).at(-1)).toEqual({ type: 'inspect', tab: 'error', perTensor: true });
    expect(await page.getByRole('button', { name: 'SPTQ', exact: true }).getAttribute('aria-pressed')).toBe('false');
  });
});

describe('the chart of all methods', () => {
  it('takes a point by keyboard into the plan of all selected layers', async () => {
    await open('layers=20');
    await row(2).click({ modifiers: ['Shift'] });
    await tab('Error').click();
    await chart().waitFor();
    await chart().press('ArrowRight');
    await expect.poll(() => status().textContent()).toMatch(/^Uniform, 2 bits/);
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp']) await chart().press(key);
    await expect.poll(() => status().textContent()).toMatch(/^PWLQ, 4 bits: \d+\.\d dB/);
    expect(await page.getByRole('button', { name: 'Use this for 3 layers' }).isVisible()).toBe(true);
    await chart().press('Enter');
    await expect.poll(() => posted('setSettings')).toEqual([
      { type: 'setSettings', layers: [0, 1, 2], settings: { method: 'pwlq', bits: 4, granularity: 'channel' } },
    ]);
    await expect.poll(() => row(2).locator('.method').textContent()).toBe('pwlq');
    expect(await page.locator('#methods-summary').textContent()).toContain('Planned: PWLQ, 4 bits');
  });

  it('takes a point by mouse: click chooses, double-click and button use', async () => {
    await openErrors('layers=20');
    const right = await across(chart(), 0.955, 0.15);
    await page.mouse.click(right.x, right.y);
    await expect.poll(() => status().textContent()).toMatch(/, 8 bits/);
    expect(await posted('setSettings')).toEqual([]);
    await page.getByRole('button', { name: 'Use this' }).click();
    await expect.poll(async () => (await posted('setSettings')).at(-1)?.settings.bits).toBe(8);
    const left = await across(chart(), 0.2, 0.8);
    await page.mouse.dblclick(left.x, left.y);
    await expect.poll(async () => (await posted('setSettings')).at(-1)?.settings.bits).toBe(2);
  });

  it('says that points are approximate until they are confirmed', async () => {
    await openErrors('layers=20&approximate');
    await page.getByText('Hollow points are approximate, over 65,536 weights').waitFor();
    expect(await status().textContent()).toContain('approximate, over 65,536 weights');
    await page.close();
    await openErrors('layers=20');
    await expect.poll(() => status().textContent()).toContain('all weights');
    await expect.poll(() => page.getByText('Hollow points').isVisible()).toBe(false);
  });

  it('draws approximate points hollow and confirmed ones filled', async () => {
    const methods = ['SPTQ', 'MSPTQ', 'Lloyd–Max', 'SubsetQ', 'APoT', 'PWLQ', 'N2UQ'];
    const filled = async (query: string): Promise<number> => {
      await openErrors(query);
      for (const name of methods) await page.getByRole('button', { name, exact: true }).click();
      await expect.poll(() => status().textContent()).toContain(query.includes('approximate') ? 'approximate' : 'all weights');
      await page.waitForTimeout(100);
      return page.evaluate<number>(`(() => {
        const canvas = document.querySelector('.methods canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i] === 0x37 && data[i + 1] === 0x94 && data[i + 2] === 0xff) count++;
        return count;
      })()`);
    };
    const hollow = await filled('layers=20&approximate');
    await page.close();
    expect(await filled('layers=20')).toBeGreaterThan(hollow + 100);
  });

  it('hides lines by its legend, and has the same as a table', async () => {
    await openErrors('layers=20');
    // Figures of all weights move what lies below them: a click at that moment is none.
    await page.locator('.methods').getByText('all weights').waitFor();
    const legend = page.getByRole('button', { name: 'Uniform', exact: true });
    await legend.click();
    await expect.poll(() => legend.getAttribute('aria-pressed')).toBe('false');
    await page.locator('.methods').getByText('View as table').click();
    const table = page.getByRole('table', { name: 'SQNR measured (dB)' });
    await expect.poll(() => table.locator('tbody tr').count()).toBe(7);
    expect(await table.locator('th').allTextContents())
      .toEqual(['Bits', 'Uniform', 'SPTQ', 'MSPTQ', 'Lloyd–Max', 'SubsetQ', 'APoT', 'PWLQ', 'N2UQ']);
  });

  it('has the planned setting’s numbers and errors below it', async () => {
    await openErrors('layers=20');
    for (const key of ['mse', 'sqnrDb', 'cosine', 'maxAbsError']) expect(await page.locator(`[data-key="${key}"]`).count()).toBe(1);
    expect(await page.getByRole('img', { name: 'Errors of layer0.conv.weight' }).isVisible()).toBe(true);
    expect(await page.locator('.inspector').getByText('Weight error, not accuracy: activations stay float.').isVisible()).toBe(true);
    await row(2).click();
    await expect.poll(() => page.getByText('Error histogram').isVisible()).toBe(false);
  });
});

describe('the support limit', () => {
  it('is moved by keys and used as a number, or by the name of a rule', async () => {
    await open('layers=20');
    await expect.poll(() => slider().getAttribute('aria-valuetext')).toMatch(/^mse, 3\.22 standard deviations: \d+\.\d dB measured, \d+\.\d dB in theory$/);
    await slider().press('ArrowRight');
    await slider().press('Shift+ArrowRight');
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('4.32');
    await page.getByRole('button', { name: 'Use this limit' }).click();
    await expect.poll(() => posted('setSettings'))
      .toEqual([{ type: 'setSettings', layers: [0], settings: { method: 'uniform', support: 4.32 } }]);
    await expect.poll(() => page.locator('#chart-summary').textContent()).toContain('16 quantizer levels');
    await slider().press('PageDown');
    await page.getByRole('button', { name: 'Use hui' }).waitFor();
    await slider().press('Enter');
    await expect.poll(async () => (await posted('setSettings')).at(-1)?.settings).toEqual({ method: 'uniform', support: 'hui' });
  });

  it('is dragged in its chart, and snaps to a named choice', async () => {
    await open('layers=20');
    await slider().waitFor();
    const drawing = page.locator('.support .drawing');
    const from = await across(slider(), 0.5);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    const box = (await drawing.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.6, from.y, { steps: 8 });
    await expect.poll(() => centre(slider())).toBeCloseTo(box.x + box.width * 0.6, 0);
    expect(Number(await slider().getAttribute('aria-valuenow'))).toBeGreaterThan(4.5);
    await page.mouse.move(from.x + 2, from.y, { steps: 8 });
    await expect.poll(() => slider().getAttribute('aria-valuetext')).toMatch(/^mse,/);
    await page.mouse.up();
    await page.mouse.move(box.x + box.width * 0.8, from.y);
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^mse,/);
  });

  it('is dragged on the histogram, whose clip limits move with it', async () => {
    await open('layers=20');
    await slider().waitFor();
    const handle = page.locator('.chart .drag-handle').nth(1);
    const from = await across(handle, 0.5);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x - 60, from.y, { steps: 6 });
    await page.mouse.up();
    await expect.poll(async () => await centre(handle) - from.x).toBeCloseTo(-60, -1);
    const limit = Number(await slider().getAttribute('aria-valuenow'));
    expect(limit).toBeLessThan(3);
    const clipped = /clipping below (\S+) and above (\S+)\./.exec(await page.locator('#chart-summary').textContent() ?? '');
    expect(Number(clipped?.[2])).toBeCloseTo(limit * 0.02 * Math.SQRT2, 3);
    expect(Number(clipped?.[1])).toBeCloseTo(-limit * 0.02 * Math.SQRT2, 3);
    const boxes = await Promise.all([0, 1].map((i) => page.locator('.chart .drag-handle').nth(i).boundingBox()));
    expect(boxes[0]!.x).toBeLessThan(boxes[1]!.x);
  });

  it('has its curve in words and as a table', async () => {
    await open('layers=20');
    await expect.poll(() => page.locator('#support-summary').textContent()).toMatch(/^Measured best \d+\.\d dB at .* jayant: /);
    await page.locator('.support').getByText('View as table').click();
    await expect.poll(() => page.getByRole('table', { name: 'Named choices' }).locator('tbody tr').count()).toBe(8);
  });
});

describe.each(['dark', 'light', 'hc-dark', 'hc-light'])('in the %s theme', (theme) => {
  it('nothing is cut off in an inspector of 420 pixels', async () => {
    await open(`layers=20&theme=${theme}`);
    for (const name of ['Distribution', 'Error']) {
      await tab(name).click();
      await page.locator('.inspector canvas').first().waitFor();
      const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('.inspector :is(p, li, button, h3, .tab, .readout *)')]
        .filter((element) => element.clientWidth > 0 && !element.closest('.visually-hidden'))
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => element.className + ': ' + element.textContent)`);
      expect(cut).toEqual([]);
      const overflow = await page.locator('.inspector').evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(overflow).toBe(0);
      expect((await page.locator('.inspector').boundingBox())?.width).toBeLessThanOrEqual(420);
    }
  });
});

it.each([[1280, 900], [1000, 900], [1500, 900], [2400, 1200], [420, 900], [300, 900]])('shows every figure whole beside its label in a window of %d × %d', async (width, height) => {
  await open('layers=20&unknownChannels&calibration=done', { width, height });
  const long = page.locator('[data-key="granularity"]');
  await long.waitFor();
  expect(await long.textContent()).toBe('per tensor, since its output channels are not known');
  // Found and measured at once: figures that come later take the place of all.
  const [label, value] = await page.locator('.inspector').evaluate((inspector) => {
    const dd = inspector.querySelector('[data-key="granularity"]')!;
    return [dd.previousElementSibling!, dd].map((part) => {
      const { left, right } = part.getBoundingClientRect();
      return { left, right, cut: part.scrollWidth - part.clientWidth };
    });
  });
  expect(label!.right).toBeLessThan(value!.left);
  expect([label!.cut, value!.cut]).toEqual([0, 0]);
  expect(await page.locator('.inspector').evaluate((inspector) => inspector.scrollWidth - inspector.clientWidth)).toBe(0);
});
