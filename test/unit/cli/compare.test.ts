import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { idxFile, npyFloats } from '../../fixtures/inputFiles';
import { buildModel, laplacian, writeModel, type FixtureModel } from '../../fixtures/modelBuilder';
import { useCli, type Finished } from './runCli';
import { COMPARE_DOCUMENT, shapeDifferences } from './shapes';

const shell = useCli();

const cli = (...args: string[]): Promise<Finished> => shell.run(args);

interface Document {
  layers: { name: string; state: string; changes: string[]; sqnrDb: number | null; maxAbsDifference: number; cosine: number;
    identical: boolean | null; reason: string | null; a: { bits: number | null } | null; b: { bits: number | null } | null }[];
  total: Record<string, number | null>;
  outputs: { inputs: string | null; samples: number; reason: string | null; outputs: {
    name: string; sqnrDb: number | null; maxAbsDifference: number; top1Agreement: number | null;
  }[] };
}

async function compare(...args: string[]): Promise<Document> {
  const finished = await cli('compare', ...args, '--json');
  expect(finished).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(finished.stdout) as Document;
}

const first = laplacian(64 * 48, 1);
const second = laplacian(48 * 10, 2);

function network(changes: Partial<FixtureModel> = {}): FixtureModel {
  return {
    inputs: [{ name: 'x', dims: ['batch', 64] }],
    outputs: [{ name: 'y', dims: ['batch', 10] }],
    initializers: [{ name: 'fc1', dims: [64, 48], data: first }, { name: 'fc2', dims: [48, 10], data: second }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['h'] }, { op: 'MatMul', inputs: ['h', 'fc2'], outputs: ['y'] }],
    ...changes,
  };
}

beforeEach(() => {
  writeModel(shell.folder, 'a.onnx', buildModel(network()));
});

test('a copy differs from its original as much as preview said, layer by layer', async () => {
  await cli('quantize', 'a.onnx', '-o', 'copy.onnx', '--bits', '4');
  const preview = JSON.parse((await cli('preview', 'a.onnx', '--bits', '4', '--json')).stdout) as Document;
  const comparison = await compare('a.onnx', 'copy.onnx');
  expect(shapeDifferences(comparison, COMPARE_DOCUMENT)).toEqual([]);
  expect(comparison.layers.map(({ name }) => name)).toEqual(preview.layers.map(({ name }) => name));
  comparison.layers.forEach((layer, i) => {
    const expected = preview.layers[i]!;
    expect(layer).toMatchObject({ state: 'changed', changes: ['weights', 'bits'], a: { bits: null }, b: { bits: 4 } });
    expect(layer.sqnrDb).toBeCloseTo(expected.sqnrDb!, 9);
    expect(layer.cosine).toBeCloseTo(expected.cosine, 12);
  });
  expect(comparison.total.sqnrDb).toBeCloseTo((preview.total as { sqnrDb: number }).sqnrDb, 9);
  const [output] = comparison.outputs.outputs;
  expect(output).toMatchObject({ name: 'y', top1Agreement: expect.any(Number) as number });
  expect(output!.sqnrDb!).toBeGreaterThan(5);
});

test('outputs are compared on all samples of a file', async () => {
  const shifted = second.map((w, i) => (i % 10 === 0 ? w + 1 : w));
  writeModel(shell.folder, 'b.onnx', buildModel(network({
    initializers: [{ name: 'fc1', dims: [64, 48], data: first }, { name: 'fc2', dims: [48, 10], data: shifted }],
  })));
  const inputs = laplacian(100 * 64, 3);
  writeFileSync(join(shell.folder, 'x.npy'), npyFloats([100, 64], inputs));
  const { outputs } = await compare('a.onnx', 'b.onnx', '--inputs', 'x.npy');
  const [expected, agreeing] = largestShift(inputs, second, shifted);
  expect(outputs).toMatchObject({ inputs: 'x.npy', samples: 100, reason: null });
  expect(outputs.outputs[0]!.maxAbsDifference).toBeCloseTo(expected, 3);
  expect(outputs.outputs[0]!.top1Agreement).toBe(agreeing / 100);
});

