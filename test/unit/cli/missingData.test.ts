import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { useCli, type Finished } from './runCli';

const shell = useCli();
const WARNING = 'quantscope: warning: external data not found: lost.bin; layers in it stay as they are, and a copy needs it beside itself, too\n';
const cli = (line: string): Promise<Finished> => shell.run(line.split(' '));

beforeEach(() => {
  writeModel(shell.folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x', dims: [1, 64] }], outputs: [{ name: 'z', dims: [1, 64] }],
    initializers: [
      { name: 'here', dims: [64, 64], data: laplacian(64 * 64, 1) },
      { name: 'lost', dims: [64, 64], data: laplacian(64 * 64, 2), form: 'external', file: 'lost.bin' },
    ],
    nodes: [{ op: 'MatMul', inputs: ['x', 'here'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', 'lost'], outputs: ['z'] }],
  }));
  rmSync(join(shell.folder, 'lost.bin'));
});

test.each(['quantize m.onnx -o c.onnx', 'preview m.onnx', 'allocate m.onnx --average-bits 24 -o p.json'])('is warned of by %s', async (line) => {
  expect(await cli(line)).toMatchObject({ code: 0, stderr: WARNING });
});

test('is named, not looked for by ONNX Runtime, where a model is run', async () => {
  const { code, stderr } = await cli('evaluate m.onnx');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^quantscope: .*external data is missing \(lost\.bin\)/);
  const compared = await cli('compare m.onnx m.onnx');
  expect(compared.stdout).toMatch(/external data is missing.*lost\.bin/);
});
