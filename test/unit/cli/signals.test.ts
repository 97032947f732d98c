import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { bundle } from '../workers/bundle';
import { startCli, useCli } from './runCli';

const shell = useCli();
const CANCELLED = { code: 1, stdout: '', stderr: 'quantscope: Cancelled.\n' };

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s while a large copy is written leaves nothing behind', async (signal) => {
  writeModel(shell.folder, 'large.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 2048] }],
    outputs: [{ name: 'y', dims: ['batch', 2048] }],
    initializers: [{ name: 'w', dims: [2048, 2048], data: laplacian(2048 * 2048, 1) }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
  const { process: child, finished } = shell.start(['quantize', 'large.onnx', '-o', 'out.onnx', '--bits', '4']);
  let ended = false;
  void finished.then(() => (ended = true));
  await until(() => ended || readdirSync(shell.folder).length > 1);
  child.kill(signal);
  expect(await finished).toEqual(CANCELLED);
  expect(readdirSync(shell.folder)).toEqual(['large.onnx']);
});

test('SIGINT is answered while a worker is in a call that nothing stops, and the process ends after that call', async () => {
  const built = bundle(['src/cli/main.ts', 'test/unit/cli/deafWorker.ts']);
  renameSync(join(built.folder, 'deafWorker.js'), join(built.folder, 'coreWorker.js'));
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-signals-'));
  const { process: child, finished } = startCli(built, ['inspect', 'model.onnx'], folder);
  const there = (name: string): boolean => existsSync(join(folder, name));
  try {
    await until(() => there('called') || child.exitCode !== null);
    child.kill('SIGINT');
    await new Promise((resolve) => child.stderr!.once('data', resolve));
    expect(there('over')).toBe(false);
    writeFileSync(join(folder, 'go'), '');
    expect(await finished).toEqual(CANCELLED);
    expect(there('over')).toBe(true);
  } finally {
    child.kill('SIGKILL');
    built.remove();
    rmSync(folder, { recursive: true });
  }
});
