// `npm start [-- MODEL]`: VS Code with this extension and a model open, on the desktop or in the browser.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { onPath } from './chromium';
import { helper, linkExtensions, quantscope } from './extensions';
import { repositoryRoot, sampleModel } from './paths';
import { startServer } from './server';

// npm runs scripts in the package's folder; a path on the command line is relative to where the person stands.
const argument = process.argv[2];
const model = argument === undefined ? sampleModel : resolve(process.env.INIT_CWD ?? '.', argument);
if (!existsSync(model)) {
  console.error(`There is no file ${model}`);
  process.exit(2);
}

const desktop = desktopCommand();
if (desktop) {
  openDesktop(desktop);
} else {
  await openInBrowser();
}

/**
 * `code`, unless it could show nothing: no display, or the `code` of a remote terminal, which cannot load an extension in
 * development. QUANTSCOPE_BROWSER=1 asks for the browser anyway.
 */
function desktopCommand(): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI, QUANTSCOPE_BROWSER } = process.env;
  const headless = process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY;
  if (headless || VSCODE_IPC_HOOK_CLI || QUANTSCOPE_BROWSER) {
    return undefined;
  }
  return onPath(process.platform === 'win32' ? 'code.cmd' : 'code');
}

function openDesktop(command: string): void {
  // VS Code refuses to run as root without these.
  const profile = join(repositoryRoot, '.workbench/desktop');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox', `--user-data-dir=${profile}`] : [];
  console.log(`Opening ${model} in desktop VS Code …`);
  const extensions = [quantscope, helper].map((folder) => `--extensionDevelopmentPath=${folder}`);
  spawn(command, [...asRoot, '--new-window', ...extensions, dirname(model)], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, QUANTSCOPE_OPEN: model },
  }).once('exit', (code) => process.exit(code ?? 1));
}

async function openInBrowser(): Promise<void> {
  const state = join(repositoryRoot, '.workbench');
  const extensionsDir = join(state, 'extensions');
  linkExtensions(extensionsDir, [quantscope, helper]);
  const server = await startServer({
    userDataDir: join(state, 'user-data'),
    extensionsDir,
    port: Number(process.env.PORT ?? 0),
    env: { QUANTSCOPE_OPEN: model },
  });
  const address = `${server.origin}/?folder=${encodeURIComponent(dirname(model))}`;
  console.log(`\nVS Code with Quantscope and ${model} is at\n\n  ${address}\n\nCtrl+C ends it.`);
  const running = setInterval(() => undefined, 0x7fffffff);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      clearInterval(running);
      void server.stop().then(() => process.exit(0));
    });
  }
}
