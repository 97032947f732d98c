import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../../workbench/chromium';
import { repositoryRoot } from '../../workbench/paths';

const ORIGIN = 'http://harness.invalid/';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The pages, each with the document it stands in and the host that is played for it. */
const PAGES = {
  page: { document: 'harness.html', host: 'host' },
  compare: { document: 'compare.html', host: 'compareHost' },
} as const;

export interface Harness {
  /** Opens the page with `query` as its host understands it; errors of the page fail with `errors`. */
  open(query: string, size?: { width: number; height: number }): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

/** Builds the page and its pretended host, and starts a browser that is served both from memory. */
export async function startHarness(name: keyof typeof PAGES = 'page'): Promise<Harness> {
  const { document, host } = PAGES[name];
  const files = builtFiles(name, host);
  files.set(document, readFileSync(join(repositoryRoot, 'test/e2e/harness', document), 'utf8'));
  const browser = await launchChromium();
  return {
    async open(query, size = { width: 1280, height: 800 }) {
      const page = await browser.newPage({ viewport: size });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.route(`${ORIGIN}**`, (route) => {
        const name = new URL(route.request().url()).pathname.slice(1);
        const body = files.get(name);
        if (body === undefined) return route.fulfill({ status: 404 });
        return route.fulfill({ body, contentType: TYPES[extname(name)] ?? 'text/plain' });
      });
      await page.goto(`${ORIGIN}${document}?${query}`);
      return { page, errors };
    },
    close: () => browser.close(),
  };
}

export interface HarnessPage {
  open(query: string, size?: { width: number; height: number }): Promise<Page>;
  /** What the page met so far; a test that expects errors takes them. */
  takeErrors(): string[];
}

/** One harness for a test file. Each test's page is closed after it, and must not have met an error that nobody took. */
export function useHarness(name: keyof typeof PAGES = 'page'): HarnessPage {
  let harness: Harness;
  let opened: { page: Page; errors: string[] };
  beforeAll(async () => {
    harness = await startHarness(name);
  });
  afterAll(() => harness.close());
  afterEach(async () => {
    expect(opened.errors).toEqual([]);
    await opened.page.close();
  });
  return {
    async open(query, size) {
      opened = await harness.open(query, size);
      return opened.page;
    },
    takeErrors: () => opened.errors.splice(0),
  };
}

/** The built page, its style sheet and its pretended host, by file name. */
export function builtFiles(name: string, host: string): Map<string, string> {
  const { outputFiles } = buildSync({
    entryPoints: {
      [name]: join(repositoryRoot, `webview/${name}.ts`),
      style: join(repositoryRoot, `webview/${name}.css`),
      [host]: join(repositoryRoot, `test/e2e/harness/${host}.ts`),
    },
    outdir: '/', bundle: true, format: 'iife', platform: 'browser', target: 'es2022', write: false, logLevel: 'error',
  });
  const files = new Map(outputFiles.map(({ path, text }) => [path.slice(1), text]));
  files.set(`${name}.css`, files.get('style.css') ?? '');
  files.set('themes.css', readFileSync(join(repositoryRoot, 'test/e2e/harness/themes.css'), 'utf8'));
  return files;
}
