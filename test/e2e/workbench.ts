import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { errors, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchChromium } from '../workbench/chromium';
import { helper, linkExtensions, quantscope } from '../workbench/extensions';
import { repositoryRoot, samplesFolder } from '../workbench/paths';
import { startServer } from '../workbench/server';

export interface WorkbenchOptions {
  /** Copied, so that a test may write in it; the samples by default. */
  folder?: string;
  settings?: Record<string, unknown>;
  /** The folder is not trusted: VS Code is in Restricted Mode. */
  restricted?: boolean;
  /** A theme's settings id; VS Code's default when absent. */
  theme?: BuiltInTheme;
  viewport?: { width: number; height: number };
  /** Extensions to install, as folders with a package.json; this repository by default. */
  extensions?: string[];
}

export type BuiltInTheme =
  'Default Dark Modern' | 'Default Light Modern' | 'Default High Contrast' | 'Default High Contrast Light';

export interface Workbench {
  page: Page;
  /** The opened copy of the folder. */
  folder: string;
  /** VS Code's own data: settings, backups, logs. */
  userData: string;
  /** Opens a file of the folder from the Explorer. */
  openFile(name: string): Promise<void>;
  /** The content of the webview of the active editor. */
  webview(): FrameLocator;
  /** Runs a command by its title in the command palette. */
  command(title: string): Promise<void>;
  /** Opens the context menu on `target` and chooses the entry reached through these labels. */
  contextMenu(target: Locator, ...labels: string[]): Promise<void>;
  /** Accepts the file name that a dialog proposes. */
  acceptFile(name: string): Promise<void>;
  /** Reloads the window and waits until extensions are registered. */
  reload(): Promise<void>;
  /** Ends the process that all extensions run in, as a crash would. */
  killExtensionHost(): void;
  /** Of the whole window, or of one element. */
  screenshot(name: string, target?: Locator): Promise<void>;
  close(): Promise<void>;
}

/** What a busy machine is slow with comes in this time; ten thousand images take a third of it. */
const PATIENCE_MS = 90_000;

/** A real VS Code with this extension on a copy of a folder, seen by a real browser. Close it, whatever the test came to. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const scratch = mkdtempSync(join(tmpdir(), 'quantscope-e2e-'));
  const folder = join(scratch, basename(options.folder ?? samplesFolder));
  cpSync(options.folder ?? samplesFolder, folder, { recursive: true });
  const extensionsDir = join(scratch, 'extensions');
  linkExtensions(extensionsDir, [...(options.extensions ?? [quantscope]), helper]);
  const userData = join(scratch, 'user-data');
  const server = await startServer({
    userDataDir: userData,
    extensionsDir,
    restricted: options.restricted ?? false,
    settings: { ...options.settings, ...(options.theme ? { 'workbench.colorTheme': options.theme } : {}) },
  });
  const removeScratch = () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  try {
    const browser = await launchChromium();
    const close = async () => {
      await browser.close();
      await server.stop();
      removeScratch();
    };
    try {
      const page = await browser.newPage({ viewport: options.viewport ?? { width: 1440, height: 900 } });
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${server.origin}/?folder=${encodeURIComponent(folder)}`);
      await extensionsRegistered(page);
      return workbench(page, { folder, userData, server: server.pid }, close);
    } catch (error) {
      await browser.close();
      throw error;
    }
  } catch (error) {
    await server.stop();
    removeScratch();
    throw error;
  }
}

function workbench(
  page: Page, { folder, userData, server }: { folder: string; userData: string; server: number }, close: () => Promise<void>,
): Workbench {
  return {
    page,
    folder,
    userData,
    close,
    webview: () => page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame'),
    async openFile(name) {
      const row = page.locator('.explorer-folders-view .monaco-list-row').filter({ has: page.getByText(name, { exact: true }) });
      await row.dblclick();
    },
    command: (title) => runFromPalette(page, title),
    async contextMenu(target, ...labels) {
      await target.click({ button: 'right' });
      await chooseFromMenu(page, labels);
    },
    async acceptFile(name) {
      const input = page.locator('.quick-input-widget input').first();
      await input.waitFor(); // Until then it has the name of the dialog before.
      await expect.poll(() => input.inputValue()).toContain(name);
      await input.press('Enter');
    },
    async reload() {
      const left = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame());
      await this.command('Developer: Reload Window');
      await left;
      await extensionsRegistered(page);
    },
    killExtensionHost: () => process.kill(extensionHostOf(server), 'SIGKILL'),
    async screenshot(name, target) {
      const screenshots = join(repositoryRoot, 'test/e2e/screenshots');
      mkdirSync(screenshots, { recursive: true });
      await (target ?? page).screenshot({ path: join(screenshots, `${name}.png`) });
    },
  };
}

/**
 * The palette closes when an editor takes the focus back a moment later than it was called; a person then calls it again. Until
 * it is filtered, which marks what was found in each row, rows move under the mouse.
 */
async function runFromPalette(page: Page, title: string): Promise<void> {
  const found = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title, has: page.locator('.highlight') });
  await expect.poll(async () => {
    await page.keyboard.press('F1');
    try {
      await page.locator('.quick-input-widget input').first().fill(`>${title}`, { timeout: 5_000 });
      await found.first().click({ timeout: 5_000, noWaitAfter: true });
      return true;
    } catch (error) {
      if (error instanceof errors.TimeoutError) return false;
      throw error;
    }
  }).toBe(true);
}

/** @throws Error when the server's group has not exactly one extension host */
function extensionHostOf(server: number): number {
  const processes = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n').map((line) => line.trim().split(/\s+/));
  const hosts = processes.filter(([, group, ...args]) => Number(group) === server && args.includes('--type=extensionHost'));
  if (hosts.length !== 1) throw new Error(`${hosts.length} extension hosts`);
  return Number(hosts[0]![0]);
}

/** A file opened earlier in a new profile would open as binary and stay so. */
async function extensionsRegistered(page: Page): Promise<void> {
  await page.locator('.statusbar-item[id^="quantscope-development.workbench-helper"]').waitFor();
}

/** What VS Code's menus let pass, from when they are drawn, before they listen to a button that is let go. */
const MENU_LISTENS_AFTER_MS = 100;

/** Menus react to the mouse's movement, and to a press that ends once they listen: one that ends before is lost. */
async function chooseFromMenu(page: Page, labels: string[]): Promise<void> {
  for (const label of labels) {
    const entry = page.locator(`.action-label[aria-label^="${label}"]`);
    const item = page.locator('.monaco-menu .action-item').filter({ has: entry }).last();
    await item.waitFor();
    const box = await item.boundingBox();
    if (!box) {
      throw new Error(`The menu entry ${label} is not on screen.`);
    }
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    await page.mouse.down();
    // Timers of the page are due one after the other, however late a busy window is with all of them.
    await page.evaluate(`new Promise((due) => setTimeout(due, ${MENU_LISTENS_AFTER_MS}))`);
    await page.mouse.up();
  }
}
