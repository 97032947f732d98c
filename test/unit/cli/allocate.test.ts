import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, seededRandom, writeModel } from '../../fixtures/modelBuilder';
import { useCli, type Finished } from './runCli';

const shell = useCli();
beforeEach(() => {
  const chain = [0, 1, 2, 3].map((i) => ({ op: 'MatMul', inputs: [`x${i}`, `fc${i}.weight`], outputs: [`x${i + 1}`] }));
  writeModel(shell.folder, 'model.onnx', buildModel({
    inputs: [{ name: 'x0', dims: ['batch', 40] }],
    outputs: [{ name: 'x4', dims: ['batch', 40] }],
    initializers: [0, 1, 2, 3].map((i) => ({ name: `fc${i}.weight`, dims: [40, 40], data: laplacian(1600, i + 1, 0.05 * 3 ** i) })),
    nodes: chain,
  }));
});

interface Allocated {
  layers: { name: string; bits: number | null; sqnrDb: number; bytesAfter: number }[];
  total: { bytesAfter: number; averageBits: number };
  optimal: boolean;
}

const cli = (line: string): Promise<Finished> => shell.run(line.split(' '));
const allocate = async (options: string): Promise<Allocated> => {
  const finished = await cli(`allocate model.onnx -o plan.json --force --json ${options}`);
  expect(finished.stderr).toBe('');
  return JSON.parse(finished.stdout) as Allocated;
};

