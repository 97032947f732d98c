import { beforeAll, describe, expect, it } from 'vitest';
import { layerKey } from '../../../../src/core/onnx/layer';
import { BIT_WIDTHS, GRIDS } from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import {
  buildModel, laplacian, type FixtureAttribute, type FixtureGraph, type FixtureModel, type FixtureNode, type FixtureTensor,
  type FixtureValue,
} from '../../../fixtures/modelBuilder';
import { copyOf } from './copyHelper';
import { pairsOf, pairwise, type Case } from './pairwise';

let native: Runtime;
let wasm: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  wasm = await wasmRuntime();
});

interface Consumer {
  op: string;
  weights: Record<string, number[]>;
  x: number[];
  /** `x`, weights, and `b`: zeros. */
  inputs: string[];
  attributes?: Record<string, FixtureAttribute>;
  domain?: string;
  /** Rows of an embedding. */
  rows?: number;
}

const HIDDEN = 34;
const recurrent = (op: string, gates: number, directions: number): Consumer => ({
  op, x: [3, 1, 37], inputs: ['x', 'w', 'r'],
  weights: { w: [directions, gates * HIDDEN, 37], r: [directions, gates * HIDDEN, HIDDEN] },
  attributes: { hidden_size: HIDDEN, direction: directions === 2 ? 'bidirectional' : 'forward' },
});

const CONSUMERS = {
  'Conv': { op: 'Conv', weights: { w: [23, 15, 3, 5] }, x: [1, 15, 6, 6], inputs: ['x', 'w'] },
  'depthwise Conv': { op: 'Conv', weights: { w: [101, 1, 7, 7] }, x: [1, 101, 8, 8], inputs: ['x', 'w'], attributes: { group: 101 } },
  'ConvTranspose': { op: 'ConvTranspose', weights: { w: [24, 17, 3, 5] }, x: [1, 24, 4, 4], inputs: ['x', 'w'] },
  'MatMul': { op: 'MatMul', weights: { w: [71, 53] }, x: [2, 71], inputs: ['x', 'w'] },
  'MatMul on the left': { op: 'MatMul', weights: { w: [53, 71] }, x: [71, 2], inputs: ['w', 'x'] },
  'batched MatMul': { op: 'MatMul', weights: { w: [3, 70, 21] }, x: [3, 2, 70], inputs: ['x', 'w'] },
  'Gemm': { op: 'Gemm', weights: { w: [65, 64] }, x: [2, 65], inputs: ['x', 'w'] },
  'Gemm, transB': { op: 'Gemm', weights: { w: [64, 65] }, x: [2, 65], inputs: ['x', 'w'], attributes: { transB: 1 } },
  'LSTM': recurrent('LSTM', 4, 2),
  'GRU': recurrent('GRU', 3, 1),
  'RNN': recurrent('RNN', 1, 2),
  'Gather': { op: 'Gather', weights: { w: [131, 33] }, x: [2, 3], inputs: ['w', 'x'], rows: 131 },
  'Attention': {
    op: 'Attention', weights: { w: [45, 3 * 32] }, x: [1, 5, 45], inputs: ['x', 'w', 'b'],
    attributes: { num_heads: 4, qkv_hidden_sizes: [32, 32, 32] }, domain: 'com.microsoft',
  },
} satisfies Record<string, Consumer>;

const FACTORS = {
  consumer: Object.keys(CONSUMERS) as (keyof typeof CONSUMERS)[],
  place: ['main', 'Constant', 'If', 'Loop', 'Scan', 'function'],
  dtype: ['float32', 'float16', 'bfloat16', 'float64'],
  storage: ['raw', 'typed', 'external', 'sparse'],
  bits: BIT_WIDTHS,
  grid: GRIDS,
  granularity: ['tensor', 'channel', 'block:32'],
  normalize: ['none', 'layer'],
  opset: [13, 17, 21],
} as const;
type Made = Case<typeof FACTORS>;

/** Functions own no initializers; their weights are Constant nodes, and so are those that fixtures do not make sparse. */
const IN_CONSTANTS: readonly Made['place'][] = ['Constant', 'function'];
const CASES = pairwise(FACTORS, ({ place, storage }) => !(IN_CONSTANTS.includes(place) && storage === 'sparse'));

const product = (dims: number[]): number => dims.reduce((a, b) => a * b, 1);

