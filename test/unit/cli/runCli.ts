import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { bundle, type Bundle } from '../workers/bundle';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line as it is shipped: its script beside the worker's. */
export function bundleCli(): Bundle {
  return bundle(['src/cli/main.ts', 'src/workers/coreWorker.ts']);
}

export function startCli(
  { folder }: Bundle, args: string[], cwd: string,
): { process: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [join(folder, 'main.js'), ...args], { cwd });
  const finished = new Promise<Finished>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, finished };
}

export interface CliInFolder {
  readonly folder: string;
  start(args: string[]): ReturnType<typeof startCli>;
  run(args: string[]): Promise<Finished>;
}

/** The command line in a folder of each test's own, for the test file or the `describe` that calls this. */
export function useCli(): CliInFolder {
  let built: Bundle;
  let folder: string;
  beforeAll(() => {
    built = bundleCli();
  });
  afterAll(() => built.remove());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quantscope-cli-'));
    return () => rmSync(folder, { recursive: true });
  });
  return {
    get folder() {
      return folder;
    },
    start: (args) => startCli(built, args, folder),
    run: (args) => startCli(built, args, folder).finished,
  };
}
