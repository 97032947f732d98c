import { describe, expect, it, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { multipliedLayers } from '../../../../src/core/calibration/calibratedLayers';
import { toMatrix } from '../../../../src/core/calibration/layerMatrix';
import { indexModel, readNetwork } from '../../../../src/core/onnx/indexModel';
import { valueUses } from '../../../../src/core/onnx/valueUses';
import { readWeights } from '../../../../src/core/onnx/weights';
import { channelLinks, type ChannelLink } from '../../../../src/core/tuning/channelLinks';
import { scaleBias, scaleWeights, type EqualizedLayers } from '../../../../src/core/tuning/channelScales';
import { equalize } from '../../../../src/core/tuning/equalize';
import { layerBias } from '../../../../src/core/tuning/layerBias';
import { fitInputs } from '../../../../src/runtime/inputs/fitInputs';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import { buildModel, laplacian, seededRandom, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';

interface Equalized {
  links: ChannelLink[];
  scales: EqualizedLayers;
  /** The float model with scaled weights and biases. */
  model: Uint8Array;
  /** As it is stored, by name. */
  weights: Map<string, ArrayLike<number>>;
}

function equalized(fixture: FixtureModel): Equalized {
  const files = memoryFiles('m.onnx', buildModel(fixture).model);
  const index = indexModel(files, 'm.onnx');
  const network = readNetwork(files, undefined);
  const graph = { index, main: network.main, uses: valueUses(network.main) };
  const { layers } = multipliedLayers(index, network, index.layers.map((layer) => layer.index));
  const links = channelLinks(files, graph, layers);
  const scales = equalize(links, ({ layer }) => readWeights(files, index.tensors[layer.tensor]!));
  const changed = new Map<string, ArrayLike<number>>();
  for (const each of layers) {
    const own = scales.get(each.layer.index);
    if (!own) continue;
    const weights = readWeights(files, index.tensors[each.layer.tensor]!);
    scaleWeights(weights, own);
    changed.set(each.layer.name, weights);
    const bias = layerBias(graph, each);
    if (typeof bias === 'string' || bias.tensor === null) continue;
    const values = readWeights(files, index.tensors[bias.tensor]!);
    scaleBias(values, own);
    changed.set(index.tensors[bias.tensor]!.name, values);
  }
  const initializers = fixture.initializers!.map((tensor) => ({ ...tensor, data: changed.get(tensor.name) ?? tensor.data }));
  const weights = new Map(initializers.map(({ name, data }) => [name, data]));
  return { links, scales, model: buildModel({ ...fixture, initializers }).model, weights };
}

/** Rows that differ a thousandfold, as those of folded depthwise convolutions do. */
function uneven(name: string, dims: number[], seed: number): FixtureTensor {
  const random = seededRandom(seed);
  const row = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const factors = Array.from({ length: dims[0]! }, () => 10 ** (3 * random() - 1.5));
  return { name, dims, data: laplacian(dims[0]! * row, seed).map((weight, i) => weight * factors[Math.floor(i / row)]!) };
}

const bias = (name: string, length: number, seed: number): FixtureTensor => ({ name, dims: [length], data: laplacian(length, seed) });

const relu = (input: string, output: string): FixtureNode => ({ op: 'Relu', inputs: [input], outputs: [output] });

const MLP: FixtureModel = {
  inputs: [{ name: 'x', dims: ['batch', 12] }],
  outputs: [{ name: 'y', dims: ['batch', 5] }],
  initializers: [uneven('w1', [12, 16], 1), bias('b1', 16, 2), uneven('w2', [9, 16], 3), bias('b2', 9, 4), uneven('w3', [9, 5], 5)],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'w1'], outputs: ['p1'] },
    { op: 'Add', inputs: ['b1', 'p1'], outputs: ['a1'] },
    { op: 'LeakyRelu', inputs: ['a1'], outputs: ['h1'], attributes: { alpha: { float: 0.1 } } },
    { op: 'Gemm', inputs: ['h1', 'w2', 'b2'], outputs: ['a2'], attributes: { transB: 1 } },
    relu('a2', 'h2'),
    { op: 'MatMul', inputs: ['h2', 'w3'], outputs: ['y'] },
  ],
};