/** Largest difference of the two networks' outputs, and on how many of 100 samples they agree. */
function largestShift(inputs: Float32Array, weights: Float32Array, others: Float32Array): [number, number] {
  let largest = 0;
  let agreeing = 0;
  for (let sample = 0; sample < 100; sample++) {
    const hidden = Array.from({ length: 48 }, (_, k) => (
      inputs.subarray(sample * 64, sample * 64 + 64).reduce((sum, value, i) => sum + value * first[i * 48 + k]!, 0)
    ));
    const [y, z] = [weights, others].map((matrix) => Array.from({ length: 10 }, (_, j) => (
      hidden.reduce((sum, value, k) => sum + value * matrix[k * 10 + j]!, 0)
    ))) as [number[], number[]];
    y.forEach((value, j) => (largest = Math.max(largest, Math.abs(value - z[j]!))));
    if (y.indexOf(Math.max(...y)) === z.indexOf(Math.max(...z))) agreeing++;
  }
  return [largest, agreeing];
}

test('a tolerance makes small differences equal, and --changes leaves out what is', async () => {
  writeModel(shell.folder, 'b.onnx', buildModel(network({
    initializers: [{ name: 'fc1', dims: [64, 48], data: first.map((w) => w + 0.001) }, { name: 'fc2', dims: [48, 10], data: second }],
  })));
  expect((await compare('a.onnx', 'b.onnx')).total).toMatchObject({ equal: 1, changed: 1 });
  expect((await compare('a.onnx', 'b.onnx', '--changes')).layers.map(({ name }) => name)).toEqual(['fc1']);
  const tolerant = await compare('a.onnx', 'b.onnx', '--tolerance', '0.0011', '--changes');
  expect(tolerant).toMatchObject({ layers: [], total: { equal: 2, changed: 0 } });
});

test('prints a table for people', async () => {
  const { code, stdout, stderr } = await cli('compare', 'a.onnx', 'a.onnx');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^fc1 +MatMul +64x48 +float32 +float +inf +0 +1 +equal$/m);
  expect(stdout).toContain('Layers: 2 equal');
  expect(stdout).toMatch(/^Outputs in ONNX Runtime \(native\) on 8 seeded random inputs/m);
  expect(stdout).toMatch(/^y +1x10 +inf +0 +1 +100\.00 %$/m);
});

test('a model that does not run is compared by its weights, and the reason is given', async () => {
  writeModel(shell.folder, 'custom.onnx', buildModel(network({
    domains: { 'my.ops': 1 },
    nodes: [
      { op: 'MatMul', inputs: ['x', 'fc1'], outputs: ['h'] }, { op: 'MatMul', inputs: ['h', 'fc2'], outputs: ['z'] },
      { op: 'Magic', domain: 'my.ops', inputs: ['z'], outputs: ['y'] },
    ],
  })));
  const { total, outputs } = await compare('a.onnx', 'custom.onnx');
  expect(total).toMatchObject({ equal: 2 });
  expect(outputs).toMatchObject({ samples: 0, outputs: [] });
  expect(outputs.reason).toMatch(/ONNX Runtime could not run: .*Magic.*custom\.onnx/);
});

test('outputs that only one model has are named', async () => {
  writeModel(shell.folder, 'two.onnx', buildModel(network({
    outputs: [{ name: 'y', dims: ['batch', 10] }, { name: 'h', dims: ['batch', 48] }],
  })));
  expect((await compare('a.onnx', 'two.onnx')).outputs).toMatchObject({ outputs: [{ name: 'y', maxAbsDifference: 0 }], onlyA: [], onlyB: ['h'] });
  expect((await cli('compare', 'two.onnx', 'a.onnx')).stdout).toMatch(/^Only in A: h$/m);
});

