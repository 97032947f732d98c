import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pageHtml } from '../../src/editor/pageHtml';
import { launchChromium } from '../workbench/chromium';
import { builtFiles } from './harness/openHarness';
import { syntheticModel, type ModelMessage } from './harness/synthetic';

/** The page's real document with its real policy, as VS Code serves it: one origin for scripts, styles and fonts. */
const ORIGIN = 'http://webview.invalid';
/** A name of the longest kind would not pass the reader; the page has to bear it all the same. */
const MEGABYTE = 'n'.repeat(2 ** 20);

const LONGEST_FILE_NAME = 255;

let browser: Browser;
let page: Page;
let requests: string[];
let errors: string[];
let files: Map<string, string>;

beforeAll(async () => {
  files = builtFiles('page', 'host');
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  requests = [];
  errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const document = pageHtml({
    script: `${ORIGIN}/page.js`, stylesheet: `${ORIGIN}/page.css`, cspSource: ORIGIN, nonce: 'unguessable', language: 'en', translations: {},
  });
  // Requests that a policy refuses do not come this far.
  await page.route('**', (route) => {
    requests.push(route.request().url());
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ body: document, contentType: 'text/html' });
    const body = files.get(pathname.slice(1));
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ body, contentType: pathname.endsWith('.js') ? 'text/javascript' : 'text/css' });
  });
  // What the host plays is no part of the document, as it is not in VS Code.
  await page.addInitScript({ content: `addEventListener('DOMContentLoaded', () => { ${files.get('host') ?? ''} }, { once: true });
    window.acquireVsCodeApi = () => ({ postMessage: (message) => (window.early ??= []).push(message), getState: () => null, setState: () => {} });
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => window.violations.push(event.effectiveDirective));` });
});
afterEach(() => page.close());

async function openModel(model: ModelMessage): Promise<void> {
  await page.goto(`${ORIGIN}/?loading`);
  await page.evaluate(`window.postMessage(${JSON.stringify(model)})`);
  await page.locator('[role=row][data-layer="0"]').waitFor();
}

/** A model whose layers have the given names; the last is its producer's as well. */
function modelNamed(...names: string[]): ModelMessage {
  const model = syntheticModel(Math.max(names.length, 10));
  names.forEach((name, i) => Object.assign(model.layers[i]!, { name, scope: name, node: name, op: name }));
  return { ...model, header: { ...model.header, fileName: names.at(-1)!.slice(0, LONGEST_FILE_NAME), producer: names.at(-1)! } };
}

/** Puts `inject` into the page, as a defect of the page would. */
async function attempt(inject: string): Promise<void> {
  await page.evaluate(`document.body.append(document.createRange().createContextualFragment(${JSON.stringify(inject)}))`);
}

describe('the policy of the page', () => {
  it.each([
    ['an inline script', '<script>window.ran = true</script>', 'script-src-elem'],
    ['an event handler', '<img src="data:," onerror="window.ran = true">', 'script-src-attr'],
    ['a script with a guessed nonce', '<script nonce="guess">window.ran = true</script>', 'script-src-elem'],
    ['a script from elsewhere', '<script src="http://elsewhere.invalid/x.js"></script>', 'script-src-elem'],
    ['a script of its own origin', '<script src="/host.js"></script>', 'script-src-elem'],
    ['a frame', '<iframe src="http://elsewhere.invalid/"></iframe>', 'frame-src'],
    ['a picture from elsewhere', '<img src="http://elsewhere.invalid/x.png">', 'img-src'],
    ['an inline style', '<style>body { display: none }</style>', 'style-src-elem'],
  ])('refuses %s', async (_, inject, directive) => {
    await openModel(modelNamed('w'));
    await attempt(inject);
    await expect.poll(() => page.evaluate('window.violations')).toContain(directive);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(requests.filter((url) => !url.startsWith(ORIGIN))).toEqual([]);
  });

  it.each([
    ['fetch', 'fetch("http://elsewhere.invalid/").then(() => "sent", () => "refused")'],
    ['its own origin', 'fetch("/page.js").then(() => "sent", () => "refused")'],
    ['a web socket', 'new Promise((done) => { const s = new WebSocket("ws://elsewhere.invalid/"); s.onopen = () => done("sent"); s.onerror = () => done("refused"); })'],
  ])('lets nothing out, not even its own scripts: %s', async (_, attempted) => {
    await openModel(modelNamed('w'));
    const before = requests.length;
    expect(await page.evaluate(attempted)).toBe('refused');
    expect(requests.slice(before)).toEqual([]);
    expect(await page.evaluate('window.violations')).toContain('connect-src');
  });
});

describe('names that a model came with', () => {
  const names = [
    '<img src=x onerror="window.ran=true">', '"><script>window.ran=true</script>', '\u202egnp.exe\u202c', '\u2066\u202ew', '\x1b[2J\x1b[31mred',
    '\0\x07\b', 'a\nb\rc\td', '&lt;b&gt;&amp;', '__proto__', MEGABYTE,
  ];

  it('are text, whatever is in them, and load nothing', async () => {
    await openModel(modelNamed(...names));
    await page.locator('[role=row][data-layer="2"]').click();
    for (const [i, name] of names.entries()) {
      expect(await page.locator(`[role=row][data-layer="${i}"]`).getByRole('rowheader').textContent()).toContain(name);
    }
    expect(await page.locator('#app img, #app script, #app b').count()).toBe(0);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(requests.map((url) => url.replace(/\?.*/, ''))).toEqual([`${ORIGIN}/`, `${ORIGIN}/page.css`, `${ORIGIN}/page.js`]);
    expect(errors).toEqual([]);
  });

  it('leave the table as it is: the same height of rows, nothing wider than the window, cells in order', async () => {
    await openModel(modelNamed(...names));
    const boxes = await page.locator('[role=row][data-layer]').evaluateAll((rows) => rows.slice(0, 10).map((row) => ({
      height: row.getBoundingClientRect().height,
      // The reason why a layer stays as it is takes the place of what would follow its method.
      lefts: [...row.children].filter((cell) => !cell.matches('.sqnr, .output, .size')).map((cell) => cell.getBoundingClientRect().left),
    })));
    expect(new Set(boxes.map(({ height }) => height)).size).toBe(1);
    expect(boxes[0]!.lefts.length).toBeGreaterThan(5);
    for (const { lefts } of boxes) expect(lefts).toEqual([...boxes[0]!.lefts]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight')).toBe(true);
  });

  it('leave the page able to answer', async () => {
    await openModel(modelNamed(...names));
    const filter = page.getByRole('combobox', { name: 'Filter layers' });
    await filter.fill('__proto__');
    await expect.poll(() => page.locator('[role=row][data-layer]').count()).toBe(1);
  });
});

it('the built pages name no address to be reached', () => {
  for (const name of ['page.js', 'compare.js']) {
    const script = name === 'page.js' ? files.get(name)! : builtFiles('compare', 'compareHost').get(name)!;
    const addresses = [...script.matchAll(/https?:\/\/[\w.-]+/g)].map(([address]) => address);
    const named = new Set(addresses.filter((address) => !/w3\.org|github\.com|chartjs\.org|mozilla\.org|whatwg\.org/.test(address)));
    expect([...named]).toEqual([]);
    expect(script).not.toMatch(/XMLHttpRequest|sendBeacon|new WebSocket|EventSource\(/);
  }
});
