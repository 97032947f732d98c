import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCodeServer } from './install';
import { quietSettings, restrictedSettings } from './settings';

export interface ServerOptions {
  userDataDir: string;
  extensionsDir: string;
  /** Kept when the profile has settings already. */
  settings?: Record<string, unknown>;
  /** 0 or absent: any free port. */
  port?: number;
  env?: Record<string, string>;
  /** Folders are not trusted until a person says so. */
  restricted?: boolean;
  /** Lets a page run an extension test suite, and hides notifications and dialogs while at it. */
  testDriver?: boolean;
}

export interface Server {
  origin: string;
  /** Of the server, and of the group that its extension hosts are in. */
  pid: number;
  stop(): Promise<void>;
}

const startLimitMs = 60_000;
const stopLimitMs = 5_000;

/**
 * Starts VS Code for the browser on 127.0.0.1 and answers once it listens.
 * @throws Error with the server's output when it ends or stays silent
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { node, entry } = ensureCodeServer();
  const config = prepareProfile(options);
  const child = spawn(node, [
    entry,
    '--auth', 'none',
    '--bind-addr', `127.0.0.1:${options.port ?? 0}`,
    '--config', config,
    '--extensions-dir', options.extensionsDir,
    '--user-data-dir', options.userDataDir,
    '--disable-telemetry', '--disable-update-check', ...(options.restricted ? [] : ['--disable-workspace-trust']),
    '--disable-getting-started-override', '--ignore-last-opened', '--disable-proxy',
    ...(options.testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ], { env: environment(options.env), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = () => stopGroup(child);
  try {
    return { origin: await listening(child), pid: child.pid!, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function prepareProfile({ userDataDir, extensionsDir, settings, restricted }: ServerOptions): string {
  mkdirSync(join(userDataDir, 'User'), { recursive: true });
  mkdirSync(extensionsDir, { recursive: true });
  // A cached manifest would hide what changed in package.json since the last start.
  rmSync(join(userDataDir, 'CachedProfilesData'), { recursive: true, force: true });
  const settingsFile = join(userDataDir, 'User', 'settings.json');
  if (!existsSync(settingsFile)) {
    writeFileSync(settingsFile, JSON.stringify({ ...quietSettings, ...(restricted ? restrictedSettings : {}), ...settings }, null, 2));
  }
  const config = join(userDataDir, 'code-server.yaml');
  writeFileSync(config, 'cert: false\n');
  return config;
}

/** Variables of a VS Code this runs inside would turn the new one into its child; those of a test run are wanted. */
function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_(?!TEST_)|CODE_SERVER_|ELECTRON_)/.test(name));
  return { ...Object.fromEntries(inherited), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...extra };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      reject(new Error(`code-server did not start in ${startLimitMs / 1000} s\n${output}`));
    }, startLimitMs);
    const onData = (data: Buffer) => {
      output += data.toString();
      const origin = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (origin) {
        clearTimeout(timer);
        child.stdout?.off('data', onData).resume();
        child.stderr?.off('data', onData).resume();
        resolve(origin);
      }
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`code-server ended with exit code ${code}\n${output}`));
    });
  });
}

/** The server and its extension hosts are one process group. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) {
    return;
  }
  const ended = child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child.pid, 'SIGTERM');
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, stopLimitMs).unref())]);
  signalGroup(child.pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
