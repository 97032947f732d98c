import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import type { Layer } from '../../../../src/core/onnx/layer';
import {
  buildModel, type FixtureAttribute, type FixtureModel, type FixtureNode, type FixtureTensor,
} from '../../../fixtures/modelBuilder';
import { problemOf } from '../../../fixtures/problemOf';
import type { FixtureType } from '../../../fixtures/tensorBytes';

function layersOf(fixture: FixtureModel): Layer[] {
  const built = buildModel(fixture);
  return indexModel(memoryFiles('m.onnx', built.model, built.external), 'm.onnx').layers;
}

function tensor(name: string, dims: number[], dtype: FixtureType = 'float32'): FixtureTensor {
  return { name, dims, dtype, data: new Array<number>(dims.reduce((a, b) => a * b, 1)).fill(1) };
}

type Attributes = Record<string, FixtureAttribute>;

function node(op: string, inputs: string[], outputs: string[], attributes: Attributes = {}, domain = ''): FixtureNode {
  return { op, inputs, outputs, attributes, domain };
}

const summary = (layers: Layer[]) => layers.map(({ name, channelAxis }) => [name, channelAxis]);

describe('where operators take weights, and their output channel axis', () => {
  const MS = 'com.microsoft';
  const cases: [string, string, Attributes, number[], [number, number | null][]][] = [
    ['Conv', '', {}, [8, 4, 3, 3], [[1, 0]]],
    ['ConvTranspose', '', {}, [8, 4, 3, 3], [[1, 1]]],
    ['Gemm', '', {}, [4, 8], [[0, 0], [1, 1]]],
    ['Gemm', '', { transA: 1, transB: 1 }, [4, 8], [[0, 1], [1, 0]]],
    ['MatMul', '', {}, [2, 4, 8], [[0, 1], [1, 2]]],
    ['LSTM', '', {}, [1, 16, 4], [[1, 1], [2, 1]]],
    ['GRU', '', {}, [1, 12, 4], [[1, 1], [2, 1]]],
    ['RNN', '', {}, [1, 4, 4], [[1, 1], [2, 1]]],
    ['Gather', '', {}, [100, 8], [[0, 0]]],
    ['FusedConv', MS, {}, [8, 4, 3, 3], [[1, 0]]],
    ['FusedGemm', MS, { transB: 1 }, [4, 8], [[0, 0], [1, 0]]],
    ['FusedMatMul', MS, {}, [4, 8], [[0, 0], [1, 1]]],
    ['FusedMatMul', MS, { transA: 1, transB: 1 }, [4, 8], [[0, 1], [1, 0]]],
    ['FusedMatMul', MS, { transBatchB: 1 }, [2, 4, 8], [[0, 1], [1, null]]],
    ['Attention', MS, {}, [8, 24], [[1, 1]]],
    ['PackedAttention', MS, {}, [8, 24], [[1, 1]]],
    ['DecoderMaskedSelfAttention', MS, {}, [8, 24], [[1, 1]]],
    ['LongformerAttention', MS, {}, [8, 24], [[1, 1], [4, 1]]],
    ['DecoderAttention', MS, {}, [8, 16], [[2, 1], [3, 1]]],
    ['PackedMultiHeadAttention', MS, {}, [8, 24], []],
    ['EmbedLayerNormalization', MS, {}, [100, 8], [[2, 0], [3, 0], [4, 0]]],
  ];
  test.each(cases)('%s of domain "%s" with %j', (op, domain, attributes, dims, expected) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) {
      const layers = layersOf({
        initializers: [tensor(name, dims)],
        nodes: [node(op, names.map((other) => (other === name ? name : `${other}_computed`)), ['y'], attributes, domain)],
      });
      const slot = expected.find(([input]) => input === names.indexOf(name));
      expect(layers.map(({ consumers, channelAxis }) => [consumers, channelAxis])).toEqual(
        slot ? [[[{ op, node: 'y', input: slot[0] }], slot[1]]] : [],
      );
    }
  });

  test('output channels of ConvTranspose in groups', () => {
    const layerOf = (dims: number[], group: number, ...before: FixtureNode[]) => {
      const consumer = node('ConvTranspose', ['x', before.length > 0 ? 'v' : 'w'], ['y'], { group });
      const [layer] = layersOf({ initializers: [tensor('w', dims)], nodes: [...before, consumer] });
      return [layer!.channelAxis, layer!.channelGroups];
    };
    expect(layerOf([8, 3, 5], 1)).toEqual([1, undefined]);
    expect(layerOf([8, 3, 5], 2)).toEqual([1, { axis: 0, size: 4 }]);
    expect(layerOf([8, 1, 5], 8)).toEqual([1, { axis: 0, size: 1 }]);
    expect(layerOf([8, 3, 5], 3)).toEqual([1, undefined]);
    expect(layerOf([5, 3, 8], 2, node('Transpose', ['w'], ['v']))).toEqual([1, { axis: 2, size: 4 }]);
    expect(layerOf([8, 15], 2, node('Reshape', ['w', 's'], ['v']))).toEqual([null, undefined]);
  });

  const integerOps: [string, string, number][] = [
    ['ConvInteger', '', 1], ['QLinearConv', '', 3], ['MatMulInteger', '', 1], ['QLinearMatMul', '', 3], ['QAttention', MS, 1],
    ['MatMulNBits', MS, 1], ['DynamicQuantizeMatMul', MS, 1], ['MatMulIntegerToFloat', MS, 1],
    ['GatherBlockQuantized', MS, 0], ['QGemm', MS, 3], ['DynamicQuantizeLSTM', MS, 1], ['DynamicQuantizeLSTM', MS, 2],
  ];
  test.each(integerOps)('%s of domain "%s" has a quantized weight at input %i', (op, domain, input) => {
    const inputs = ['a', 'b', 'c', 'd'].with(input, 'w');
    const [layer] = layersOf({ initializers: [tensor('w', [4, 4], 'uint8')], nodes: [node(op, inputs, ['y'], {}, domain)] });
    expect(layer).toMatchObject({ dtype: 'uint8', consumers: [{ op, input }], quantizable: { reason: 'already-quantized' } });
  });

  test('an operator of another domain is another operator', () => {
    const initializers = [tensor('w', [4, 4])];
    expect(layersOf({ initializers, nodes: [node('MatMul', ['x', 'w'], ['y'], {}, 'custom')] })).toEqual([]);
    expect(layersOf({ initializers, nodes: [node('MatMul', ['x', 'w'], ['y'], {}, 'ai.onnx')] })).toHaveLength(1);
  });
});

