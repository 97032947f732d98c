import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { idxFile, npyFloats } from '../../fixtures/inputFiles';
import { useCli, type Finished } from './runCli';
import { INSPECT_DOCUMENT, REPORT_DOCUMENT, shapeDifferences } from './shapes';

const shell = useCli();

const cli = (line: string): Promise<Finished> => shell.run(line.split(' '));
const json = ({ stdout }: Finished): unknown => JSON.parse(stdout);

interface Report {
  layers: Record<string, unknown>[];
  total: { bytesBefore: number; bytesAfter: number; averageBits: number; sqnrDb: number | null };
  skipped: { name: string; scope: string; reason: string }[];
  output: string | null;
  verified: { maxAbsDifference: number; wholeModel: string } | null;
  calibrationSamples: number | null;
}
const report = (finished: Finished): Report => json(finished) as Report;

/** Two layers worth quantizing, one too small, one with a NaN and one in integers. */
function writeFixture(): void {
  const broken = laplacian(32 * 32, 4);
  broken[17] = NaN;
  writeModel(shell.folder, 'model.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 64] }],
    outputs: [{ name: 'y', dims: ['batch', 1] }, { name: 'z', dims: ['batch', 32] }],
    initializers: [
      { name: 'enc/fc1.weight', dims: [64, 48], data: laplacian(64 * 48, 1) },
      { name: 'fc2.weight', dims: [48, 32], data: laplacian(48 * 32, 2) },
      { name: 'tiny.weight', dims: [32, 1], data: laplacian(32, 3) },
      { name: 'broken.weight', dims: [32, 32], data: broken },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'enc/fc1.weight'], outputs: ['h1'], name: 'first' },
      { op: 'MatMul', inputs: ['h1', 'fc2.weight'], outputs: ['h2'] },
      { op: 'MatMul', inputs: ['h2', 'tiny.weight'], outputs: ['y'] },
      { op: 'MatMul', inputs: ['h2', 'broken.weight'], outputs: ['z'] },
    ],
  }));
}

function expectRefused({ code, stdout, stderr }: Finished, line: string | RegExp): void {
  expect(stderr).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

describe('inspect', () => {
  beforeEach(writeFixture);

  test('prints one JSON document of the promised shape', async () => {
    const finished = await cli('inspect model.onnx --json --bins 16');
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(shapeDifferences(json(finished), INSPECT_DOCUMENT)).toEqual([]);
    expect(json(finished)).toMatchObject({
      model: { path: 'model.onnx', bytes: statSync(join(shell.folder, 'model.onnx')).size, opsets: { '': 13 } },
      layers: [
        { index: 0, name: 'enc/fc1.weight', scope: '', op: 'MatMul', node: 'first', dims: [64, 48], elements: 3072, bytes: 12288,
          quantizable: true, reason: null, statistics: { count: 3072, nan: 0 } },
        { name: 'fc2.weight' },
        { name: 'tiny.weight' },
        { name: 'broken.weight', statistics: { count: 1024, nan: 1 } },
      ],
    });
  });

  test('counts every finite weight into as many bins as asked for', async () => {
    const { layers } = json(await cli('inspect model.onnx --json --bins 16 --layer broken.weight')) as {
      layers: { histogram: { counts: number[] } }[];
    };
    expect(layers).toHaveLength(1);
    const { counts } = layers[0]!.histogram;
    expect(counts).toHaveLength(16);
    expect(counts.reduce((sum, n) => sum + n)).toBe(1023);
  });

  test('prints a table for people', async () => {
    const { code, stdout, stderr } = await cli('inspect model.onnx');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^model\.onnx: quantscope-fixtures, IR 7, opset ai\.onnx 13, 4 layers, 5,664 weights, /);
    expect(stdout).toMatch(/^enc\/fc1\.weight +MatMul +64x48 +float32 +3,072 /m);
    expect(stdout).toMatch(/ KS +Left alone because\n/);
    expect(stdout).toMatch(/^\S+ +.* it contains NaN or infinite weights$/m);
    expect(stdout).toMatch(/\n\nb: scale of the Laplacian .*; KS: .*\n$/);
  });

  test('says of a missing file once how many layers are in it', async () => {
    const files = { a: 'lost.bin', b: 'kept.bin', c: 'lost.bin', d: 'gone.bin' };
    writeModel(shell.folder, 'split.onnx', buildModel({
      initializers: Object.entries(files).map(([name, file]) => ({ name, dims: [8, 8], data: laplacian(64, 1), form: 'external', file })),
      nodes: Object.keys(files).map((name) => ({ op: 'MatMul', inputs: ['x', name], outputs: [`${name}x`] })),
    }));
    for (const file of ['lost.bin', 'gone.bin']) rmSync(join(shell.folder, file));
    const { code, stderr, stdout } = await cli('inspect split.onnx --json');
    expect(code).toBe(0);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^quantscope: 2 layers: A file with external data is missing \(lost\.bin\)/),
      expect.stringMatching(/^quantscope: A file with external data is missing \(gone\.bin\)/),
    ]);
    const { layers } = JSON.parse(stdout) as { layers: { statistics: unknown }[] };
    expect(layers.map(({ statistics }) => statistics !== null)).toEqual([false, true, false, false]);
  });

  test('shows the layers that match', async () => {
    const { layers } = json(await cli('inspect model.onnx --json --layer *fc?.weight')) as { layers: { name: string }[] };
    expect(layers.map(({ name }) => name)).toEqual(['enc/fc1.weight', 'fc2.weight']);
  });

  test('suggests the layer that was meant', async () => {
    const finished = await cli('inspect model.onnx --layer fc2.wieght');
    expectRefused(finished, 'no layer named "fc2.wieght" (--layer). Did you mean "fc2.weight"?');
  });
});