const CONVOLUTIONS: FixtureModel = {
  inputs: [{ name: 'x', dims: ['batch', 3, 8, 8] }],
  outputs: [{ name: 'y', dims: ['batch', 7] }],
  initializers: [
    uneven('w1', [8, 3, 3, 3], 1), bias('b1', 8, 2), uneven('w2', [6, 4, 3, 3], 3), uneven('fc', [24, 7], 4), bias('b3', 7, 5),
  ],
  nodes: [
    { op: 'Conv', inputs: ['x', 'w1', 'b1'], outputs: ['a'], attributes: { pads: [1, 1, 1, 1] } },
    relu('a', 'b'),
    { op: 'MaxPool', inputs: ['b'], outputs: ['c'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Conv', inputs: ['c', 'w2'], outputs: ['d'], attributes: { group: 2 } },
    { op: 'Flatten', inputs: ['d'], outputs: ['e'] },
    { op: 'Gemm', inputs: ['e', 'fc', 'b3'], outputs: ['y'] },
  ],
};

const DEPTHWISE: FixtureModel = {
  inputs: [{ name: 'x', dims: ['batch', 3, 7, 7] }],
  outputs: [{ name: 'y', dims: ['batch', 4] }],
  initializers: [
    uneven('expand', [10, 3, 1, 1], 1), bias('b1', 10, 2), uneven('depth', [10, 1, 3, 3], 3), bias('b2', 10, 4),
    uneven('project', [6, 10, 1, 1], 5), uneven('fc', [4, 6], 6), { name: 'shape', dims: [2], dtype: 'int64', data: [-1, 6] },
  ],
  nodes: [
    { op: 'Conv', inputs: ['x', 'expand', 'b1'], outputs: ['a'] },
    relu('a', 'b'),
    { op: 'Conv', inputs: ['b', 'depth', 'b2'], outputs: ['c'], attributes: { group: 10, pads: [1, 1, 1, 1] } },
    relu('c', 'd'),
    { op: 'Conv', inputs: ['d', 'project'], outputs: ['e'] },
    { op: 'GlobalAveragePool', inputs: ['e'], outputs: ['f'] },
    { op: 'Reshape', inputs: ['f', 'shape'], outputs: ['g'] },
    { op: 'Gemm', inputs: ['g', 'fc'], outputs: ['y'], attributes: { transB: 1 } },
  ],
};

/** Its last weight has an axis of one before the matrix. */
const STACKED: FixtureModel = {
  ...MLP,
  outputs: [{ name: 'y', dims: [1, 'batch', 5] }],
  initializers: [...MLP.initializers!.slice(0, -1), { name: 'w3', dims: [1, 9, 5], data: uneven('w3', [9, 5], 5).data }],
};

const MODELS: [string, FixtureModel, number][] = [
  ['products', MLP, 2], ['products by a stack of one matrix', STACKED, 2], ['convolutions', CONVOLUTIONS, 2], ['depthwise convolutions', DEPTHWISE, 3],
];

async function outputs(model: Uint8Array, { inputs: given }: FixtureModel): Promise<Float32Array> {
  return (await nativeRuntime())!.withModelBytes(model, async ({ inputs, run }) => {
    const random = seededRandom(3);
    const dims = [10, ...(given![0]!.dims.slice(1) as number[])];
    const values = Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, () => 2 * random() - 1);
    const { feeds } = fitInputs([{ name: null, dims, values, pixels: false }], inputs, {}, 10);
    return (await run(feeds(0))).y!.data as Float32Array;
  });
}

describe('equalized layers', () => {
  test.each(MODELS)('compute what they did: %s', async (_, fixture, pairs) => {
    const { links, model } = equalized(fixture);
    expect(links).toHaveLength(pairs);
    const [before, after] = [await outputs(buildModel(fixture).model, fixture), await outputs(model, fixture)];
    const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    after.forEach((value, i) => expect(Math.abs(value - before[i]!)).toBeLessThan(1e-5 * largest));
  });

  test.each(MODELS)('have equal ranges on both sides of every channel: %s', (_, fixture) => {
    const { links, weights } = equalized(fixture);
    for (const { from, to, columnsPerChannel } of links) {
      const [left, right] = [from, to].map(({ layer, matrix }) => (
        toMatrix(weights.get(layer.name)!, matrix, new Float32Array(layer.elements))
      )) as [Float32Array, Float32Array];
      const { columns, groups, rows } = to.matrix;
      for (let channel = 0; channel < from.matrix.rows; channel++) {
        const row = left.subarray(channel * from.matrix.columns, (channel + 1) * from.matrix.columns);
        let input = 0;
        right.forEach((weight, i) => {
          const group = Math.floor((Math.floor(i / columns) * groups) / rows);
          const at = Math.floor((group * columns + (i % columns)) / columnsPerChannel);
          if (at === channel) input = Math.max(input, Math.abs(weight));
        });
        expect(row.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / input).toBeCloseTo(1, 4);
      }
    }
  });

  it('are scaled by √(r₁/r₂)', () => {
    const { scales, weights } = equalized({
      inputs: [{ name: 'x', dims: ['batch', 2] }],
      outputs: [{ name: 'y', dims: ['batch', 2] }],
      // Rows of w1ᵀ reach 8 and 3, columns of w2ᵀ 2 and 27; the third channel is never used.
      initializers: [{ name: 'w1', dims: [2, 3], data: [8, -1, 5, -4, 3, 1] }, { name: 'b', dims: [3], data: [4, 1, 6] },
        { name: 'w2', dims: [3, 2], data: [2, -1, 9, -27, 0, 0] }],
      nodes: [{ op: 'Gemm', inputs: ['x', 'w1', 'b'], outputs: ['a'] }, relu('a', 'h'), { op: 'MatMul', inputs: ['h', 'w2'], outputs: ['y'] }],
    });
    expect([...scales.get(0)!.outputs!].map((scale) => +scale.toFixed(9))).toEqual([2, +(1 / 3).toFixed(9), 1]);
    const close = (name: string, expected: number[]): void => (
      expected.forEach((value, i) => expect(weights.get(name)![i]).toBeCloseTo(value, 5))
    );
    close('w1', [4, -3, 5, -2, 9, 1]);
    close('b', [2, 3, 6]);
    close('w2', [4, -2, 3, -9, 0, 0]);
  });
});

it('leaves a channel that is nearly zero in one layer', () => {
  const fixture = (small: number): FixtureModel => ({
    inputs: [{ name: 'x', dims: ['batch', 2] }],
    outputs: [{ name: 'y', dims: ['batch', 2] }],
    initializers: [{ name: 'w1', dims: [2, 2], data: [small, 4, 0, 1] }, { name: 'w2', dims: [2, 2], data: [1, 0, 1, 0.5] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w1'], outputs: ['h'] }, { op: 'MatMul', inputs: ['h', 'w2'], outputs: ['y'] }],
  });
  expect([...equalized(fixture(2 ** -17)).scales.get(0)!.outputs!]).toEqual([1, 2]);
  expect([...equalized(fixture(2 ** -14)).scales.get(0)!.outputs!]).toEqual([2 ** -7, 2]);
});

describe('layers are not paired', () => {
  const between = (nodes: FixtureNode[], changes: Partial<FixtureModel> = {}): FixtureModel => ({
    inputs: [{ name: 'x', dims: ['batch', 4, 5, 5] }],
    outputs: [{ name: 'y', dims: ['batch', 4, 5, 5] }],
    initializers: [uneven('w1', [4, 4, 1, 1], 1), bias('b1', 4, 9), uneven('w2', [4, 4, 1, 1], 2), uneven('w3', [4, 4, 1, 1], 4), bias('four', 4, 3),
      { name: 'six', dims: [], data: [6] }, { name: 'zero', dims: [], data: [0] }, { name: 'turn', dims: [4], dtype: 'int64', data: [0, 4, 5, 5] }],
    nodes: [
      { op: 'Conv', inputs: ['x', 'w1', 'b1'], outputs: ['a'] }, ...nodes, { op: 'Conv', inputs: ['b', 'w2'], outputs: ['y'] },
    ],
    ...changes,
  });

  it('where nothing but homogeneous operators stand between them, they are', () => {
    expect(equalized(between([relu('a', 'i'), { op: 'Identity', inputs: ['i'], outputs: ['b'] }])).links).toHaveLength(1);
  });

  it('when a weight is rounded on its way, as in quantization-aware training', () => {
    const trained: FixtureModel = {
      ...MLP,
      initializers: [...MLP.initializers!, { name: 'step', dims: [], data: [0.1] }, { name: 'middle', dims: [], dtype: 'int8', data: [0] }],
      nodes: [
        ...MLP.nodes!.slice(0, -1),
        { op: 'QuantizeLinear', inputs: ['w3', 'step', 'middle'], outputs: ['codes'] },
        { op: 'DequantizeLinear', inputs: ['codes', 'step', 'middle'], outputs: ['rounded'] },
        { op: 'MatMul', inputs: ['h2', 'rounded'], outputs: ['y'] },
      ],
    };
    expect(equalized(MLP).links).toHaveLength(2);
    expect(equalized(trained).links.map(({ from, to }) => [from.layer.name, to.layer.name])).toEqual([['w1', 'w2']]);
  });

  test.each<[string, FixtureModel]>([
    ['across Clip', between([{ op: 'Clip', inputs: ['a', 'zero', 'six'], outputs: ['b'] }])],
    ['across BatchNormalization', between([{ op: 'BatchNormalization', inputs: ['a', 'four', 'four', 'four', 'four'], outputs: ['b'] }])],
    ['across Sigmoid', between([{ op: 'Sigmoid', inputs: ['a'], outputs: ['b'] }])],
    ['across a Reshape to more axes', between([{ op: 'Reshape', inputs: ['a', 'turn'], outputs: ['b'] }])],
    ['when an addition uses the first one’s outputs, too', between([
      relu('a', 'c'), { op: 'Add', inputs: ['c', 'x'], outputs: ['d'] }, { op: 'Mul', inputs: ['d', 'c'], outputs: ['b'] },
    ])],
    ['when they are outputs of the graph', between([relu('a', 'b')], {
      outputs: [{ name: 'y', dims: ['batch', 4, 5, 5] }, { name: 'b', dims: ['batch', 4, 5, 5] }],
    })],
    ['when a bias is used again', between([relu('a', 'c'), { op: 'Conv', inputs: ['c', 'w3', 'b1'], outputs: ['b'] }])],
    ['when the second takes its inputs as columns', {
      inputs: [{ name: 'x', dims: [16, 12] }],
      outputs: [{ name: 'y', dims: [16, 5] }],
      initializers: [uneven('w1', [12, 16], 1), uneven('w2', [16, 5], 3)],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w1'], outputs: ['a'] }, relu('a', 'h'),
        { op: 'Gemm', inputs: ['h', 'w2'], outputs: ['y'], attributes: { transA: 1 } },
      ],
    }],
    ['when a weight is used again', between([{ op: 'Conv', inputs: ['a', 'w1', 'four'], outputs: ['b'] }])],
  ])('%s', (_, fixture) => {
    expect(equalized(fixture).links).toEqual([]);
  });
});