describe('what is no layer', () => {
  test('biases, batch normalization, scales, shapes and anchor boxes', () => {
    expect(layersOf({
      initializers: [
        tensor('bias', [8]), tensor('lstm_b', [1, 32]), tensor('mean', [8]), tensor('scale', [8]), tensor('zero', [8], 'int8'),
        tensor('q', [8, 8], 'int8'), tensor('anchors', [100, 4]), tensor('shape', [2], 'int64'), tensor('rows', [4, 4], 'int64'),
      ],
      nodes: [
        node('Conv', ['x', 'computed', 'bias'], ['a']),
        node('LSTM', ['a', 'cw', 'cr', 'lstm_b'], ['b']),
        node('BatchNormalization', ['b', 'mean', 'mean', 'mean', 'mean'], ['c']),
        node('DequantizeLinear', ['q', 'scale', 'zero'], ['d']),
        node('Mul', ['d', 'anchors'], ['e']),
        node('Reshape', ['e', 'shape'], ['f']),
        node('Gather', ['rows', 'f'], ['g']),
        node('MatMul', ['g', 'bias'], ['h']),
      ],
    })).toEqual([]);
  });

  test('a table gathered by fixed indices, along another axis, or of another rank', () => {
    const initializers = [tensor('table', [10, 4]), tensor('cube', [2, 3, 4]), tensor('i', [2], 'int64')];
    expect(layersOf({ initializers, nodes: [node('Gather', ['table', 'i'], ['y'])] })).toEqual([]);
    expect(layersOf({ initializers, nodes: [node('Gather', ['table', 'ids'], ['y'], { axis: 1 })] })).toEqual([]);
    expect(layersOf({ initializers, nodes: [node('Gather', ['cube', 'ids'], ['y'])] })).toEqual([]);
  });

  test('an embedding of positions cut from a constant is one', () => {
    const [layer] = layersOf({
      initializers: [tensor('positions', [512, 4]), tensor('ids', [1, 512], 'int64')],
      nodes: [node('Slice', ['ids', 'start', 'end'], ['cut']), node('Gather', ['positions', 'cut'], ['y'])],
    });
    expect(layer).toMatchObject({ name: 'positions', channelAxis: 0, quantizable: true });
  });
});

