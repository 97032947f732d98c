import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { AllocationAction } from '../../src/protocol/allocationPage';
import type { PageMessage } from '../../src/protocol/page';
import { useHarness } from './harness/openHarness';

const harness = useHarness();
let page: Page;

async function openPanel(query = 'layers=20', size?: { width: number; height: number }): Promise<void> {
  page = await harness.open(query, size);
  await page.getByText('Allocate Bits…').click();
  await page.getByRole('dialog', { name: 'Allocate Bits' }).waitFor();
}

async function actions(): Promise<AllocationAction[]> {
  const messages = await page.evaluate<PageMessage[]>('window.posted');
  return messages.flatMap((message) => (message.type === 'allocation' ? [message.action] : []));
}

const chosen = (): Promise<string> => page.locator('.allocation .point-text').innerText();
const chart = () => page.getByRole('application', { name: /Error against size/ });
const bitsOf = (text: string): number => Number(/([\d.]+) bits on average/.exec(text)?.[1]);

describe('the panel of allocations', () => {
  it('shows the curve, a choice on it, and how many layers get which width', async () => {
    await openPanel();
    expect(await chosen()).toMatch(/^Least error: [34]\.\d\d bits on average · [\d.]+ [KM]B · error −[\d.]+ dB$/);
    const counts = await page.locator('.width-count').allInnerTexts();
    const quantizable = await page.locator('.allocation').evaluate((dialog) => Number(/of (\d+) layers/.exec(dialog.querySelector('canvas')!.getAttribute('aria-label')!)![1]));
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(quantizable);
    await page.getByRole('button', { name: 'Compare with Coding Lengths' }).click();
    await page.locator('.legend').getByText('By coding length').waitFor();
    await page.screenshot({ path: 'test/e2e/screenshots/allocation.png' });
  });

  it('is worked by keys: arrows choose, Enter applies, and the grid has the focus again', async () => {
    await openPanel();
    await expect.poll(() => chart().evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Home');
    expect(bitsOf(await chosen())).toBe(2);
    await page.keyboard.press('ArrowRight');
    const wider = await chosen();
    expect(bitsOf(wider)).toBeGreaterThan(2);
    await page.keyboard.press('ArrowUp');
    expect(await chosen()).toMatch(/^One width for all/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    expect(bitsOf(await chosen())).toBe(8);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await actions()).at(-1)).toMatchObject({ kind: 'apply' });
    await expect.poll(() => page.evaluate('document.activeElement?.getAttribute("role")')).toBe('row');
  });

  it('is left by Escape without a change', async () => {
    await openPanel();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await actions()).toEqual([{ kind: 'close' }]);
  });

  it('takes a click on the curve', async () => {
    await openPanel();
    await page.keyboard.press('Home');
    const { width, height } = (await chart().boundingBox())!;
    await chart().click({ position: { x: width - 30, y: height - 60 } });
    expect(bitsOf(await chosen())).toBeGreaterThan(6);
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await actions()).map(({ kind }) => kind)).toEqual(['apply']);
  });

  it('finds the choice for a target that is typed, and says why there is none', async () => {
    await openPanel();
    const field = page.locator('.allocation-target input');
    await field.fill('much');
    await field.press('Enter');
    await page.getByText('Not understood: such as 4.5').waitFor();
    await field.fill('1');
    await field.press('Enter');
    await page.getByText(/The least is 2.00 bits/).waitFor();
    await field.fill('4.5');
    await field.press('Enter');
    await page.locator('.legend').getByText('Target').waitFor();
    expect(await chosen()).toMatch(/^Target/);
    expect(bitsOf(await chosen())).toBeLessThanOrEqual(4.5);
    await page.getByLabel('Kind of target').selectOption('maxBytes');
    await field.fill('100 KB');
    await page.getByRole('button', { name: 'Find' }).click();
    await expect.poll(async () => (await actions()).at(-1)).toEqual({ kind: 'find', target: { maxBytes: 102_400 } });
  });

  it('names its checkbox and its field', async () => {
    await openPanel();
    // The browser's own names, which are what a screen reader gets.
    const { nodes } = await (await page.context().newCDPSession(page)).send('Accessibility.getFullAXTree');
    const named = nodes.map(({ role, name }) => [role?.value, name?.value] as unknown);
    expect(named).toContainEqual(['checkbox', 'First and last layer keep 8 bits']);
    expect(named).toContainEqual(['textbox', 'Target']);
  });

  it.each([[1390, 760], [1000, 500], [420, 400], [300, 700]])('has its buttons and its answer in sight in an editor of %d × %d', async (width, height) => {
    await openPanel('layers=20', { width, height });
    const box = (element: Locator) => element.evaluate((each) => {
      const { left, top, right, bottom } = each.getBoundingClientRect();
      return { left, top, right, bottom };
    });
    const whole = async (element: Locator): Promise<void> => {
      const [inner, outer] = [await box(element), await box(page.getByRole('dialog'))];
      expect(Math.min(inner.left - outer.left, inner.top - outer.top, outer.right - inner.right, outer.bottom - inner.bottom)).toBeGreaterThanOrEqual(0);
    };
    const field = page.locator('.allocation-target input');
    await field.fill('0.5');
    await field.press('Enter');
    const refusal = page.getByText(/The least is 2.00 bits/);
    await refusal.waitFor();
    for (const name of ['Apply', 'Cancel']) await whole(page.getByRole('button', { name }));
    await page.screenshot({ path: `test/e2e/screenshots/allocation-${width}.png` });
    expect((await box(refusal)).bottom).toBeLessThanOrEqual((await box(page.getByRole('button', { name: 'Apply' }))).top);
    expect(await page.getByRole('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
  });

  it('keeps a target while other choices come, and marks what reaches it among them', async () => {
    await openPanel();
    const field = page.locator('.allocation-target input');
    await page.getByRole('button', { name: 'Compare with Coding Lengths' }).click();
    await field.fill('4.5');
    await field.press('Enter');
    await page.locator('.legend').getByText('By coding length').waitFor();
    await page.locator('.legend').getByText('Target').waitFor();
    expect(await field.inputValue()).toBe('4.5');
    const wide = await chosen();
    expect(wide).toMatch(/^Target/);
    await page.getByText('First and last layer keep 8 bits').click();
    await expect.poll(chosen).not.toBe(wide);
    expect(await chosen()).toMatch(/^Target/);
    expect(bitsOf(await chosen())).toBeLessThanOrEqual(4.5);
    await page.screenshot({ path: 'test/e2e/screenshots/allocation-target.png' });
    await chart().press('ArrowDown');
    await chart().press('Home');
    expect(await chosen()).toMatch(/^Least error/);
    await page.getByText('First and last layer keep 8 bits').click();
    await expect.poll(chosen).toMatch(/^Least error: 2\.\d\d bits/);
    await page.locator('.legend').getByText('Target').waitFor();
  });

  it('keeps the ends wide, and counts size instead of bits', async () => {
    await openPanel();
    await page.keyboard.press('Home');
    await page.getByText('First and last layer keep 8 bits').click();
    await expect.poll(async () => (await actions()).at(-1)).toEqual({ kind: 'ends', fixed: true });
    await chart().focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('.width-name').allInnerTexts()).toEqual(['2 bits', '8 bits']);
    await page.getByLabel('Horizontal axis').selectOption('bytes');
    expect(await chosen()).toMatch(/^Least error/);
    await page.screenshot({ path: 'test/e2e/screenshots/allocation-size.png' });
  });
});
