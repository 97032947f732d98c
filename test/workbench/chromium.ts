import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** The first draws no window of its own around a page, and takes half the time to open one. */
const packages = ['chromium-headless-shell', 'chromium'];
const names = [...packages, 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Headless Chromium that asks nothing of the network on its own. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: ensureChromium(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

/**
 * A Chromium: `CHROMIUM`, one on the PATH, Playwright's own, or Debian's package when there is none and this runs as root.
 * @throws Error that says how to get one
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found) {
    return found;
  }
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    console.log('Installing Chromium with apt-get …');
    aptGet('update');
    for (const name of packages) {
      aptGet('install', '-y', name);
      const installed = findChromium();
      if (installed) {
        return installed;
      }
    }
  }
  throw new Error('These tests need Chromium. Install it (Debian: sudo apt-get install chromium-headless-shell; elsewhere: '
    + 'npx playwright-core install chromium) or set CHROMIUM to the path of a Chrome or Chromium.');
}

function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
}

function findChromium(): string | undefined {
  const own = chromium.executablePath();
  return process.env.CHROMIUM ?? names.map(onPath).find((path) => path !== undefined) ?? (existsSync(own) ? own : undefined);
}

/** The executable's full path, when the PATH has it. */
export function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