describe('weights behind other nodes', () => {
  const through = (...nodes: FixtureNode[]) => layersOf({
    initializers: [tensor('w', [2, 3, 4]), tensor('s', [1]), tensor('z', [1], 'int8'), tensor('q', [2, 3, 4], 'int8')],
    nodes: [...nodes, node('MatMul', ['x', 'v'], ['y'])],
  });

  test.each(['Identity', 'Cast', 'CastLike'])('%s keeps the axes', (op) => {
    expect(summary(through(node(op, ['w'], ['v'])))).toEqual([['w', 2]]);
  });

  test.each(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Slice', 'Split'])('%s hides the axes', (op) => {
    expect(summary(through(node(op, ['w'], ['v'])))).toEqual([['w', null]]);
  });

  test('Transpose permutes the axes, and reverses them without perm', () => {
    expect(summary(through(node('Transpose', ['w'], ['v'], { perm: [2, 0, 1] })))).toEqual([['w', 1]]);
    expect(summary(through(node('Transpose', ['w'], ['v'])))).toEqual([['w', 0]]);
    expect(summary(through(
      node('Transpose', ['w'], ['u']), node('Transpose', ['u'], ['v'], { perm: [1, 2, 0] }),
    ))).toEqual([['w', 2]]);
    expect(summary(through(node('Transpose', ['w'], ['v'], { perm: [0, 7, 1] })))).toEqual([['w', null]]);
  });

  test('quantized weights behind DequantizeLinear, and fake-quantized ones', () => {
    expect(through(node('DequantizeLinear', ['q', 's', 'z'], ['v']))).toMatchObject([
      { name: 'q', dtype: 'int8', channelAxis: 2, quantizable: { reason: 'already-quantized' } },
    ]);
    expect(summary(through(
      node('QuantizeLinear', ['w', 's', 'z'], ['u']), node('DequantizeLinear', ['u', 's', 'z'], ['v']),
    ))).toEqual([['w', 2]]);
  });

  test('parts put together in another order are the weight, but parts of two weights are neither', () => {
    const gates = [node('Slice', ['w', 'a', 'b'], ['i']), node('Slice', ['w', 'b', 'c'], ['o'])];
    expect(summary(through(...gates, node('Concat', ['o', 'i'], ['v'])))).toEqual([['w', null]]);
    expect(through(...gates, node('Concat', ['o', 'q'], ['v']))).toEqual([]);
  });

  test('a computed weight is no constant', () => {
    expect(through(node('Add', ['w', 'x0'], ['v']))).toEqual([]);
  });

  test('nodes in a circle end the search', () => {
    expect(through(node('Identity', ['u'], ['v']), node('Identity', ['v'], ['u']))).toEqual([]);
  });
});

describe('one weight, several consumers', () => {
  const initializers = [tensor('embedding', [100, 8]), tensor('other', [8, 8])];

  test('is one layer, at its first consumer, with the axis that they agree on', () => {
    const layers = layersOf({
      initializers,
      nodes: [
        { ...node('Gather', ['embedding', 'ids'], ['e']), name: 'look_up' },
        node('MatMul', ['e', 'other'], ['h']),
        node('Transpose', ['embedding'], ['t']),
        node('MatMul', ['h', 't'], ['logits']),
      ],
    });
    expect(layers).toMatchObject([
      {
        index: 0, name: 'embedding', channelAxis: 0,
        consumers: [{ op: 'Gather', node: 'look_up', input: 0 }, { op: 'MatMul', node: 'logits', input: 1 }],
      },
      { index: 1, name: 'other' },
    ]);
  });

  test('has no axis where they disagree', () => {
    const nodes = [node('MatMul', ['x', 'other'], ['h']), node('MatMul', ['other', 'h'], ['y'])];
    expect(summary(layersOf({ initializers, nodes }))).toEqual([['other', null]]);
  });

  test('has the groups of output channels that they agree on', () => {
    const groupsOf = (...groups: number[]) => layersOf({
      initializers: [tensor('up', [8, 4, 3])],
      nodes: groups.map((group, i) => node('ConvTranspose', ['x', 'up'], [`y${i}`], { group })),
    }).map(({ channelAxis, channelGroups }) => [channelAxis, channelGroups]);
    expect(groupsOf(2, 2)).toEqual([[1, { axis: 0, size: 4 }]]);
    expect(groupsOf(2, 1)).toEqual([[1, undefined]]);
    expect(groupsOf(1, 4)).toEqual([[1, undefined]]);
    expect(groupsOf(2, 4)).toEqual([[1, undefined]]);
  });

  test('at both inputs of one node counts twice', () => {
    const [layer] = layersOf({ initializers, nodes: [node('MatMul', ['other', 'other'], ['y'])] });
    expect(layer!.consumers.map(({ input }) => input)).toEqual([0, 1]);
  });
});

