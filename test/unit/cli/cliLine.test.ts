import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/arguments';
import { cliArguments, shellLine, type CliJob } from '../../../src/commands/cliLine';
import type { PartialSettings } from '../../../src/core/plan/layerSettings';
import { emptyPlan, resolvePlan, type QuantizationPlan } from '../../../src/core/plan/plan';
import { stringifyPlan } from '../../../src/core/plan/planJson';
import { coreJobs } from '../../../src/workers/coreJobs';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import type { Bundle } from '../workers/bundle';
import { bundleCli } from './runCli';

const job: CliJob = { model: 'm.onnx', output: 'm.4bit.onnx', how: { bits: 4 }, format: 'exact' };
const shellWords = (line: string): unknown => JSON.parse(execFileSync(
  'sh', ['-c', `set -- ${line}; node -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- "$@"`], { encoding: 'utf8' },
));

describe('the line', () => {
  test('names a plan, or says the settings in the order of plans', () => {
    expect(cliArguments({ ...job, how: 'm.onnx.quant.json' }).join(' '))
      .toBe('quantscope quantize m.onnx --plan m.onnx.quant.json -o m.4bit.onnx');
    expect(cliArguments({ ...job, how: { granularity: 'tensor', bits: 3, method: 'msptq' }, format: 'qdq' }).join(' '))
      .toBe('quantscope quantize m.onnx --method msptq --bits 3 --granularity tensor --format qdq -o m.4bit.onnx');
  });

  test('leaves out what the method does not look at, of which the command line would warn', () => {
    expect(cliArguments({ ...job, how: { method: 'sptq', bits: 4, grid: 'affine', support: 'aciq', fit: 'model' } }).join(' '))
      .toBe('quantscope quantize m.onnx --method sptq --bits 4 --fit model -o m.4bit.onnx');
  });

  test('is understood by the command line', () => {
    const settings: PartialSettings = { method: 'uniform', bits: 4, granularity: 'block:32', grid: 'affine', support: 'abs-max' };
    const [, ...argv] = cliArguments({ ...job, model: '-odd.onnx', how: settings });
    const selection = { settings, layers: [] };
    expect(parseArguments(argv)).toMatchObject({ model: './-odd.onnx', output: 'm.4bit.onnx', selection });
  });

  test.runIf(process.platform !== 'win32').each([
    'my model.onnx', "it's.onnx", '$(touch x).onnx', '`id`.onnx', 'a"b.onnx', 'a\\b.onnx', '~.onnx',
    'ünï*?[1].onnx', '!x&;|<>.onnx', '#.onnx',
  ])('keeps %s one word in a POSIX shell', (model) => {
    const args = cliArguments({ ...job, model });
    expect(shellWords(shellLine(args, '/bin/zsh'))).toEqual(args);
  });

  test.each([
    ['C:\\Windows\\System32\\cmd.exe', 'quantscope "my model\'s.onnx"'],
    ['C:\\Program Files\\PowerShell\\7\\pwsh.exe', "quantscope 'my model''s.onnx'"],
    ['powershell', "quantscope 'my model''s.onnx'"],
    ['', "quantscope 'my model'\\''s.onnx'"],
  ])('is quoted as %s wants it', (shell, line) => expect(shellLine(['quantscope', "my model's.onnx"], shell)).toBe(line));
});

describe.runIf(process.platform !== 'win32')('run in a shell, the line writes the copy that the editor writes', () => {
  let bundle: Bundle;
  let folder: string;
  const name = "it's my model.onnx";

  beforeAll(() => {
    bundle = bundleCli();
    folder = mkdtempSync(join(tmpdir(), 'quantscope-line-'));
    mkdirSync(join(folder, 'bin'));
    const script = join(folder, 'bin/quantscope');
    writeFileSync(script, `#!/bin/sh\nexec "${process.execPath}" "${join(bundle.folder, 'main.js')}" "$@"\n`);
    chmodSync(script, 0o755);
    writeModel(folder, name, buildModel({
      inputs: [{ name: 'x', dims: ['n', 64] }], outputs: [{ name: 'z', dims: ['n', 32] }],
      initializers: [
        { name: 'fc1', dims: [64, 64], data: laplacian(64 * 64, 1) },
        { name: 'fc2', dims: [64, 32], data: laplacian(64 * 32, 2) },
      ],
      nodes: [{ op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['y'] }, { op: 'MatMul', inputs: ['y', 'fc2'], outputs: ['z'] }],
    }));
  });
  afterAll(() => {
    bundle.remove();
    rmSync(folder, { recursive: true });
  });

  const defaults: PartialSettings = { method: 'msptq', bits: 3, granularity: 'tensor' };
  test.each<[string, Partial<QuantizationPlan>, PartialSettings | null]>([
    ['from a plan', { defaults: { bits: 5 }, layers: { fc2: { bits: 2, grid: 'affine' } } }, null],
    ['from settings', { defaults }, defaults],
  ])('%s', async (_, parts, settings) => {
    const plan = { ...emptyPlan(name), ...parts };
    const path = join(folder, name);
    writeFileSync(`${path}.quant.json`, stringifyPlan(plan));
    const jobs = coreJobs();
    const { layers } = await jobs.openModel({}, { path });
    const editors = join(folder, `editor ${settings === null}.onnx`);
    const target = { path: editors, format: 'exact', force: false, verify: false } as const;
    await jobs.quantizeModel({}, { path }, resolvePlan(plan, layers), target);

    const output = `shell ${settings === null}.onnx`;
    const how = settings ?? `${name}.quant.json`;
    const line = shellLine(cliArguments({ model: name, output, how, format: 'exact' }), '/bin/sh');
    const env = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
    execFileSync('sh', ['-c', line], { cwd: folder, env });
    expect(readFileSync(join(folder, output)).equals(readFileSync(editors))).toBe(true);
  });
});