describe('preview', () => {
  test('names the layers that nobody asked for while they are few, and counts them where they are many', async () => {
    const many = (count: number): void => void writeModel(shell.folder, 'many.onnx', buildModel({
      inputs: [{ name: 'x0', dims: ['batch', 16] }],
      initializers: Array.from({ length: count }, (_, i) => ({ name: `w${i}`, dims: [16, 16], data: laplacian(256, i + 1) })),
      nodes: Array.from({ length: count }, (_, i) => ({ op: 'MatMul', inputs: [`x${i}`, `w${i}`], outputs: [`x${i + 1}`] })),
    }));
    const left = async (): Promise<string> => (await cli('preview many.onnx --layers w0 --bits 2 --granularity tensor')).stdout.split('Left as they are:\n')[1]!;
    many(9);
    expect((await left()).match(/^ {2}w\d: it is kept in float$/gm)).toHaveLength(8);
    many(10);
    expect(await left()).toBe('  9 layers that are kept in float\n');
  });

  beforeEach(writeFixture);

  test('tells errors and sizes of the promised shape, and writes nothing', async () => {
    const finished = await cli('preview model.onnx --bits 8 --json');
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(shapeDifferences(json(finished), REPORT_DOCUMENT)).toEqual([]);
    expect(report(finished)).toMatchObject({
      layers: [{ name: 'enc/fc1.weight', bits: 8, granularity: 'channel' }, { name: 'fc2.weight' }],
      skipped: [{ name: 'broken.weight', reason: 'not-finite' }, { name: 'tiny.weight', reason: 'not-smaller' }],
      output: null,
      verified: null,
    });
    expect(readdirSync(shell.folder)).toEqual(['model.onnx']);
  });

  test('totals the SQNR over the weights of all layers', async () => {
    const { layers, total } = report(await cli('preview model.onnx --bits 8 --json'));
    const powers = layers.map(({ mse, sqnrDb, name }) => {
      const noise = (mse as number) * (name === 'fc2.weight' ? 48 * 32 : 64 * 48);
      return { noise, signal: noise * 10 ** ((sqnrDb as number) / 10) };
    });
    const sum = (part: 'signal' | 'noise'): number => powers.reduce((all, power) => all + power[part], 0);
    expect(total.sqnrDb).toBeCloseTo(10 * Math.log10(sum('signal') / sum('noise')), 9);
  });

  test('quantizes only the layers that match', async () => {
    const { layers, skipped } = report(await cli('preview model.onnx --bits 8 --layers enc/* --json'));
    expect(layers.map(({ name }) => name)).toEqual(['enc/fc1.weight']);
    expect(skipped).toContainEqual({ name: 'fc2.weight', scope: '', reason: 'float-in-plan' });
    expectRefused(await cli('preview model.onnx --layers dec*'), 'no layer named "dec*" (--layers)');
  });

  test('follows a plan file', async () => {
    const layers = { 'fc2.weight': 'float', 'enc/fc1.weight': { bits: 5 } };
    const plan = { version: 1, model: 'model.onnx', defaults: { bits: 6 }, layers };
    writeFileSync(join(shell.folder, 'plan.json'), JSON.stringify(plan));
    const { layers: quantized } = report(await cli('preview model.onnx --plan plan.json --json'));
    expect(quantized.map(({ name, bits }) => [name, bits])).toEqual([['enc/fc1.weight', 5]]);
  });

  test('refuses a plan with a mistake, naming its place', async () => {
    writeFileSync(join(shell.folder, 'plan.json'), '{"version":1,"model":"m","defaults":{"bits":44},"layers":{"fc2.wight":"float"}}');
    const finished = await cli('preview model.onnx --plan plan.json');
    expectRefused(finished, 'no layer named "fc2.wight" (plan.json, layers["fc2.wight"])');
    expectRefused(await cli('preview model.onnx --plan none.json'), 'There is no such file (none.json)');
  });

  test('warns of symmetric abs-max at 2 bits, and only then', async () => {
    const ruinous = await cli('preview model.onnx --bits 2 --grid symmetric --support abs-max --json');
    expect(ruinous.code).toBe(0);
    expect(ruinous.stderr).toMatch(/^quantscope: warning: symmetric abs-max .*\n$/);
    expect(report(ruinous).layers.length).toBeGreaterThan(0);
    expect((await cli('preview model.onnx --bits 2 --support abs-max')).stderr).toBe('');
  });

  test.each([
    ['--method sptq --grid affine', ['--grid changes nothing: sptq does not look at it']],
    ['--method lloyd-max --bits 3 --support aciq --fit model', ['--support changes nothing: lloyd-max does not look at it']],
    ['--fit model', ['--fit changes nothing: uniform does not look at it']],
    ['--method subset --bits 4 --fit model --grid affine', ['--grid changes nothing: subset', '--fit changes nothing: subset']],
    ['--method n2uq --fit model', []],
    ['--grid affine --support aciq', []],
    ['--method best --grid affine --fit model', []],
  ])('warns of options that %s has no use for', async (options, warnings) => {
    const { code, stderr } = await cli(`preview model.onnx ${options}`);
    expect(code).toBe(0);
    const lines = stderr.split('\n').slice(0, -1);
    expect(lines).toHaveLength(warnings.length);
    warnings.forEach((warning, i) => expect(lines[i]).toContain(`quantscope: warning: ${warning}`));
  });

  test('tells that a layer is quantized per tensor where its output channels are not known', async () => {
    writeModel(shell.folder, 'tied.onnx', buildModel({
      inputs: [{ name: 'x', dims: ['batch', 64] }],
      outputs: [{ name: 'y', dims: ['batch', 64] }],
      initializers: [{ name: 'tied', dims: [64, 64], data: laplacian(64 * 64, 1) }, { name: 'own', dims: [64, 64], data: laplacian(64 * 64, 2) }],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'tied'], outputs: ['a'] },
        { op: 'Gemm', inputs: ['a', 'tied'], outputs: ['b'], attributes: { transB: 1 } },
        { op: 'MatMul', inputs: ['b', 'own'], outputs: ['y'] },
      ],
    }));
    const { stdout } = await cli('preview tied.onnx --bits 4');
    expect(stdout).toMatch(/^tied +uniform +4 +tensor /m);
    expect(stdout).toMatch(/^own +uniform +4 +channel /m);
    expect(stdout).toMatch(/\n\nOne codebook for the whole tensor:\n {2}tied: its output channels are not known\n$/);
    expect(report(await cli('preview tied.onnx --bits 4 --json')).layers).toMatchObject(
      [{ name: 'tied', granularity: 'tensor' }, { name: 'own', granularity: 'channel' }],
    );
    expect(report(await cli('preview tied.onnx --bits 4 --granularity block:32 --json')).layers).toMatchObject(
      [{ granularity: 'block:32' }, { granularity: 'block:32' }],
    );
  });
});

