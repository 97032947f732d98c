import { describe, expect, it, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { layerKey } from '../../../../src/core/onnx/layer';
import { planCopy } from '../../../../src/core/onnx/planCopy';
import { readWeights, weightChunks } from '../../../../src/core/onnx/weights';
import { checkSettings } from '../../../../src/core/plan/checkSettings';
import { BIT_WIDTHS, GRIDS, METHODS, completeSettings } from '../../../../src/core/plan/layerSettings';
import { buildModel, laplacian, type FixtureModel, type FixtureNode } from '../../../fixtures/modelBuilder';
import { copyOf, type MadeCopy } from './copyHelper';

/** Weights of every type, in a graph, a subgraph and a function, behind a Cast and a Transpose. */
const MODEL: FixtureModel = {
  ir: 8,
  domains: { f: 1 },
  inputs: [{ name: 'x', dims: [2, 70] }, { name: 'flag', dims: [], dtype: 'bool' }],
  outputs: [{ name: 'y', dims: [2, 70] }],
  initializers: [
    { name: 'plain', dims: [70, 70], data: laplacian(4900, 1) },
    { name: 'half', dims: [70, 70], data: laplacian(4900, 2), dtype: 'float16' },
    { name: 'brain', dims: [70, 70], data: laplacian(4900, 3), dtype: 'bfloat16' },
    { name: 'double', dims: [70, 70], data: laplacian(4900, 4), dtype: 'float64' },
    { name: 'kernel', dims: [70, 70, 1, 1], data: laplacian(4900, 5) },
  ],
  functions: [{
    domain: 'f', name: 'Linear', inputs: ['u'], outputs: ['v'],
    nodes: [constant('own', 6), { op: 'MatMul', inputs: ['u', 'own'], outputs: ['v'] }],
  }],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'plain'], outputs: ['a'] },
    ...['half', 'brain', 'double'].flatMap((name, i): FixtureNode[] => [
      { op: 'Cast', inputs: [name], outputs: [`${name}.32`], attributes: { to: 1 } },
      { op: 'Transpose', inputs: [`${name}.32`], outputs: [`${name}.t`], attributes: { perm: [1, 0] } },
      { op: 'MatMul', inputs: ['abc'[i]!, `${name}.t`], outputs: ['bcd'[i]!] },
    ]),
    { op: 'Linear', domain: 'f', inputs: ['d'], outputs: ['e'] },
    { op: 'If', name: 'choose', inputs: ['flag'], outputs: ['g'], attributes: {
      then_branch: { graph: {
        nodes: [constant('inner', 7), { op: 'MatMul', inputs: ['e', 'inner'], outputs: ['t'] }],
        outputs: [{ name: 't', dims: [2, 70] }],
      } },
      else_branch: { graph: {
        nodes: [{ op: 'Identity', inputs: ['e'], outputs: ['o'] }],
        outputs: [{ name: 'o', dims: [2, 70] }],
      } },
    } },
    { op: 'Conv', inputs: ['g', 'kernel'], outputs: ['y'] },
  ],
};

function constant(name: string, seed: number): FixtureNode {
  const tensor = { name, dims: [70, 70], data: laplacian(4900, seed) };
  return { op: 'Constant', inputs: [], outputs: [name], attributes: { value: { tensor } } };
}

