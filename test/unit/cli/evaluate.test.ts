import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readInputs } from '../../../src/runtime/inputs/readInputs';
import { idxFile, npyFloats, WRITTEN_BY_NUMPY } from '../../fixtures/inputFiles';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { useCli, type Finished } from './runCli';
import { EVALUATE_DOCUMENT, shapeDifferences } from './shapes';

const shell = useCli();

const cli = (...args: string[]): Promise<Finished> => shell.run(args);

interface Document {
  reference: string | null;
  copy: boolean;
  samples: number;
  evaluated: { top1: number | null; top5: number | null };
  referenceAccuracy: Document['evaluated'] | null;
  agreement: number | null;
  outputs: { name: string; dims: number[]; sqnrDb: number | null; maxAbsDifference: number | null; notFinite: number }[];
}

async function evaluate(...args: string[]): Promise<Document> {
  const { code, stdout } = await cli('evaluate', ...args, '--json');
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as Document;
  expect(shapeDifferences(document, EVALUATE_DOCUMENT)).toEqual([]);
  return document;
}

/** A model whose values of classes are its inputs, turned about as `order` says. */
function permutation(name: string, order: number[]): void {
  const size = order.length;
  const data = new Float32Array(size * size);
  order.forEach((to, from) => (data[from * size + to] = 1));
  writeModel(shell.folder, name, buildModel({
    inputs: [{ name: 'x', dims: ['batch', size] }],
    outputs: [{ name: 'y', dims: ['batch', size] }],
    initializers: [{ name: 'w', dims: [size, size], data }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
}

const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(shell.folder, name), bytes);

/** Seven classes; the last sample has two that are equally likely. */
const SAMPLES = [
  [9, 0, 0, 0, 0, 0, 0],
  [0, 9, 0, 0, 0, 0, 0],
  [6, 5, 4, 3, 2, 1, 0],
  [0, 0, 7, 7, 0, 0, 0],
];

beforeEach(() => {
  permutation('same.onnx', [0, 1, 2, 3, 4, 5, 6]);
  permutation('swapped.onnx', [1, 0, 2, 3, 4, 5, 6]);
  write('x.npy', npyFloats([4, 7], SAMPLES.flat()));
  write('y.idx', idxFile([4], [0, 1, 4, 2]));
});

const X = ['--inputs', 'x.npy'];
const XY = [...X, '--labels', 'y.idx'];

test('counts labels among the largest values, the first of equal ones', async () => {
  const { samples, evaluated, referenceAccuracy, agreement } = await evaluate('same.onnx', ...XY);
  expect({ samples, evaluated, referenceAccuracy, agreement }).toEqual({
    samples: 4, evaluated: { top1: 0.75, top5: 1 }, referenceAccuracy: null, agreement: null,
  });
  write('y.idx', idxFile([4], [0, 1, 5, 3]));
  expect((await evaluate('same.onnx', ...XY)).evaluated).toEqual({ top1: 0.5, top5: 0.75 });
});

test('holds a model against a reference', async () => {
  const { evaluated, referenceAccuracy, agreement, outputs } = await evaluate('swapped.onnx', ...XY, '--reference', 'same.onnx');
  expect({ evaluated, referenceAccuracy, agreement }).toEqual({
    evaluated: { top1: 0.25, top5: 1 }, referenceAccuracy: { top1: 0.75, top5: 1 }, agreement: 0.25,
  });
  const signal = SAMPLES.flat().reduce((sum, value) => sum + value ** 2, 0);
  const noise = SAMPLES.reduce((sum, [a = 0, b = 0]) => sum + 2 * (a - b) ** 2, 0);
  expect(outputs[0]!.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 6);
});

test('asks whether inputs are read as the model takes them where even the model itself is hardly ever right', async () => {
  write('wrong.idx', idxFile([4], [6, 6, 6, 6]));
  for (const [settings, doubt] of [
    [[], 'note: The model is right on 0.00 % of the samples'],
    [['--bits', '4'], 'note: The model that it is held against is right on 0.00 % of the samples'],
  ] as const) {
    expect((await cli('evaluate', 'same.onnx', '--inputs', 'x.npy', '--labels', 'wrong.idx', ...settings)).stderr).toContain(doubt);
    expect((await cli('evaluate', 'same.onnx', '--inputs', 'x.npy', '--labels', 'y.idx', ...settings)).stderr).not.toContain(doubt);
  }
});

describe('outputs that are not finite', () => {
  /** Values of classes are logarithms of the inputs: NaN below 0. */
  beforeEach(() => {
    writeModel(shell.folder, 'log.onnx', buildModel({
      inputs: [{ name: 'x', dims: ['batch', 7] }],
      outputs: [{ name: 'y', dims: ['batch', 7] }],
      nodes: [{ op: 'Log', inputs: ['x'], outputs: ['y'] }],
    }));
    write('x.npy', npyFloats([4, 7], [[-1, 2, 3, 4, 5, 6, 7], ...[1, 2, 3].map(() => [2, 9, 3, 4, 5, 6, 7])].flat()));
    write('y.idx', idxFile([4], [6, 1, 1, 0]));
  });

  test('leave a sample without a class: it is neither right nor agreed upon', async () => {
    const { evaluated, agreement, outputs } = await evaluate('log.onnx', ...XY, '--reference', 'log.onnx');
    expect({ evaluated, agreement }).toEqual({ evaluated: { top1: 0.5, top5: 0.5 }, agreement: 0.75 });
    expect(outputs).toMatchObject([{ maxAbsDifference: 0, notFinite: 1, top1Agreement: 0.75 }]);
  });

  test('are counted in the tables, and nothing is measured where there are no others', async () => {
    expect((await cli('evaluate', 'log.onnx', ...X)).stdout).toMatch(/^y +4x7 +1$/m);
    expect((await evaluate('log.onnx', ...X)).outputs).toMatchObject([{ sqnrDb: null, notFinite: 1 }]);
    write('x.npy', npyFloats([4, 7], new Array<number>(28).fill(-1)));
    for (const command of [['evaluate', 'log.onnx', '--reference', 'same.onnx'], ['compare', 'same.onnx', 'log.onnx']]) {
      expect((await cli(...command, ...X)).stdout).toMatch(/^y +4x7 +- +- +- +28 +0\.00 %$/m);
    }
  });
});

test('a copy that does not run is told by the name of its model', async () => {
  writeModel(shell.folder, 'custom.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 64] }],
    outputs: [{ name: 'y', dims: ['batch', 48] }],
    initializers: [{ name: 'w', dims: [64, 48], data: laplacian(64 * 48, 1) }],
    domains: { 'my.ops': 1 },
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'] }, { op: 'Magic', domain: 'my.ops', inputs: ['h'], outputs: ['y'] }],
  }));
  const { code, stderr } = await cli('evaluate', 'custom.onnx', '--bits', '4');
  expect(code).toBe(1);
  expect(stderr).toMatch(/ONNX Runtime could not run the model: .*the copy of custom\.onnx.*Magic.* \(custom\.onnx\)\. /);
  expect(stderr).not.toContain('quantscope-evaluate-');
});

test('names the arrays of a file that no model takes', async () => {
  permutation('few.onnx', [0, 1, 2]);
  write('x.npz', Buffer.from(WRITTEN_BY_NUMPY.compressed, 'base64'));
  const note = 'quantscope: note: arrays of x.npz are left out, as no input has their name: ids\n';
  for (const command of [['evaluate', 'few.onnx', '--reference', 'few.onnx'], ['compare', 'few.onnx', 'few.onnx']]) {
    expect(await cli(...command, '--inputs', 'x.npz', '--json')).toMatchObject({ code: 0, stderr: note });
  }
  writeModel(shell.folder, 'both.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 3] }, { name: 'ids', dims: ['batch'], dtype: 'int64' }],
    outputs: [{ name: 'y', dims: ['batch', 3] }],
    nodes: [{ op: 'Neg', inputs: ['x'], outputs: ['y'] }],
  }));
  expect(await cli('compare', 'few.onnx', 'both.onnx', '--inputs', 'x.npz')).toMatchObject({ code: 0, stderr: '' });
});

