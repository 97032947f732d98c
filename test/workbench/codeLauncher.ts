// Takes the arguments of a desktop `code` and runs the extension test suite they name in code-server's extension host.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { launchChromium } from './chromium';
import { startServer } from './server';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  strict: false,
  options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
});
const limitSeconds = 900;
/** What the workbench says of itself; the suite's own output is what remains. */
const noise = new RegExp(`^(${[
  'Canceled', 'Creating a socket', 'Creation of workbench contribution', 'Ignoring fetching', 'Resolv(ed|ing) connection token',
  'Timed out waiting for authentication provider', 'Updating additional builtin', 'getaddrinfo ENOTFOUND',
  String.raw`\[(AccountPolicyGate|AgentHost|ChatModelSelection|reconnection|Service Worker)`,
].join('|')})`);

const profile = mkdtempSync(join(tmpdir(), 'quantscope-suite-'));
const cleanups: (() => Promise<unknown>)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void cleanUp().then(() => process.exit(130)));
}
let exitCode = 1;
try {
  exitCode = await runSuite();
} catch (error) {
  console.error(error);
}
await cleanUp();
process.exit(exitCode);

async function runSuite(): Promise<number> {
  const server = await startServer({
    userDataDir: join(profile, 'data'),
    extensionsDir: join(profile, 'extensions'),
    testDriver: true,
  });
  cleanups.push(server.stop);
  const browser = await launchChromium();
  cleanups.push(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const finished = suiteExit(page);
  await page.goto(address(server.origin), { timeout: 60_000 });
  return finished;
}

/** The suite's exit code: 124 when it gave none in time, 2 when its page went away. */
async function suiteExit(page: Page): Promise<number> {
  const result = new Promise<number>((resolve) => {
    page.once('crash', () => resolve(2));
    page.once('close', () => resolve(2));
    setTimeout(() => {
      console.error(`The suite gave no result in ${limitSeconds} s.`);
      resolve(124);
    }, limitSeconds * 1000).unref();
    void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  });
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    const line = format(...args);
    if (!noise.test(line)) {
      (type === 'error' || type === 'warn' ? process.stderr : process.stdout).write(`${line}\n`);
    }
  });
  return result;
}

function address(origin: string): string {
  const remote = (path: unknown) => `${origin.replace('http:', 'vscode-remote:')}${String(path)}`;
  const query = new URLSearchParams({
    payload: JSON.stringify([
      ['extensionDevelopmentPath', remote(values.extensionDevelopmentPath)],
      ['extensionTestsPath', remote(values.extensionTestsPath)],
      ['skipWelcome', 'true'],
    ]),
  });
  const folder = positionals.find((path) => statSync(path).isDirectory());
  query.set(folder ? 'folder' : 'ew', folder ?? 'true');
  return `${origin}/?${query}`;
}

async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup().catch(() => undefined);
  }
  rmSync(profile, { recursive: true, force: true });
}