/** Elements that are not 0 in sparse weights. */
const isKept = (i: number): boolean => (7 * i) % 10 < 6;

/** The consumer from `x` to `y` with weights of its own, widened to float32 where they are not. */
function consume(made: Made, weightOf: (name: string) => Float32Array, y = 'y'): FixtureGraph {
  const { place, dtype, storage } = made;
  const consumer: Consumer = CONSUMERS[made.consumer];
  const graph: Required<Pick<FixtureGraph, 'nodes' | 'initializers' | 'sparseInitializers'>> = { nodes: [], initializers: [], sparseInitializers: [] };
  const hold = (tensor: FixtureTensor): void => {
    if (!IN_CONSTANTS.includes(place)) graph.initializers.push(tensor);
    else graph.nodes.push({ op: 'Constant', inputs: [], outputs: [tensor.name], attributes: { value: { tensor } } });
  };
  for (const [name, dims] of Object.entries(consumer.weights)) {
    const data = weightOf(name);
    if (storage !== 'sparse') hold({ name, dims, dtype, data, form: storage });
    else {
      const indices = Array.from(data.keys()).filter(isKept);
      graph.sparseInitializers.push({ name, dims, dtype, indices, values: indices.map((i) => data[i]!) });
    }
  }
  if (consumer.inputs.includes('b')) hold({ name: 'b', dims: [96], data: new Float32Array(96) });
  graph.nodes.push(...consumerNodes(made, consumer, y));
  return graph;
}

function consumerNodes({ dtype }: Made, { op, domain, weights, inputs, attributes }: Consumer, y: string): FixtureNode[] {
  const widen = (from: string, to: string): FixtureNode => ({ op: 'Cast', inputs: [from], outputs: [to], attributes: { to: 1 } });
  const node = (from: string[], to: string): FixtureNode => ({
    op, inputs: from, outputs: [to], ...(domain && { domain }), ...(attributes && { attributes }),
  });
  if (dtype === 'float32') return [node(inputs, y)];
  if (op === 'Gather') return [node(inputs, 'rows'), widen('rows', y)];
  const names = Object.keys(weights);
  return [
    ...names.map((name) => widen(name, `${name}32`)),
    node(inputs.map((input) => (names.includes(input) ? `${input}32` : input)), y),
  ];
}

/** The case's model. `weightOf` gives weights by the path of their scope and their name there. */
function modelOf(made: Made, weightOf: (scope: string, name: string) => Float32Array): FixtureModel {
  const { x: dims, rows }: Consumer = CONSUMERS[made.consumer];
  const x = { name: 'x', dims, dtype: rows ? 'int64' : 'float32' } as const;
  // Dimensions of outputs are named, since only their number has to be right.
  const result = (name: string, more = 0) => ({ name, dims: Array.from({ length: rankOf(made) + more }, (_, i) => `${name}${i}`) });
  const body = (scope: string, output = 'y') => consume(made, (name) => weightOf(scope, name), output);
  const model = { opset: made.opset, ir: 8, domains: { 'com.microsoft': 1 }, inputs: [x], outputs: [result('y')] };
  switch (made.place) {
    case 'main': case 'Constant': return { ...model, ...body('') };
    case 'If': {
      const flag: FixtureValue = { name: 'flag', dims: [], dtype: 'bool' };
      const branch = (name: string) => ({ graph: { ...body(`if.${name}`, name), outputs: [result(name)] } });
      const attributes = { then_branch: branch('then_branch'), else_branch: branch('else_branch') };
      return { ...model, inputs: [x, flag], nodes: [{ op: 'If', name: 'if', inputs: ['flag'], outputs: ['y'], attributes }] };
    }
    case 'Loop': {
      const go: FixtureValue = { name: 'go', dims: [], dtype: 'bool' };
      const inner = body('loop.body', 'out');
      const graph = {
        ...inner, inputs: [{ name: 'i', dims: [], dtype: 'int64' as const }, go],
        outputs: [{ ...go, name: 'go_on' }, result('out')],
        nodes: [...inner.nodes, { op: 'Identity', inputs: ['go'], outputs: ['go_on'] }],
      };
      return {
        ...model, outputs: [result('y', 1)], initializers: [{ name: 'trips', dims: [], dtype: 'int64', data: [2] }],
        nodes: [{ op: 'Loop', name: 'loop', inputs: ['trips', ''], outputs: ['y'], attributes: { body: { graph } } }],
      };
    }
    case 'Scan': {
      const graph = { ...body('scan.body', 'out'), inputs: [x], outputs: [result('out')] };
      const attributes = { body: { graph }, num_scan_inputs: 1 };
      return {
        ...model, inputs: [{ ...x, name: 'xs', dims: [2, ...dims] }], outputs: [result('y', 1)],
        nodes: [{ op: 'Scan', name: 'scan', inputs: ['xs'], outputs: ['y'], attributes }],
      };
    }
    case 'function': return {
      ...model,
      domains: { ...model.domains, f: 1 },
      functions: [{ domain: 'f', name: 'Layer', inputs: ['x'], outputs: ['y'], nodes: body('fn:f::Layer').nodes }],
      nodes: [{ op: 'Layer', domain: 'f', inputs: ['x'], outputs: ['y'] }],
    };
  }
}