test('five classes or fewer have no top 5', async () => {
  permutation('few.onnx', [0, 1, 2]);
  write('x.npy', npyFloats([2, 3], [1, 2, 3, 3, 2, 1]));
  write('y.idx', idxFile([2], [2, 1]));
  expect((await evaluate('few.onnx', ...XY)).evaluated).toEqual({ top1: 0.5, top5: null });
});

test('takes the first samples, whatever is given', async () => {
  expect(await evaluate('same.onnx', ...XY, '--samples', '2')).toMatchObject({ samples: 2, evaluated: { top1: 1, top5: 1 } });
  expect(await evaluate('same.onnx', ...XY, '--samples', '9')).toMatchObject({ samples: 4 });
});

test('evaluates the copy that settings make, against the model, and keeps no copy', async () => {
  const [weights, inputs] = [laplacian(64 * 48, 1), laplacian(100 * 64, 2)];
  writeModel(shell.folder, 'float.onnx', buildModel({
    inputs: [{ name: 'x', dims: ['batch', 64] }],
    outputs: [{ name: 'y', dims: ['batch', 48] }],
    initializers: [{ name: 'w', dims: [64, 48], data: weights }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
  write('x.npy', npyFloats([100, 64], inputs));
  write('y.idx', idxFile([100], Array.from({ length: 100 }, (_, sample) => {
    const values = Array.from({ length: 48 }, (__, j) => (
      inputs.subarray(sample * 64, sample * 64 + 64).reduce((sum, value, k) => sum + value * weights[k * 48 + j]!, 0)
    ));
    return values.indexOf(Math.max(...values));
  })));
  const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('quantscope-evaluate-'));
  const before = leftovers();
  const { evaluated, agreement, ...rest } = await evaluate('float.onnx', ...XY, '--bits', '3');
  expect(rest).toMatchObject({ copy: true, reference: 'float.onnx', referenceAccuracy: { top1: 1, top5: 1 } });
  expect(evaluated.top1).toBe(agreement);
  expect(agreement).toBeGreaterThan(0.5);
  expect(agreement).toBeLessThan(1);
  expect(rest.outputs[0]!.sqnrDb).toBeGreaterThan(5);
  expect(leftovers()).toEqual(before);
});

test('tells what there is without labels or reference, and what would tell more', async () => {
  const { code, stdout, stderr } = await cli('evaluate', 'same.onnx');
  expect(code).toBe(0);
  expect(stdout).toContain('ONNX Runtime (native) on 8 seeded random inputs');
  expect(stdout).toMatch(/^y +1x7$/m);
  expect(stdout).not.toMatch(/Top 1|Top 5| -/);
  expect(stderr).toMatch(/--labels give accuracy; --reference MODEL/);
});

test('says that shapes are those of one run, as many samples as there may be', async () => {
  write('many.npy', npyFloats([100, 7], Array.from({ length: 700 }, (_, i) => i % 7)));
  for (const reference of [[], ['--reference', 'swapped.onnx']]) {
    const { stdout } = await cli('evaluate', 'same.onnx', '--inputs', 'many.npy', ...reference);
    expect(stdout).toContain('on 100 samples of many.npy');
    expect(stdout).toMatch(/^Output +Shape per run\b.*\ny +64x7\b/m);
  }
});

test('prints a table for people', async () => {
  const { stdout, stderr } = await cli('evaluate', 'swapped.onnx', ...XY, '--reference', 'same.onnx');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^swapped\.onnx +25\.00 % +100\.00 %$/m);
  expect(stdout).toMatch(/^same\.onnx +75\.00 % +100\.00 %$/m);
  expect(stdout).toContain('Same top 1 on 25.00 % of the samples');
});

test('without labels there is no table of accuracy, and without five classes no top 5 in it', async () => {
  const { stdout } = await cli('evaluate', 'swapped.onnx', ...X, '--reference', 'same.onnx');
  expect(stdout).not.toMatch(/^Model|Top 5/m);
  expect(stdout).toMatch(/^Same top 1 on 25\.00 % of the samples$/m);
  permutation('few.onnx', [0, 1, 2]);
  write('x.npy', npyFloats([2, 3], [1, 2, 3, 3, 2, 1]));
  write('y.idx', idxFile([2], [2, 1]));
  expect((await cli('evaluate', 'few.onnx', ...XY)).stdout).toMatch(/^Model +Top 1\nfew\.onnx +50\.00 %$/m);
});

describe('bad input ends in one line and exit code 2', () => {
  beforeEach(() => {
    write('short.idx', idxFile([3], [0, 1, 2]));
    write('outside.idx', idxFile([4], [0, 1, 2, 7]));
    write('square.idx', idxFile([2, 2], [0, 1, 2, 3]));
    write('half.npy', npyFloats([4], [0, 1, 2, 0.5]));
    write('bad.npy', Buffer.from('not an array'));
  });

  test.each([
    ['short.idx', /there are 3 labels for 4 samples \(short\.idx\)/],
    ['outside.idx', /7 is none of the 7 classes, which count from 0 \(outside\.idx\)/],
    ['square.idx', /an array of 2x2 is not one number a sample/],
    ['half.npy', /0\.5 is no whole number/],
    ['bad.npy', /The labels cannot be used: it is neither/],
    ['nowhere.npy', /There is no such file \(nowhere\.npy\)/],
  ])('%s as labels', async (labels, message) => {
    const { code, stdout, stderr } = await cli('evaluate', 'same.onnx', ...X, '--labels', labels);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

const shared = resolve('../shared');
const digits = (part: string): string => join(shared, 'data/mnist', `t10k-${part}-ubyte.gz`);
const cifar = (part: string): string => join(shared, 'data/cifar10', `train1000-lossless-${part}-ubyte.gz`);
const mnistLines = ['--inputs', digits('images-idx3'), '--labels', digits('labels-idx1')];
const cifarLines = ['--inputs', cifar('images-idx4'), '--labels', cifar('labels-idx1'), '--layout', 'nhwc', '--input-scale', '1'];

describe.skipIf(!existsSync(digits('images-idx3')) || !existsSync(cifar('images-idx4')))('networks that are known', () => {
  test.each([
    ['mlp_mnist_rmsprop', mnistLines, 0.9815],
    ['lenet5_mnist', mnistLines, 0.9904],
    ['mlperf_resnet8_cifar10_bn', cifarLines, 0.929],
    ['mlperf_resnet8_cifar10_folded', cifarLines, 0.929],
  ])('%s', async (name, inputs, top1) => {
    const { evaluated } = await evaluate(join(shared, 'models', `${name}.onnx`), ...inputs);
    expect(evaluated.top1).toBe(top1);
  });

  test('burn_mnist, on digits normalised as it was trained', async () => {
    const [digitArray] = readInputs(digits('images-idx3'));
    const pixels = Float32Array.from(digitArray!.values as Uint8Array, (pixel) => (pixel / 255 - 0.1307) / 0.3081);
    write('digits.npy', npyFloats(digitArray!.dims, pixels));
    const inputs = ['--inputs', 'digits.npy', '--labels', digits('labels-idx1')];
    expect((await evaluate(join(shared, 'models/burn_mnist.onnx'), ...inputs)).evaluated.top1).toBe(0.9916);
  });
});