describe('--method best', () => {
  beforeEach(writeFixture);

  const withGains = {
    ...REPORT_DOCUMENT,
    layers: REPORT_DOCUMENT.layers.map((layer) => ({ ...layer, gainDb: 0 })),
    total: { ...REPORT_DOCUMENT.total, gainDb: 0 },
  };

  test('says for each layer and in total what it gains over uniform', async () => {
    const uniform = report(await cli('preview model.onnx --bits 4 --granularity tensor --json'));
    const finished = await cli('preview model.onnx --bits 4 --granularity tensor --method best --json');
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(shapeDifferences(json(finished), withGains)).toEqual([]);
    const best = report(finished) as Report & { total: { gainDb: number } };
    expect(best.skipped).toEqual(uniform.skipped);
    expect(best.layers.map(({ name, bits }) => [name, bits])).toEqual([['enc/fc1.weight', 4], ['fc2.weight', 4]]);
    best.layers.forEach(({ sqnrDb, gainDb, method }, i) => {
      expect(method).not.toBe('uniform');
      expect((sqnrDb as number) - (gainDb as number)).toBeCloseTo(uniform.layers[i]!.sqnrDb as number, 9);
    });
    expect(best.total.gainDb).toBeGreaterThan(1);
    expect(best.total.sqnrDb! - best.total.gainDb).toBeCloseTo(uniform.total.sqnrDb!, 9);
  });

  test('shows the gain in the table, and where a codebook is shared', async () => {
    const { stdout } = await cli('preview model.onnx --bits 4 --method best');
    expect(stdout).toMatch(/^Layer +Method +Bits +Per +SQNR dB +Gain dB +Predicted dB +Max error/);
    expect(stdout).toMatch(/\n\nPredicted dB: the SQNR of the same [^]*?\n\n2 of 4 layers/);
    expect(stdout).toMatch(/SQNR [\d.]+ dB, \+[\d.]+ dB against uniform \(error of the weights, not accuracy\)$/m);
    expect(stdout.includes('One codebook for the whole tensor:')).toBe(/^\S+ +subset +4 +tensor/m.test(stdout));
  });

  test('writes a copy that ONNX Runtime reads as meant', async () => {
    const quantized = report(await cli('quantize model.onnx -o out.onnx --bits 3 --granularity tensor --method best --verify --json'));
    expect(quantized.verified).toEqual({ maxAbsDifference: 0, wholeModel: 'ran' });
    expect(quantized.layers.every(({ gainDb }) => (gainDb as number) > 0)).toBe(true);
    expect(statSync(join(shell.folder, 'out.onnx')).size).toBe(quantized.total.bytesAfter);
  });

  test('is no setting of a plan', async () => {
    writeFileSync(join(shell.folder, 'plan.json'), '{"version":1,"model":"m","defaults":{"method":"best"}}');
    expectRefused(
      await cli('preview model.onnx --plan plan.json'),
      /"best" is a search, which a plan cannot hold \(plan\.json, defaults\.method\)\. Use the option --method best\./,
    );
  });
});