/** Of the output: recurrent layers add directions, and embeddings the length of a row. */
function rankOf({ consumer }: Made): number {
  const { op, x }: Consumer = CONSUMERS[consumer];
  return x.length + (['LSTM', 'GRU', 'RNN', 'Gather'].includes(op) ? 1 : 0);
}

function inputsOf({ inputs }: FixtureModel, { consumer }: Made, flag: number): Record<string, RuntimeTensor> {
  const { rows }: Consumer = CONSUMERS[consumer];
  return Object.fromEntries(inputs!.map(({ name, dims: shape, dtype }): [string, RuntimeTensor] => {
    const dims = shape as number[];
    if (dtype === 'bool') return [name, { type: 'bool', dims, data: Uint8Array.of(flag) }];
    const data = laplacian(product(dims), 7, 1);
    if (!rows) return [name, { type: 'float32', dims, data }];
    return [name, { type: 'int64', dims, data: BigInt64Array.from(data, (each) => BigInt(Math.floor(Math.abs(each) * 50) % rows)) }];
  }));
}

/** The weights of the source, different in every scope, 0 where sparse ones leave some out. */
function sourceWeights(made: Made) {
  return (scope: string, name: string): Float32Array => {
    const { weights }: Consumer = CONSUMERS[made.consumer];
    const all = laplacian(product(weights[name]!), scope.length + name.charCodeAt(0));
    return made.storage === 'sparse' ? all.map((weight, i) => (isKept(i) ? weight : 0)) : all;
  };
}

async function expectSameOutput(runtimes: Runtime[], made: Made, flag: number): Promise<void> {
  const { bits, grid, granularity, normalize } = made;
  const model = modelOf(made, sourceWeights(made));
  const copy = copyOf(buildModel(model), { bits, grid, granularity, normalize });
  expect(copy.plan.size.skipped).toEqual([]);
  expect(copy.model.length).toBe(copy.plan.size.bytesAfter);
  const dequantized = modelOf({ ...made, storage: 'raw' }, (scope, name) => copy.expected.get(layerKey({ scope, name }))!);
  const reference = buildModel(dequantized).model;
  const inputs = inputsOf(model, made, flag);
  for (const runtime of runtimes) {
    expect(await runtime.evaluate(copy.model, inputs), JSON.stringify(made)).toEqual(await runtime.evaluate(reference, inputs));
  }
}

describe('every consumer, place, type and store of weights, in pairs', () => {
  it('meets at every bit width', () => {
    const met = new Set(CASES.flatMap(pairsOf));
    for (const consumer of FACTORS.consumer) {
      for (const bits of FACTORS.bits) expect(met).toContain(`consumer=${consumer} bits=${bits}`);
      for (const place of FACTORS.place) expect(met).toContain(`consumer=${consumer} place=${place}`);
      for (const dtype of FACTORS.dtype) expect(met).toContain(`consumer=${consumer} dtype=${dtype}`);
      for (const storage of FACTORS.storage) expect(met).toContain(`consumer=${consumer} storage=${storage}`);
    }
    expect(CASES.length).toBeLessThan(200);
  });

  it.each(FACTORS.consumer)('%s: copies compute what float models of the dequantized weights compute', async (consumer) => {
    const own = CASES.filter((made) => made.consumer === consumer);
    for (const [i, made] of own.entries()) await expectSameOutput(i % 10 === 0 ? [native, wasm] : [native], made, i % 2);
  });
});
