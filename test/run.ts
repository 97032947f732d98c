// `npm test`: everything that can fail, in the order in which a failure is cheapest, and one line of totals at the end.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './workbench/paths';

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  name: string;
  command: string[];
  /** How to read the runner's result file; absent for a step that only passes or fails. */
  read?: (json: Record<string, number>) => Totals;
}

const results = join(repositoryRoot, 'out/results');
const vitest = (name: string, ...options: string[]): Step => ({
  name,
  command: ['vitest', 'run', ...options, '--reporter=default', '--reporter=json', `--outputFile.json=${resultFile(name)}`],
  read: (json) => ({
    passed: json.numPassedTests ?? 0,
    failed: json.numFailedTests ?? 0,
    skipped: (json.numPendingTests ?? 0) + (json.numTodoTests ?? 0),
  }),
});

/** Those that keep one processor busy run side by side. */
const steps: Step[][] = [
  [
    { name: 'check', command: ['npm', 'run', '--silent', 'check'] },
    { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  ],
  [{ name: 'build', command: ['node', 'esbuild.mjs', '--suites'] }],
  [vitest('unit')],
  [{
    name: 'editor',
    command: ['node', '--import', 'tsx', 'test/editor/run.ts'],
    read: ({ passed = 0, failed = 0, skipped = 0 }) => ({ passed, failed, skipped }),
  }],
  ...(process.platform === 'linux' ? [[vitest('e2e', '--config', 'test/e2e/vitest.config.ts')]] : []),
];

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const failedSteps: string[] = [];
void main();

async function main(): Promise<void> {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  for (const together of steps) await Promise.all(together.map(runStep));
  if (failedSteps.length > 0) {
    console.log(`\nFailed: ${failedSteps.join(', ')}`);
    process.exitCode = 1;
  }
  console.log(`\n${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`);
}

async function runStep({ name, command, read }: Step): Promise<void> {
  console.log(`\n── ${name} ${'─'.repeat(70 - name.length)}`);
  const started = Date.now();
  const status = await exitCodeOf(command, name);
  console.log(`${name}: ${status === 0 ? 'done' : 'failed'} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  const found = read && existsSync(resultFile(name)) ? read(readResults(name)) : undefined;
  totals.passed += found?.passed ?? 0;
  totals.skipped += found?.skipped ?? 0;
  // A runner may fail without a failed test: a crash, a file that does not load.
  totals.failed += status === 0 ? 0 : Math.max(1, found?.failed ?? 0);
  if (status !== 0) {
    failedSteps.push(name);
  }
}

/** Null for a command that could not be started or was killed. */
function exitCodeOf([program = '', ...args]: string[], name: string): Promise<number | null> {
  const running = spawn(program, args, {
    cwd: repositoryRoot,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, QUANTSCOPE_RESULTS: resultFile(name) },
  });
  return new Promise((resolve) => running.on('error', () => resolve(null)).on('close', resolve));
}

function readResults(name: string): Record<string, number> {
  return JSON.parse(readFileSync(resultFile(name), 'utf8')) as Record<string, number>;
}

function resultFile(name: string): string {
  return join(results, `${name}.json`);
}