function expectLayersOfSource(copy: MadeCopy): void {
  const files = memoryFiles('copy.onnx', copy.model);
  const index = indexModel(files, 'copy.onnx');
  expect(copy.plan.size.skipped).toEqual([]);
  const kept = ({ layers }: Pick<typeof index, 'layers'>) => layers.map(({ name, scope, dims, dtype, elements, channelAxis }) => (
    { name, scope: scope.replace(/#\d+/, ''), dims, dtype, elements, channelAxis }
  ));
  expect(kept(index)).toEqual(kept(copy.source));
  expect(index.parameters).toBe(copy.source.parameters);
  // Whatever fields their codes are stored in.
  expect(planCopy(index, [], 'again').size.averageBits).toBe(copy.plan.size.averageBits);
  for (const layer of index.layers) {
    expect(layer.quantizable).toEqual({ reason: 'already-quantized' });
    expect(layer.bytes).toBeLessThan(layer.elements + 8);
    const tensor = index.tensors[layer.tensor]!;
    const weights = readWeights(files, tensor);
    expect(Float32Array.from(weights)).toEqual(copy.expected.get(layerKey(layer)));
    expect(Array.from(weightChunks(files, tensor, undefined, 1000), ({ length }) => length)).toEqual([1000, 1000, 1000, 1000, 900]);
  }
}

describe('a copy opened again has the layers of its source, with the dequantized weights', () => {
  it.each(BIT_WIDTHS)('%i bits, every grid and granularity', (bits) => {
    const granularities = ['tensor', 'channel', 'block:32'] as const;
    for (const [i, grid] of GRIDS.entries()) {
      const granularity = granularities[(i + bits) % granularities.length]!;
      expectLayersOfSource(copyOf(buildModel(MODEL), { bits, grid, granularity, normalize: bits === 6 ? 'layer' : 'none' }));
    }
  });

  it.each(METHODS)('method %s', (method) => {
    const settings = (['tensor', 'channel'] as const).map((granularity) => completeSettings({ method, bits: 4, granularity }));
    for (const allowed of settings.filter((each) => checkSettings(each, {}) === null)) {
      expectLayersOfSource(copyOf(buildModel(MODEL), allowed));
    }
  });

  it.each([7, 9])('opset %i, where Slice has attributes', (opset) => {
    const { functions: _, domains: __, ...model } = MODEL;
    const nodes = MODEL.nodes.map((node) => (node.op === 'Linear' ? { op: 'Identity', inputs: ['d'], outputs: ['e'] } : node));
    // Their operators do not take bfloat16.
    const initializers = MODEL.initializers!.map((each) => (each.dtype === 'bfloat16' ? { ...each, dtype: 'float16' as const } : each));
    expectLayersOfSource(copyOf(buildModel({ ...model, nodes, initializers, opset }), { bits: 3, granularity: 'block:32' }));
  });
});

describe('a copy whose embeddings are only gathered', () => {
  const rows = (length: number): FixtureModel => ({
    inputs: [{ name: 'i', dims: ['n'], dtype: 'int64' }, { name: 'j', dims: ['n', 'm'], dtype: 'int64' }],
    outputs: [{ name: 'y', dims: ['n', length] }, { name: 'z', dims: ['n', 'm', length] }],
    initializers: [
      { name: 'table', dims: [150, length], data: laplacian(150 * length, 1) },
      { name: 'half', dims: [150, length], data: laplacian(150 * length, 2), dtype: 'float16' },
      { name: 'w', dims: [length, length], data: laplacian(length * length, 3) },
    ],
    nodes: [
      { op: 'Gather', inputs: ['table', 'i'], outputs: ['a'] },
      { op: 'Gather', inputs: ['table', 'j'], outputs: ['z'] },
      { op: 'Gather', inputs: ['half', 'i'], outputs: ['h'] },
      { op: 'Cast', inputs: ['h'], outputs: ['b'], attributes: { to: 1 } },
      { op: 'Add', inputs: ['a', 'b'], outputs: ['c'] },
      { op: 'MatMul', inputs: ['c', 'w'], outputs: ['y'] },
    ],
  });

  it.each(BIT_WIDTHS)('%i bits, every granularity', (bits) => {
    for (const [i, length] of [72, 61].entries()) {
      for (const granularity of ['tensor', 'channel', 'block:16'] as const) {
        const grid = GRIDS[(bits + i) % GRIDS.length]!;
        const copy = copyOf(buildModel(rows(length)), { bits, grid, granularity, normalize: i === 1 ? 'layer' : 'none' });
        const files = memoryFiles('copy.onnx', copy.model);
        const index = indexModel(files, 'copy.onnx');
        expect(index.layers.map(({ name, dims, dtype, channelAxis, consumers }) => (
          { name, dims, dtype, channelAxis, consumers: consumers.map(({ op }) => op) }
        ))).toEqual([
          { name: 'table', dims: [150, length], dtype: 'float32', channelAxis: 0, consumers: ['Gather', 'Gather'] },
          { name: 'half', dims: [150, length], dtype: 'float16', channelAxis: 0, consumers: ['Gather'] },
          { name: 'w', dims: [length, length], dtype: 'float32', channelAxis: 1, consumers: ['MatMul'] },
        ]);
        expect(index.layers.map(({ quantized }) => quantized!.bits)).toEqual([bits, bits, bits]);
        expect(index.parameters).toBe(copy.source.parameters);
        for (const layer of index.layers) {
          expect(Float32Array.from(readWeights(files, index.tensors[layer.tensor]!))).toEqual(copy.expected.get(layer.name));
        }
      }
    }
  });

  it.each(METHODS)('method %s', (method) => {
    const settings = completeSettings({ method, bits: 4, granularity: 'tensor' });
    const copy = copyOf(buildModel(rows(72)), settings);
    const files = memoryFiles('copy.onnx', copy.model);
    const index = indexModel(files, 'copy.onnx');
    expect(index.layers.map(({ name }) => name)).toEqual(['table', 'half', 'w']);
    expect(Float32Array.from(readWeights(files, index.tensors[index.layers[0]!.tensor]!))).toEqual(copy.expected.get('table'));
  });
});

describe('a copy whose products take codes', () => {
  const products = (side: number): FixtureModel => ({
    inputs: [{ name: 'x', dims: [2, side] }],
    outputs: [{ name: 'y', dims: [2, side] }, { name: 'z', dims: [2, side] }],
    initializers: [
      { name: 'a', dims: [side, 50], data: laplacian(side * 50, 1) },
      { name: 'b', dims: [side, 50], data: laplacian(side * 50, 2) },
      { name: 'bias', dims: [side], data: laplacian(side, 3) },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'a'], outputs: ['h'] },
      { op: 'Gemm', inputs: ['h', 'b', 'bias'], outputs: ['y'], attributes: { transB: 1 } },
      { op: 'Gemm', inputs: ['h', 'b'], outputs: ['z'], attributes: { transB: 1 } },
    ],
  });

  it.each(BIT_WIDTHS)('%i bits, every granularity', (bits) => {
    for (const [i, side] of [50, 133].entries()) {
      for (const granularity of ['tensor', 'channel', 'block:16'] as const) {
        const grid = bits === 8 && i === 0 ? 'symmetric' : GRIDS[(bits + i) % GRIDS.length]!;
        const copy = copyOf(buildModel(products(side)), { bits, grid, granularity }, undefined, { format: 'fast' });
        const files = memoryFiles('copy.onnx', copy.model);
        const index = indexModel(files, 'copy.onnx');
        const shown = ({ name, dims, dtype, channelAxis, consumers }: (typeof index.layers)[number]) => (
          { name, dims, dtype, channelAxis, consumers: consumers.length }
        );
        expect(copy.plan.size.layers.map(({ format }) => format)).toEqual(['fast', 'fast']);
        expect(index.layers.map(({ quantized }) => quantized!.bits)).toEqual([bits, bits]);
        expect(index.layers.map(shown)).toEqual(copy.source.layers.map(shown));
        expect(index.parameters).toBe(copy.source.parameters);
        for (const layer of index.layers) {
          expect(layer.quantizable).toEqual({ reason: 'already-quantized' });
          expect(readWeights(files, index.tensors[layer.tensor]!)).toEqual(copy.expected.get(layer.name));
        }
      }
    }
  });
});

