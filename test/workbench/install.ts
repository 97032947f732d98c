import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workbenchFolder } from './paths';

export interface CodeServer {
  /** The Node.js that can run it: newer than the one development needs. */
  node: string;
  entry: string;
}

const modules = join(workbenchFolder, 'node_modules');
const server = join(modules, 'code-server/lib/vscode');
const stamp = join(modules, '.installed');

/** Two native modules are never compiled here; what is used of them fits in plain JavaScript. */
const standIns = { 'spdlog.cjs': '@vscode/spdlog/index.js', 'native-watchdog.cjs': '@vscode/native-watchdog/index.js' };

/**
 * code-server (VS Code for the browser), installed from npm next to this file when it is not there yet or its lock file changed.
 * No install script runs and nothing is compiled.
 * @throws Error when npm fails, or on a system other than Linux
 */
export function ensureCodeServer(): CodeServer {
  if (process.platform !== 'linux') {
    throw new Error('VS Code in the browser is set up for Linux only. Install desktop VS Code and its `code` command instead.');
  }
  const wanted = ['package-lock.json', ...Object.keys(standIns).map((file) => join('shims', file))]
    .map((file) => readFileSync(join(workbenchFolder, file), 'utf8')).join('\n');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    install();
    writeFileSync(stamp, wanted);
  }
  const node = join(modules, `node-${process.platform}-${process.arch}/bin/node`);
  return { node: existsSync(node) ? node : process.execPath, entry: join(modules, 'code-server/out/node/entry.js') };
}

function install(): void {
  console.log('Installing VS Code for the browser (code-server) from npm: once, about half a minute, 800 MB …');
  npm(workbenchFolder, ['ci', '--ignore-scripts']);
  // Not `npm ci`: the lock file code-server ships for its VS Code does not match its manifest.
  npm(server, ['install', '--omit=dev', '--ignore-scripts', '--no-save']);
  for (const [source, target] of Object.entries(standIns)) {
    copyFileSync(join(workbenchFolder, 'shims', source), join(server, 'node_modules', target));
  }
}

function npm(cwd: string, args: string[]): void {
  const { status } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}`);
  }
}
