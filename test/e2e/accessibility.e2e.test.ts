import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHarness, type Harness } from './harness/openHarness';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const THEMES = ['dark', 'light', 'hc-dark', 'hc-light'];
/** Themes differ in colours alone: what else axe knows is looked at in the first. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** What axe finds wrong in each theme, with where and why. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found: string[] = [];
  for (const theme of THEMES) {
    await page.evaluate(`window.showTheme('${theme}'); new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); })`);
    const options: RunOptions = { resultTypes: ['violations'], ...(theme !== THEMES[0] && { runOnly: { type: 'rule', values: COLOUR_RULES } }) };
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => (
      `${theme}: ${id}: ${html.slice(0, 200)}\n${failureSummary ?? ''}`
    ))));
  }
  return found;
}

let harness: Harness;
let compare: Harness;

beforeAll(async () => {
  harness = await startHarness();
  compare = await startHarness('compare');
});
afterAll(async () => {
  await harness.close();
  await compare.close();
});

async function showOutputs(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Error' }).click();
  await page.getByRole('checkbox', { name: 'Outputs' }).click();
  await page.getByRole('heading', { name: 'Output SQNR against bit width' }).waitFor();
}

describe('in all themes', () => {
  it('has no violation in any tab', async () => {
    const { page } = await harness.open('layers=20&approximate', { width: 1720, height: 900 });
    await page.locator('[role=row][data-layer="1"]').click();
    for (const tab of ['Distribution', 'Error', 'Channels', 'Node']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.locator('.inspector .reading:visible').waitFor({ state: 'detached' });
      await page.evaluate("document.querySelectorAll('.inspector details').forEach((twin) => { twin.open = true; })");
      expect(await violations(page), tab).toEqual([]);
    }
    await page.close();
  });

  it.each([
    ['what moved', 'layers=20', async (page: Page) => { await page.evaluate('window.changeFile()'); }],
    ['a file that is gone', 'layers=20', async (page: Page) => { await page.evaluate('window.loseFile()'); }],
    ['errors of outputs', 'layers=20&calibration=done', showOutputs],
    ['layers that are being rounded', 'layers=20&calibration=rounding', async (page: Page) => page.getByText('40 %').waitFor()],
    ['calibration that failed', 'layers=20&calibration=failed', async (page: Page) => page.getByText('Try again').waitFor()],
    ['rows under their modules', 'layers=20&modules', async (page: Page) => page.getByRole('button', { name: 'Group' }).click()],
    ['a plan that ruins a layer, and several data types', 'layers=20&ruinous&types', async (page: Page) => page.locator('[role=row][data-layer="3"]').click()],
    ['the menu of columns', 'layers=20', async (page: Page) => page.getByRole('button', { name: 'Columns' }).click()],
  ])('has no violation with %s', async (_, query, act) => {
    const { page } = await harness.open(query, { width: 1720, height: 900 });
    await page.locator('[role=row][data-layer="1"]').waitFor();
    await act(page);
    await page.locator('.mini-histogram').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it.each(['problem', 'loading', 'layers=0', 'layers=20&unreadable'])('has no violation in the page of %s', async (query) => {
    const { page } = await harness.open(query);
    await page.locator('#app > :not([hidden])').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it.each(['', 'problem', 'loading'])('has no violation in the comparison %s', async (query) => {
    const { page } = await compare.open(query);
    await page.locator('#app > :not(.silence-note)').first().waitFor();
    if (query === '') await page.locator('[role=row]').nth(1).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });
});