describe('weights that other programs compute from codes', () => {
  const codes = { name: 'q', dims: [3, 2], dtype: 'uint8' as const, data: [0, 1, 128, 129, 255, 7] };
  const layersOf = (nodes: FixtureNode[], extra: FixtureModel['initializers'] = []) => {
    const model = buildModel({ initializers: [codes, { name: 's', dims: [2], data: [0.5, 0.25] }, ...extra], nodes });
    const files = memoryFiles('m', model.model);
    const index = indexModel(files, 'm');
    return index.layers.map((layer) => ({ ...layer, weights: [...readWeights(files, index.tensors[layer.tensor]!)] }));
  };
  const toFloat: FixtureNode = { op: 'Cast', inputs: ['q'], outputs: ['f'], attributes: { to: 1 } };
  const scale: FixtureNode = { op: 'Mul', inputs: ['f', 's'], outputs: ['w'] };
  const use: FixtureNode = { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] };

  test('Cast and Mul', () => {
    expect(layersOf([toFloat, scale, use])).toMatchObject([
      { name: 'w', dims: [3, 2], dtype: 'float32', channelAxis: 1, weights: [0, 0.25, 64, 32.25, 127.5, 1.75], bytes: 6 },
    ]);
  });

  test('not where an operand is computed or no code is in it', () => {
    expect(layersOf([toFloat, { ...scale, inputs: ['f', 'x'] }, use])).toEqual([]);
    expect(layersOf([{ op: 'Mul', inputs: ['g', 's'], outputs: ['w'] }, use], [
      { name: 'g', dims: [3, 2], data: [1, 2, 3, 4, 5, 6] },
    ])).toEqual([]);
  });

  test('shapes that do not broadcast or would unfold without end are no weights', () => {
    const wide = { name: 'z', dims: [5], data: [1, 2, 3, 4, 5] };
    expect(layersOf([toFloat, { ...scale, inputs: ['f', 'z'] }, use], [wide])).toEqual([]);
    const tile: FixtureNode = { op: 'Tile', inputs: ['f', 'r'], outputs: ['t'] };
    const huge = { name: 'r', dims: [2], dtype: 'int64' as const, data: [2 ** 20, 2 ** 20] };
    expect(layersOf([toFloat, tile, { ...scale, inputs: ['t', 's'] }, use], [huge])).toEqual([]);
  });
});