describe('scopes', () => {
  const constant = (name: string): FixtureNode => node('Constant', [], [name], { value: { tensor: tensor('', [4, 4]) } });
  const branch = (...nodes: FixtureNode[]) => ({ graph: { nodes } });

  test('subgraphs own weights and use those of the graphs around them, in network order', () => {
    const inner = node('If', ['c2'], ['z'], {
      then_branch: branch(node('MatMul', ['x', 'main'], ['t']), constant('deep'), node('MatMul', ['t', 'deep'], ['z'])),
    });
    const outer = node('If', ['c'], ['y'], {
      then_branch: branch(constant('own'), node('MatMul', ['x', 'own'], ['i']), inner),
    });
    const layers = layersOf({
      initializers: [tensor('main', [4, 4]), tensor('after', [4, 4])],
      nodes: [
        { ...outer, name: 'choose' },
        node('MatMul', ['y', 'after'], ['out']),
      ],
    });
    expect(layers.map(({ name, scope, quantizable }) => [scope, name, quantizable])).toEqual([
      ['choose.then_branch', 'own', true],
      ['', 'main', true],
      ['choose.then_branch/If#2.then_branch', 'deep', true],
      ['', 'after', true],
    ]);
  });

  test('a subgraph input hides the weight of its name outside', () => {
    const body = { graph: { inputs: [{ name: 'w', dims: [4, 4] }], nodes: [node('MatMul', ['x', 'w'], ['z'])] } };
    const nodes = [node('Loop', ['n'], ['y'], { body })];
    expect(layersOf({ initializers: [tensor('w', [4, 4])], nodes })).toEqual([]);
  });

  test('scopes of one name are told apart', () => {
    const then_branch = branch(constant('w'), node('MatMul', ['x', 'w'], ['z']));
    const layers = layersOf({
      nodes: ['y1', 'y2'].map((output) => ({ ...node('If', ['c'], [output], { then_branch }), name: 'same' })),
    });
    expect(new Set(layers.map(({ scope }) => scope)).size).toBe(2);
  });

  test('functions own weights, take them as arguments and hand them back', () => {
    const layers = layersOf({
      domains: { f: 1 },
      initializers: [tensor('first', [4, 8]), tensor('second', [8, 4])],
      functions: [
        { domain: 'f', name: 'Turn', inputs: ['a'], outputs: ['b'], nodes: [node('Transpose', ['a'], ['b'])] },
        {
          domain: 'f', name: 'Linear', inputs: ['u', 'v'], outputs: ['r'],
          nodes: [constant('own'), node('MatMul', ['u', 'own'], ['p']), { ...node('MatMul', ['p', 'v'], ['r']), name: 'body' }],
        },
      ],
      nodes: [
        node('Linear', ['x', 'first'], ['h'], {}, 'f'),
        node('Turn', ['second'], ['t'], {}, 'f'),
        node('Linear', ['h', 't'], ['y'], {}, 'f'),
      ],
    });
    const own = { node: 'p', op: 'MatMul', input: 1 };
    const body = { node: 'body', op: 'MatMul', input: 1 };
    expect(layers).toMatchObject([
      { scope: 'fn:f::Linear', name: 'own', channelAxis: 1, consumers: [own], quantizable: true },
      { scope: '', name: 'first', channelAxis: 1, consumers: [body], quantizable: true },
      { scope: '', name: 'second', channelAxis: 0, consumers: [body], quantizable: true },
    ]);
  });

  test('functions that call themselves or each other end', () => {
    const call = (name: string) => node(name, ['a'], ['b'], {}, 'f');
    const layers = layersOf({
      domains: { f: 1 },
      initializers: [tensor('w', [4, 4])],
      functions: ['A', 'B'].map((name, i) => (
        { domain: 'f', name, inputs: ['a'], outputs: ['b'], nodes: [call(['B', 'A'][i]!), node('MatMul', ['x', 'a'], ['y'])] }
      )),
      nodes: [node('A', ['w'], ['y'], {}, 'f')],
    });
    expect(layers).toMatchObject([{ name: 'w', consumers: [{ node: 'y' }, { node: 'y' }] }]);
  });

  test('functions that each call the next one twice are stopped', () => {
    const functions = Array.from({ length: 60 }, (_, i) => ({
      domain: 'f', name: `F${i}`, inputs: ['a'], outputs: ['c'],
      nodes: [node(`F${i + 1}`, ['a'], ['b'], {}, 'f'), node(`F${i + 1}`, ['b'], ['c'], {}, 'f')],
    }));
    functions.push({ domain: 'f', name: 'F60', inputs: ['a'], outputs: ['c'], nodes: [node('Transpose', ['a'], ['c'])] });
    const problem = problemOf(() => layersOf({
      domains: { f: 1 }, initializers: [tensor('w', [4, 4])], functions,
      nodes: [node('F0', ['w'], ['v'], {}, 'f'), node('MatMul', ['x', 'v'], ['y'])],
    }));
    expect(problem.code).toBe('limit-exceeded');
  });
});