describe('quantize', () => {
  beforeEach(writeFixture);

  test('writes a verified copy of the promised size', async () => {
    const finished = await cli('quantize model.onnx -o out.onnx --bits 8 --verify --json');
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(shapeDifferences(json(finished), REPORT_DOCUMENT)).toEqual([]);
    const { total, output, verified } = report(finished);
    expect({ output, verified }).toEqual({ output: 'out.onnx', verified: { maxAbsDifference: 0, wholeModel: 'ran' } });
    expect(statSync(join(shell.folder, 'out.onnx')).size).toBe(total.bytesAfter);
    expect(readdirSync(shell.folder).sort()).toEqual(['model.onnx', 'out.onnx']);
  });

  test('promises in the preview what it then does', async () => {
    const preview = report(await cli('preview model.onnx --bits 4 --grid affine --json'));
    const quantized = report(await cli('quantize model.onnx -o out.onnx --bits 4 --grid affine --json'));
    expect(quantized).toEqual({ ...preview, output: 'out.onnx' });
  });

  test('writes the same bytes and prints the same text every time', async () => {
    const first = await cli('quantize model.onnx -o a.onnx --bits 5 --normalize model');
    const second = await cli('quantize model.onnx -o b.onnx --bits 5 --normalize model');
    expect(first.code).toBe(0);
    expect(second.stdout).toBe(first.stdout.replace('a.onnx', 'b.onnx'));
    expect(readFileSync(join(shell.folder, 'b.onnx')).equals(readFileSync(join(shell.folder, 'a.onnx')))).toBe(true);
  });

  test('says where the copy is and what stayed float', async () => {
    const { stdout } = await cli('quantize model.onnx -o out.onnx --verify');
    expect(stdout).toMatch(/^2 of 4 layers quantized: /m);
    expect(stdout).toMatch(/^ {2}broken\.weight: it contains NaN or infinite weights$/m);
    expect(stdout).toMatch(/^Wrote out\.onnx$/m);
    expect(stdout).toMatch(/^Verified: ONNX Runtime \(native|wasm\) reads 2 layers as meant, largest difference 0; .* runs$/m);
  });

  test('refuses its source and existing files, and replaces the latter when told to', async () => {
    const source = readFileSync(join(shell.folder, 'model.onnx'));
    writeFileSync(join(shell.folder, 'out.onnx'), 'mine');
    expectRefused(await cli('quantize model.onnx -o ./model.onnx --force'), 'overwrite the model or its weights');
    expectRefused(await cli('quantize model.onnx -o out.onnx'), 'There is a file of that name already (out.onnx)');
    // What is missing in the command line comes first.
    expectRefused(await cli('quantize model.onnx -o out.onnx --rounding gptq'), 'needs calibration data (--rounding)');
    expect(readFileSync(join(shell.folder, 'out.onnx'), 'utf8')).toBe('mine');
    expect(await cli('quantize model.onnx -o out.onnx --force')).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(join(shell.folder, 'out.onnx')).size).toBeGreaterThan(1000);
    expect(readFileSync(join(shell.folder, 'model.onnx')).equals(source)).toBe(true);
  });

  test('says that it is the plan which names calibration data that is not there', async () => {
    mkdirSync(join(shell.folder, 'plans'));
    writeFileSync(join(shell.folder, 'plans/p.json'), JSON.stringify({
      version: 1, model: 'model.onnx', calibration: { inputs: '../gone.npy' }, layers: { 'fc2.weight': { rounding: 'gptq' } },
    }));
    const refused = 'There is no such file (gone.npy, calibration.inputs)';
    for (const command of ['preview', 'evaluate', 'quantize -o out.onnx', 'allocate -o q.json --average-bits 4 --by calibrated']) {
      expectRefused(await cli(`${command} model.onnx --plan plans/p.json`), refused);
    }
    // Widths chosen by errors of weights need no data, nor does a command line that names its own.
    expect(await cli('allocate -o q.json --average-bits 30 model.onnx --plan plans/p.json')).toMatchObject({ code: 0 });
    writeFileSync(join(shell.folder, 'inputs.npy'), npyFloats([8, 64], laplacian(8 * 64, 9)));
    expect(await cli('preview model.onnx --plan plans/p.json --calibration inputs.npy')).toMatchObject({ code: 0 });
  });

  test('says how many calibration samples there were, fewer than were asked for', async () => {
    writeFileSync(join(shell.folder, 'inputs.npy'), npyFloats([20, 64], Float32Array.from(laplacian(20 * 64, 9))));
    const told = async (samples: number) => {
      const line = `preview model.onnx --calibration inputs.npy --calibration-samples ${samples}`;
      return [/^Calibrated on (.*)$/m.exec((await cli(line)).stdout)?.[1], (json(await cli(`${line} --json`)) as Report).calibrationSamples];
    };
    expect(await told(12)).toEqual(['12 samples', 12]);
    expect(await told(1000)).toEqual(['20 samples', 20]);
    expect((json(await cli('preview model.onnx --json')) as Report).calibrationSamples).toBe(null);
    writeFileSync(join(shell.folder, 'inputs.idx'), idxFile([20, 64], Array.from({ length: 20 * 64 }, (_, i) => i % 251)));
    expect((await cli('preview model.onnx --calibration inputs.idx')).stdout).toMatch(/^Calibrated on 20 samples, divided by 255$/m);
  });

  test('warns of layers that are rounded by fewer positions than they have inputs, as JSON too', async () => {
    writeFileSync(join(shell.folder, 'inputs.npy'), npyFloats([56, 64], Float32Array.from(laplacian(56 * 64, 9))));
    const lines = ['preview', 'preview --json', 'quantize -o out.onnx', 'evaluate --inputs inputs.npy'];
    const warned = async (settings: string): Promise<string[]> => {
      const told = [];
      for (const line of lines) told.push((await cli(`${line} model.onnx --layers *fc* --calibration inputs.npy ${settings}`)).stderr);
      return told;
    };
    for (const text of await warned('--rounding gptq')) {
      expect(text).toMatch(/^quantscope: warning: Rounded by fewer positions of the calibration data than layers have inputs: enc\/fc1\.weight \(56 for 64\)\. On other data /m);
    }
    rmSync(join(shell.folder, 'out.onnx'));
    expect((await warned('')).join('')).not.toContain('warning');
  });

  test('refuses a copy in which nothing would be quantized', async () => {
    expectRefused(await cli('quantize model.onnx -o out.onnx --layers tiny*'), /1 of \d: it would not get smaller/);
    expect(readdirSync(shell.folder)).toEqual(['model.onnx']);
  });

  test('refuses a folder in the place of the copy, told to replace it or not', async () => {
    mkdirSync(join(shell.folder, 'out'));
    for (const force of ['', ' --force']) {
      expectRefused(
        await cli(`quantize model.onnx -o out${force}`),
        /^quantscope: There is a folder of that name \(out\)\. Name a file in it, or choose another name\.\n$/,
      );
    }
    expect(readdirSync(join(shell.folder, 'out'))).toEqual([]);
  });

  test('refuses a folder that is not there', async () => {
    expectRefused(
      await cli('quantize model.onnx -o no/where/out.onnx'),
      /^quantscope: There is no folder no\/where\. Create it, or choose another\.\n$/,
    );
  });
});