test('models that take other inputs are compared by their weights', async () => {
  writeModel(shell.folder, 'wide.onnx', buildModel(network({
    inputs: [{ name: 'x', dims: ['batch', 32] }],
    initializers: [{ name: 'fc1', dims: [32, 48], data: laplacian(32 * 48, 5) }, { name: 'fc2', dims: [48, 10], data: second }],
  })));
  const { layers, outputs } = await compare('a.onnx', 'wide.onnx');
  expect(layers.map(({ state, changes, sqnrDb }) => [state, changes, sqnrDb])).toEqual([['changed', ['shape'], null], ['equal', [], null]]);
  expect(outputs.reason).toMatch(/^the models do not take the same random inputs: .* 1x64 does not fit .* batchx32$/);
});

describe('bad input ends in one line and exit code 2', () => {
  beforeEach(() => {
    writeFileSync(join(shell.folder, 'bad.npy'), 'not an array');
    writeFileSync(join(shell.folder, 'small.idx'), idxFile([3, 9], new Array<number>(27).fill(1)));
    writeFileSync(join(shell.folder, 'text.onnx'), 'text');
  });

  test.each([
    ['a.onnx nowhere.onnx', /There is no such file \(nowhere\.onnx\)/],
    ['text.onnx a.onnx', /text\.onnx/],
    ['a.onnx a.onnx --inputs nowhere.npy', /There is no such file \(nowhere\.npy\)/],
    ['a.onnx a.onnx --inputs bad.npy', /cannot be used: it is neither \.npy nor \.npz nor IDX \(bad\.npy\)/],
    ['a.onnx a.onnx --inputs small.idx', /3x9 does not fit the model's input "x" of batchx64 \(small\.idx\)/],
    ['a.onnx a.onnx --layers fc1', /compare has no option --layers/],
  ])('compare %s', async (line, message) => {
    const { code, stdout, stderr } = await cli('compare', ...line.split(' '));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

const shared = resolve('../shared');
const model = (name: string): string => join(shared, 'models', `${name}.onnx`);
const digits = join(shared, 'data/mnist/t10k-images-idx3-ubyte.gz');

describe.skipIf(!existsSync(model('lenet5_mnist')) || !existsSync(digits))('a LeNet-5', () => {
  test.each(['constnodes', 'extdata', 'floatdata'])('is equal to itself stored as %s, and computes the same', async (form) => {
    const { total, layers, outputs } = await compare(model('lenet5_mnist'), model(`lenet5_mnist_${form}`), '--inputs', digits);
    expect(total).toMatchObject({ equal: 5, changed: 0, onlyA: 0, onlyB: 0, maxAbsDifference: 0 });
    expect(layers.every(({ identical }) => identical)).toBe(true);
    expect(outputs).toMatchObject({ samples: 10_000, outputs: [{ name: 'logits', maxAbsDifference: 0, top1Agreement: 1 }] });
  });

  test('is changed by half precision as far as that rounds', async () => {
    const { layers, outputs } = await compare(model('lenet5_mnist'), model('lenet5_mnist_fp16'));
    expect(layers.map(({ state, changes }) => [state, changes])).toEqual(new Array(5).fill(['changed', ['weights', 'dtype']]));
    for (const { sqnrDb } of layers) expect(Math.abs(sqnrDb! - 74)).toBeLessThan(2);
    expect(outputs.outputs[0]!.sqnrDb!).toBeGreaterThan(55);
  });
});

const cifar = join(shared, 'data/cifar10/train1000-lossless-images-idx4-ubyte.gz');

describe.skipIf(!existsSync(cifar))('a ResNet-8', () => {
  const resnets = [model('mlperf_resnet8_cifar10_bn'), model('mlperf_resnet8_cifar10_folded')];

  test('computes the same with batch normalisation folded into other weights', async () => {
    const { total, outputs } = await compare(...resnets, '--inputs', cifar, '--layout', 'nhwc');
    expect(total).toMatchObject({ equal: 3, changed: 7 });
    expect(outputs).toMatchObject({ samples: 1000, outputs: [{ top1Agreement: 1 }] });
    expect(outputs.outputs[0]!.maxAbsDifference).toBeLessThan(1e-4);
  });

  test('is not given images the wrong way round', async () => {
    const { code, stderr } = await cli('compare', ...resnets, '--inputs', cifar);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/1000x32x32x3 does not fit .*Say how its images lie with --layout nhwc\./)]);
  });
});
