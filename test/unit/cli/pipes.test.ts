import { execFileSync, type ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { useCli } from './runCli';

const shell = useCli();
let running: ChildProcess | undefined;
beforeEach(() => {
  writeModel(shell.folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 40] }],
    outputs: [{ name: 'y', dims: ['batch', 40] }],
    initializers: [{ name: 'w', dims: [40, 40], data: laplacian(1600, 1), form: 'external', file: 'weights.bin' }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
  writeFileSync(join(shell.folder, 'inputs.npy'), npyFloats([2, 40], laplacian(80, 2)));
  execFileSync('mkfifo', [join(shell.folder, 'pipe')]);
});
// What waits for a pipe hears no other signal.
afterEach(() => running?.kill('SIGKILL'));

describe.skipIf(process.platform === 'win32')('a pipe that nobody writes to is refused, not waited for', () => {
  test.each([
    ['a model', 'inspect pipe', 'pipe'],
    ['a model to compare with', 'compare m.onnx pipe', 'pipe'],
    ['a plan', 'preview m.onnx --plan pipe', 'pipe'],
    ['inputs', 'evaluate m.onnx --inputs pipe', 'pipe'],
    ['labels', 'evaluate m.onnx --inputs inputs.npy --labels pipe', 'pipe'],
    ['calibration data', 'quantize m.onnx -o copy.onnx --rounding gptq --calibration pipe', 'pipe'],
    ['external data', 'inspect m.onnx', 'weights.bin'],
  ])('in the place of %s', async (_, line, file) => {
    if (file === 'weights.bin') {
      rmSync(join(shell.folder, file));
      execFileSync('mkfifo', [join(shell.folder, file)]);
    }
    const { process: child, finished } = shell.start(line.split(' '));
    running = child;
    const { code, stdout, stderr } = await finished;
    expect(stderr).toBe(`quantscope: The file cannot be read: not a file (${file}). Check that it is a file and that you may read it.\n`);
    expect([code, stdout]).toEqual([2, '']);
  });
});