describe('formats', () => {
  beforeEach(writeFixture);
  const CAVEAT = /^quantscope: note: Made for readers of DequantizeLinear: .*\n$/;

  test('qdq: a verified copy of the promised size, its caveat on standard error only', async () => {
    const preview = await cli('preview model.onnx --bits 4 --format qdq --json');
    const finished = await cli('quantize model.onnx -o out.onnx --bits 4 --format qdq --verify --json');
    expect([preview.stderr, finished.code]).toEqual(['', 0]);
    expect(finished.stderr).toMatch(CAVEAT);
    expect(shapeDifferences(json(finished), REPORT_DOCUMENT)).toEqual([]);
    const { layers, total, verified } = report(finished);
    expect(layers.map(({ name, format }) => [name, format])).toEqual([['enc/fc1.weight', 'qdq'], ['fc2.weight', 'qdq']]);
    expect(verified).toEqual({ maxAbsDifference: 0, wholeModel: 'ran' });
    expect(statSync(join(shell.folder, 'out.onnx')).size).toBe(total.bytesAfter);
    expect(report(preview).total).toEqual(total);
    expect(total.bytesAfter).toBeGreaterThan(report(await cli('preview model.onnx --bits 4 --json')).total.bytesAfter);
  });

  test('qdq names the layers that are stored exactly instead, and why', async () => {
    const layers = { 'enc/fc1.weight': { normalize: 'layer' } };
    writeFileSync(join(shell.folder, 'plan.json'), JSON.stringify({ version: 1, model: 'model.onnx', defaults: { bits: 8 }, layers }));
    const { stdout, stderr } = await cli('quantize model.onnx -o out.onnx --plan plan.json --format qdq');
    expect(stdout).toMatch(/ After +Format$/m);
    expect(stdout).toMatch(/^enc\/fc1\.weight .* exact$/m);
    expect(stdout).toMatch(/^fc2\.weight .* qdq$/m);
    expect(stdout).toMatch(/^Stored exactly, not as qdq:\n {2}enc\/fc1\.weight: its levels are shifted by a mean$/m);
    expect(stderr).toMatch(CAVEAT);
  });

  test('a copy that no layer of is in the format has no caveat', async () => {
    const { stdout, stderr } = await cli('quantize model.onnx -o out.onnx --normalize layer --format qdq');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Stored exactly, not as qdq:$/m);
  });

  test('fast: a verified copy of the promised size, its caveats on standard error only', async () => {
    const preview = await cli('preview model.onnx --bits 4 --format fast --json');
    const finished = await cli('quantize model.onnx -o out.onnx --bits 4 --format fast --verify --json');
    expect([preview.stderr, finished.code]).toEqual(['', 0]);
    expect(finished.stderr).toMatch(/^quantscope: .*in WebAssembly .* round activations to 8 bits.*\n$/);
    const { layers, total, verified } = report(finished);
    expect(layers.map(({ format }) => format)).toContain('fast');
    expect(verified).toEqual({ maxAbsDifference: 0, wholeModel: 'ran' });
    expect(statSync(join(shell.folder, 'out.onnx')).size).toBe(total.bytesAfter);
    expect(report(preview).total).toEqual(total);
  });

  test('exact says nothing of formats', async () => {
    const { stdout, stderr } = await cli('quantize model.onnx -o out.onnx --format exact');
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(/format|exact/i);
  });
});