describe('what can be quantized', () => {
  const one = (dtype: FixtureType, op = 'MatMul', opset = 13, dims = [4, 4]) => (
    layersOf({ opset, initializers: [tensor('w', dims, dtype)], nodes: [node(op, ['x', 'w'], ['y'])] })[0]!.quantizable
  );

  test.each([
    ['float32', 'MatMul', 13, [4, 4], true],
    ['float16', 'Gemm', 7, [4, 4], true],
    ['float32', 'Conv', 7, [4, 1, 3, 3], true],
    ['float32', 'MatMul', 6, [4, 4], { reason: 'opset-too-old' }],
    ['bfloat16', 'MatMul', 13, [4, 4], true],
    ['bfloat16', 'MatMul', 12, [4, 4], { reason: 'opset-too-old' }],
    ['float64', 'MatMul', 13, [4, 4], true],
    ['int8', 'MatMul', 13, [4, 4], { reason: 'already-quantized' }],
    ['float32', 'ConvTranspose', 13, [4, 4, 3, 3], true],
    ['float32', 'MatMul', 13, [0, 4], { reason: 'empty' }],
  ] as const)('%s for %s at opset %i, %j: %j', (dtype, op, opset, dims, expected) => {
    expect(one(dtype, op, opset, [...dims])).toEqual(expected);
  });

  test('a sparse weight is', () => {
    const [layer] = layersOf({
      sparseInitializers: [{ name: 'w', dims: [4, 4], values: [1], indices: [3] }],
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
    });
    expect(layer).toMatchObject({ elements: 16, bytes: 12, storage: { form: 'sparse' }, quantizable: true });
  });

  test('in a function, its own opset counts', () => {
    const body = [node('Constant', [], ['w'], { value: { tensor: tensor('', [4, 4]) } }), node('MatMul', ['a', 'w'], ['b'])];
    const layers = layersOf({
      domains: { f: 1 },
      functions: [6, 7].map((opset) => ({ domain: 'f', name: `F${opset}`, inputs: ['a'], outputs: ['b'], nodes: body, opset })),
      nodes: [node('F6', ['x'], ['h'], {}, 'f'), node('F7', ['h'], ['y'], {}, 'f')],
    });
    expect(layers.map(({ quantizable }) => quantizable)).toEqual([{ reason: 'opset-too-old' }, true]);
  });
});
