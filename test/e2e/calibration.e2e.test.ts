import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { PageMessage } from '../../src/protocol/page';
import { useHarness } from './harness/openHarness';

const harness = useHarness();
let page: Page;

const row = (layer: number): Locator => page.locator(`[role=row][data-layer="${layer}"]`);
const line = (): Locator => page.locator('.calibration-line');
const action = (name: string): Locator => line().getByText(name, { exact: true });
const output = (layer: number): Locator => row(layer).locator('.cell.output');

async function open(query: string): Promise<void> {
  page = await harness.open(query, { width: 1720, height: 1000 });
  await row(0).click();
}

async function posted<T extends PageMessage['type']>(type: T): Promise<Extract<PageMessage, { type: T }>[]> {
  const messages = await page.evaluate<PageMessage[]>('window.posted');
  return messages.filter((message): message is Extract<PageMessage, { type: T }> => message.type === type);
}

describe('the line of calibration data', () => {
  it('asks for some by mouse and keys, and the table has no column for what is not known', async () => {
    await open('layers=20');
    await action('Set calibration data…').click();
    await action('Set calibration data…').focus();
    await page.keyboard.press('Enter');
    expect((await posted('command')).map(({ command }) => command)).toEqual(['setCalibrationData', 'setCalibrationData']);
    expect(await page.getByRole('columnheader', { name: 'Output SQNR' }).count()).toBe(0);
  });

  it('says how far it is and is cancelled, and can be tried again', async () => {
    await open('layers=20&calibration=running');
    expect(await line().textContent()).toContain('Running the model on images.npy42 %');
    await action('Cancel').click();
    await line().getByText('images.npy, cancelled').waitFor();
    await action('Try again').click();
    expect((await posted('calibration')).map((message) => message.action)).toEqual(['cancel', 'retry']);
  });

  it('says how the data was read', async () => {
    await open('layers=20&calibration=done');
    await line().getByText('Calibration data: images.npy (as stored, channels last), inputs of 16 of 20 layers known').waitFor();
  });

  it('says what failed and what to do', async () => {
    await open('layers=20&calibration=failed');
    expect(await line().textContent()).toContain('Calibration data: images.npy. There is no such file. Check the path.');
  });
});

describe('errors of outputs', () => {
  it('have a column beside that of weights, with reasons where they are not known, to sort and filter by', async () => {
    await open('layers=20&calibration=done');
    const headers = await page.getByRole('columnheader').allTextContents();
    expect(headers.slice(-3)).toEqual(['SQNR', 'Output SQNR', 'Size']);
    expect(await output(0).textContent()).toBe('23.8');
    expect(await output(1).getAttribute('title')).toMatch(/^Not known: .*256 MB/);
    await page.getByRole('columnheader', { name: 'Output SQNR' }).click();
    await page.locator('[aria-rowindex="2"] .cell.output', { hasText: '10.7' }).waitFor();
    await page.getByRole('combobox', { name: 'Filter layers' }).fill('output<20');
    await page.getByText('3 of 20 layers').waitFor();
  });

  it('are on their way while layers are rounded by them, and what is shown until then is provisional', async () => {
    await open('layers=20&calibration=rounding');
    const sqnr = (layer: number): Locator => row(layer).locator('.cell.sqnr');
    expect(await output(0).textContent()).toBe('40 %');
    expect(await row(0).getByRole('gridcell', { name: '40 % of rounding' }).count()).toBe(1);
    expect(await output(6).textContent()).toBe('…');
    for (const layer of [0, 6]) {
      expect(await sqnr(layer).getAttribute('title')).toMatch(/^Of nearest codes: rounding by GPTQ is being computed/);
      expect(await row(layer).getByRole('gridcell', { name: /^\d+\.\d, provisional$/ }).count()).toBe(1);
    }
    expect(await sqnr(4).getAttribute('aria-label')).toBeNull();
    await page.getByText('Of nearest codes: rounding by GPTQ is being computed. Predicted:').waitFor();
    expect(await page.locator('.figure.muted [data-key=mse]').count()).toBe(1);
    await page.screenshot({ path: 'test/e2e/screenshots/being-rounded.png' });
    const style = (layer: number, property: string): Promise<string> => (
      page.evaluate(`getComputedStyle(document.querySelector('[data-layer="${layer}"] .cell.sqnr')).${property}`)
    );
    expect(await style(6, 'color')).not.toBe(await style(4, 'color'));
    await row(6).click();
    expect(await style(6, 'fontStyle')).toBe('italic');
  });

  it('of a layer that stays as it is give way to the reason', async () => {
    await open('layers=20&calibration=done');
    expect(await output(7).isVisible()).toBe(false);
    expect(await row(7).locator('.cell.method').getAttribute('aria-colspan')).toBe('3');
  });

  it('are drawn in the Error tab in place of those of weights, the planned rounding marked', async () => {
    await open('layers=20&calibration=done');
    await page.getByRole('tab', { name: 'Error' }).click();
    const chart = page.locator('.methods .drawing');
    await chart.waitFor();
    expect(await chart.getAttribute('aria-label')).toMatch(/^SQNR against bit width/);
    await page.getByRole('checkbox', { name: 'Outputs' }).click();
    await page.getByRole('heading', { name: 'Output SQNR against bit width' }).waitFor();
    expect(await chart.getAttribute('aria-label')).toMatch(/^Output SQNR against bit width/);
    expect(await page.locator('.methods').textContent()).toContain('With the planned rounding, GPTQ: 23.8 dB.');
    await expect.poll(() => page.getByRole('checkbox', { name: 'Predicted' }).getAttribute('aria-disabled')).toBe('true');
    await page.getByText('View as table').first().click();
    await page.getByText('Output SQNR measured, rounded to nearest (dB)').waitFor();
  });

  it('are no choice without calibration data', async () => {
    await open('layers=20');
    await page.getByRole('tab', { name: 'Error' }).click();
    await page.locator('.methods .drawing').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Outputs' }).isVisible()).toBe(false);
  });
});