describe('bad input', () => {
  test.each([
    ['empty.onnx', '', /The file is empty/],
    ['page.onnx', '<!DOCTYPE html><html></html>', /This is an HTML page/],
    ['text.onnx', 'no model at all, just words', /not an ONNX model/],
    ['lfs.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n', /Git LFS pointer/],
  ])('%s', async (name, content, line) => {
    writeFileSync(join(shell.folder, name), content);
    expectRefused(await cli(`inspect ${name} --json`), line);
  });

  test('a missing file, a folder and a truncated model', async () => {
    writeFixture();
    expectRefused(await cli('inspect none.onnx'), /There is no such file \(none\.onnx\)/);
    expectRefused(await cli('preview .'), /The file cannot be read/);
    writeFileSync(join(shell.folder, 'cut.onnx'), readFileSync(join(shell.folder, 'model.onnx')).subarray(0, 5000));
    expectRefused(await cli('inspect cut.onnx'), /The file ends before the model does/);
  });

  test('wrong usage', async () => {
    expectRefused(await cli('inspect model.onnx --jsn'), /^quantscope: inspect has no option --jsn\. Did you mean --json\?\n$/);
  });
});

test('help and version', async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { version: string };
  expect(await cli('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  const { code, stdout } = await cli('quantize --help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^quantscope quantize MODEL -o OUT/);
  expect(stdout).toContain('--format exact|fast|qdq ');
  expect(stdout).toMatch(/^Formats:\n {2}exact .*\n {2}fast .*\n {2}qdq .*DequantizeLinear.*$/m);
  expect(stdout).toContain('--support abs-max|max-pos|abs-min|jayant|hui|hui-neuhoff|aciq|mse');
  expect(stdout).toMatch(/--method uniform\|.*\|best$/m);
  expect((await cli('allocate --help')).stdout).toMatch(/--method uniform\|.*\|n2uq$/m);
});