describe('allocate', () => {
  test('keeps to average bits with a plan that quantize follows to the byte', async () => {
    const { layers, total, optimal } = await allocate('--average-bits 4');
    expect(total.averageBits).toBeLessThanOrEqual(4);
    expect(total.averageBits).toBeGreaterThan(3.7);
    expect(optimal).toBe(true);
    const finished = await cli('quantize model.onnx --plan plan.json -o copy.onnx --verify --json');
    expect(finished.stderr).toBe('');
    const written = JSON.parse(finished.stdout) as {
      layers: { name: string; bits: number; sqnrDb: number }[];
    };
    expect(written.layers.map(({ name, bits }) => [name, bits])).toEqual(layers.map(({ name, bits }) => [name, bits]));
    written.layers.forEach(({ sqnrDb }, i) => expect(sqnrDb).toBeCloseTo(layers[i]!.sqnrDb, 9));
    expect(statSync(join(shell.folder, 'copy.onnx')).size).toBe(total.bytesAfter);
  });

  const cntk = join(__dirname, '../../../../shared/models/mnist_cntk.onnx');
  test.skipIf(!existsSync(cntk))('tells of every layer what it takes in the copy, which shares tables among layers', async () => {
    const { stdout } = await cli(`allocate ${cntk} -o plan.json --json --average-bits 5 --method msptq`);
    const told = JSON.parse(stdout) as Allocated;
    const copy = JSON.parse((await cli(`preview ${cntk} --plan plan.json --json`)).stdout) as Pick<Allocated, 'layers'>;
    expect(told.layers.map(({ bytesAfter }) => bytesAfter)).toEqual(copy.layers.map(({ bytesAfter }) => bytesAfter));
  });

  test.each(['--method msptq', '--method subset --format fast', '--format qdq'])('tells of every layer what it takes in the copy: %s', async (options) => {
    const { layers, total } = await allocate(`--average-bits 4 ${options}`);
    const format = /--format \w+/.exec(options)?.[0] ?? '--format exact';
    const { stdout } = await cli(`preview model.onnx --plan plan.json --json ${format}`);
    const copy = JSON.parse(stdout) as Pick<Allocated, 'layers' | 'total'>;
    expect(layers.map(({ bytesAfter }) => bytesAfter)).toEqual(copy.layers.map(({ bytesAfter }) => bytesAfter));
    expect(total.bytesAfter).toBe(copy.total.bytesAfter);
    const told = (await cli(`allocate model.onnx -o plan.json --force --average-bits 4 ${options}`)).stdout;
    expect(told.includes('which a plan does not hold')).toBe(options.includes('--format'));
  });

  test('decides by errors of outputs on calibration data, which the plan then names', async () => {
    const random = seededRandom(5);
    const inputs = Float32Array.from({ length: 64 * 40 }, (_, i) => (i % 40 < 4 ? 8 : 0.1) * (random() - 0.5));
    writeFileSync(join(shell.folder, 'inputs.npy'), npyFloats([64, 40], inputs));
    const byWeights = await allocate('--average-bits 4');
    const byOutputs = await allocate('--average-bits 4 --by calibrated --calibration inputs.npy --calibration-samples 48');
    expect(byOutputs.total.averageBits).toBeLessThanOrEqual(4);
    const plan = JSON.parse(readFileSync(join(shell.folder, 'plan.json'), 'utf8')) as { calibration: unknown };
    expect(plan.calibration).toEqual({ inputs: 'inputs.npy', samples: 48 });
    mkdirSync(join(shell.folder, 'a/b/c'), { recursive: true });
    await cli('allocate model.onnx --average-bits 4 --by calibrated --calibration inputs.npy -o a/b/c/plan.json');
    const farAway = JSON.parse(readFileSync(join(shell.folder, 'a/b/c/plan.json'), 'utf8')) as { calibration: unknown };
    expect(farAway.calibration).toEqual({ inputs: join(realpathSync(shell.folder), 'inputs.npy') });
    const previewed = JSON.parse((await cli('preview model.onnx --plan plan.json --json')).stdout) as {
      layers: { outputSqnrDb: number; sqnrDb: number }[];
    };
    // The first layer has the network's own inputs, whatever became of the others.
    expect(byOutputs.layers[0]!.sqnrDb).toBeCloseTo(previewed.layers[0]!.outputSqnrDb, 9);
    expect(byWeights.layers[0]!.sqnrDb).not.toBeCloseTo(byOutputs.layers[0]!.sqnrDb, 1);
  });

  test('keeps to the size of a copy in another format', async () => {
    for (const format of ['qdq', 'fast']) {
      const { total } = await allocate(`--max-bytes 9000 --format ${format}`);
      expect(total.bytesAfter).toBeLessThanOrEqual(9000);
      await cli(`quantize model.onnx --plan plan.json --format ${format} -o copy.onnx --force`);
      expect(statSync(join(shell.folder, 'copy.onnx')).size).toBe(total.bytesAfter);
    }
  });

  test('keeps to a size on disk', async () => {
    const small = await allocate('--max-bytes 6500');
    const large = await allocate('--max-bytes 9000');
    expect(small.total.bytesAfter).toBeLessThanOrEqual(6500);
    expect(large.total.bytesAfter).toBeLessThanOrEqual(9000);
    expect(large.total.averageBits).toBeGreaterThan(small.total.averageBits);
    expect((await allocate('--max-bytes 9KB')).total).toEqual((await allocate('--max-bytes 9216')).total);
    const bytesBefore = statSync(join(shell.folder, 'model.onnx')).size;
    expect((await allocate('--max-bytes 20%')).total).toEqual((await allocate(`--max-bytes ${Math.floor(0.2 * bytesBefore)}`)).total);
  });

  test('tells the least size to the byte, as it is to be typed', async () => {
    const refused = async (bytes: number): Promise<Finished> => cli(`allocate model.onnx -o plan.json --max-bytes ${bytes}`);
    const least = Number(/The least is .* \((\d+) bytes\), 2\.00 bits on average/.exec((await refused(100)).stderr)?.[1]);
    expect((await refused(least - 1)).code).toBe(2);
    expect((await allocate(`--max-bytes ${least}`)).total.bytesAfter).toBe(least);
  });

  test('says how many layers it was not asked to choose for, where that leaves too much', async () => {
    const { stderr } = await cli('allocate model.onnx -o plan.json --max-bytes 100 --layers fc1.weight');
    expect(stderr).toMatch(/The least is .* bits on average, with \d+ layers in float that the plan leaves out/);
    expect((await cli('allocate model.onnx -o plan.json --max-bytes 100')).stderr).not.toContain('leaves out');
  });

  test('reaches an SQNR in every layer with as few bits as do', async () => {
    const { layers } = await allocate('--min-sqnr 20');
    expect(layers.every(({ sqnrDb }) => sqnrDb >= 20)).toBe(true);
    const narrower = Math.max(...layers.map(({ bits }) => bits!)) - 1;
    const previewed = JSON.parse((await cli(`preview model.onnx --bits ${narrower} --json`)).stdout) as { layers: { sqnrDb: number }[] };
    expect(previewed.layers.some(({ sqnrDb }) => sqnrDb < 20)).toBe(true);
  });

  test('tells of a layer that saves less than its tables take what the copy has: float', async () => {
    writeModel(shell.folder, 'small.onnx', buildModel({
      initializers: [{ name: 'w', dims: [84, 10], data: laplacian(840, 1), dtype: 'float16' }], nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }));
    const options = 'small.onnx --method lloyd-max --min-sqnr 19 --force';
    const found = JSON.parse((await cli(`allocate ${options} -o plan.json --json`)).stdout) as Allocated;
    expect(found).toMatchObject({
      layers: [{ name: 'w', bits: null, bytesBefore: 1680, bytesAfter: 1680 }], optimal: false, skipped: [{ name: 'w', reason: 'not-smaller' }],
    });
    expect((await cli(`allocate ${options} -o plan.json`)).stdout).toMatch(/^w +float +inf +1.6 KB +1.6 KB$/m);
    expect(JSON.parse(readFileSync(join(shell.folder, 'plan.json'), 'utf8'))).toMatchObject({ layers: { w: 'float' } });
  });

  test('gives layers of longer code more bits', async () => {
    const { layers } = await allocate('--average-bits 4 --by coding-length');
    const bits = layers.map((layer) => layer.bits!);
    expect(bits).toEqual([...bits].sort((a, b) => a - b));
    expect(bits[3]).toBeGreaterThan(bits[0]!);
  });

  test('keeps the first and the last layer at the width that is told', async () => {
    const bits = async (options: string): Promise<(number | null)[]> => (await allocate(options)).layers.map((each) => each.bits);
    const [first, , , last] = await bits('--average-bits 5 --ends 8');
    expect([first, last]).toEqual([8, 8]);
    expect((await bits('--average-bits 5')).every((each) => each === 8)).toBe(false);
    expect(await bits('--min-sqnr 20 --ends 3 --by sqnr --layers fc1.*')).not.toContain(3);
  });

  test('keeps the settings it was given', async () => {
    await allocate('--min-sqnr 15 --method lloyd-max --granularity tensor --layers fc1.weight --layers fc2.*');
    const plan = JSON.parse(readFileSync(join(shell.folder, 'plan.json'), 'utf8')) as { layers: Record<string, unknown> };
    expect(plan).toMatchObject({ model: 'model.onnx', layers: {
      'fc1.weight': { method: 'lloyd-max', granularity: 'tensor' }, 'fc2.weight': { method: 'lloyd-max', granularity: 'tensor' },
    } });
    expect(Object.keys(plan.layers)).toEqual(['fc1.weight', 'fc2.weight']);
  });

  test.each([
    ['-o p.json', /needs one of --average-bits/],
    ['--average-bits 4 --max-bytes 9 -o p.json', /--max-bytes and --min-sqnr exclude each other/],
    ['--average-bits 4', /needs -o PLAN/],
    ['--average-bits zero -o p.json', /--average-bits needs a number above 0, not "zero"/],
    ['--average-bits 1.5 -o p.json', /No choice of bit widths .* 2\.00 bits on average/],
    ['--min-sqnr 90 -o p.json', /No bit width of any layer reaches that SQNR .* The most is \d+\.\d dB/],
    ['--max-bytes 20dB -o p.json', /--max-bytes needs a size such as 300KB or 1\.2MB, or a share of the model's such as 25%, not "20dB"/],
    ['--max-bytes 100 -o p.json', /No choice of bit widths .* The least is /],
    ['--average-bits 4 --ends 9 -o p.json', /--ends is a bit width from 2 to 8, not "9"/],
    ['--average-bits 3 --ends 8 -o p.json', /No choice of bit widths/],
    ['--average-bits 4 --by calibrated -o p.json', /name inputs with --calibration FILE, or in the plan/],
    ['--average-bits 4 --rounding gptq -o p.json', /The rounding "gptq" of a layer needs calibration data \(--rounding\)/],
    ['--average-bits 4 --by taste -o p.json', /--by is one of sqnr, coding-length, calibrated, not "taste"/],
    ['--min-sqnr 20 --by coding-length -o p.json', /--min-sqnr goes with --by sqnr/],
    ['--average-bits 4 --method best -o p.json', /one method/],
    ['--average-bits 4 --bits 3 -o p.json', /allocate has no option --bits/],
    ['--average-bits 4 -o model.onnx', /./],
    ['--average-bits 4 -o no/where/p.json', /^quantscope: There is no folder no\/where\. /],
  ])('refuses %s', async (options, line) => {
    const model = readFileSync(join(shell.folder, 'model.onnx'));
    const { code, stdout, stderr } = await cli(`allocate model.onnx ${options}`);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
    expect(existsSync(join(shell.folder, 'p.json'))).toBe(false);
    expect(readFileSync(join(shell.folder, 'model.onnx')).equals(model)).toBe(true);
  });

  test.each([
    ['a rounding', '"defaults":{"rounding":"gptq"}', /The rounding "gptq" of a layer needs calibration data \(tensor fc0\.weight\)/],
    ['correction of biases', '"defaults":{},"biasCorrection":true', /Correcting biases needs calibration data/],
  ])('writes no plan with %s that quantize would refuse for want of data', async (_, entries, line) => {
    writeFileSync(join(shell.folder, 'given.json'), `{"version":1,"model":"model.onnx",${entries}}`);
    const { code, stderr } = await cli('allocate model.onnx --average-bits 4 --plan given.json -o p.json');
    expect([code, stderr]).toEqual([2, expect.stringMatching(line)]);
    expect(existsSync(join(shell.folder, 'p.json'))).toBe(false);
    writeFileSync(join(shell.folder, 'inputs.npy'), npyFloats([8, 40], laplacian(320, 7)));
    expect(await cli('allocate model.onnx --average-bits 4 --plan given.json --calibration inputs.npy -o p.json')).toMatchObject({ code: 0 });
  });

  test('never takes the place of the model’s external data, told to replace or not', async () => {
    const data = laplacian(1600, 1);
    writeModel(shell.folder, 'external.onnx', buildModel({
      initializers: [{ name: 'w', dims: [40, 40], data, form: 'external', file: 'weights.bin' }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }));
    const { code, stderr } = await cli('allocate external.onnx --average-bits 4 -o weights.bin --force');
    expect(stderr).toMatch(/^quantscope: This would overwrite the model or its weights \(weights\.bin\)/);
    expect(code).not.toBe(0);
    expect(readFileSync(join(shell.folder, 'weights.bin'))).toEqual(Buffer.from(data.buffer));
  });

  test('says that the plan it was given is for another model, as preview does, and names its own', async () => {
    const plan = (model: string): void => writeFileSync(join(shell.folder, 'given.json'), JSON.stringify({ version: 1, model, defaults: {} }));
    const commands = ['allocate model.onnx --average-bits 4 --plan given.json -o p.json --force', 'preview model.onnx --plan given.json'];
    const warnings = async (): Promise<string[]> => Promise.all(commands.map(async (line) => (await cli(line)).stderr));
    plan('other.onnx');
    const warning = 'quantscope: warning: the plan is for other.onnx, not for model.onnx\n';
    expect(await warnings()).toEqual([warning, warning]);
    expect(JSON.parse(readFileSync(join(shell.folder, 'p.json'), 'utf8'))).toMatchObject({ model: 'model.onnx' });
    plan('model.onnx');
    expect(await warnings()).toEqual(['', '']);
  });

  test('takes a plan that begins with a byte order mark', async () => {
    writeFileSync(join(shell.folder, 'marked.json'), `\ufeff${JSON.stringify({ version: 1, model: 'model.onnx', defaults: {} })}`);
    expect(await cli('allocate model.onnx --average-bits 4 --plan marked.json -o p.json --force')).toMatchObject({ code: 0, stderr: '' });
  });

  test('replaces a plan only when told to', async () => {
    writeFileSync(join(shell.folder, 'plan.json'), 'mine');
    expect((await cli('allocate model.onnx --average-bits 4 -o plan.json')).code).toBe(2);
    writeFileSync(join(shell.folder, 'bare.json'), '{"version":1,"model":"model.onnx","defaults":{}}');
    for (const options of ['--by calibrated', '--by calibrated --plan bare.json']) {
      const { code, stderr } = await cli(`allocate model.onnx --average-bits 4 -o plan.json ${options}`);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/name inputs with --calibration FILE, or in the plan/)]);
    }
    expect(readFileSync(join(shell.folder, 'plan.json'), 'utf8')).toBe('mine');
  });
});
