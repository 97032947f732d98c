import { describe, expect, test } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import { layerKey } from '../../../../src/core/onnx/layer';
import { readWeights } from '../../../../src/core/onnx/weights';
import { METHODS, scopeOf } from '../../../../src/core/plan/layerSettings';
import { buildModel, laplacian, seededRandom, type BuiltModel, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { copyOf } from './copyHelper';

const MODELS = 40;

type Random = () => number;
const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)]!;

/** A model of one to five products, each weight in a form, type, shape and scope drawn by lot. */
function drawnModel(random: Random): BuiltModel {
  const model: FixtureModel & { initializers: FixtureTensor[]; nodes: FixtureNode[] } = { initializers: [], nodes: [] };
  for (let i = Math.floor(random() * 5); i >= 0; i--) {
    const dims = [8 + Math.floor(random() * 40), 8 + Math.floor(random() * 40)];
    const tensor: FixtureTensor = {
      name: `w${i}`, dims, data: laplacian(dims[0]! * dims[1]!, i + Math.floor(random() * 1000)),
      dtype: pick(['float32', 'float16', 'bfloat16', 'float64'], random),
      form: pick(['raw', 'typed', 'external'], random), file: pick(['one.bin', 'two.bin'], random),
    };
    const multiply: FixtureNode = { op: 'MatMul', inputs: [`x${i}`, tensor.name], outputs: [`y${i}`] };
    const holder = pick(['initializer', 'constant', 'subgraph'], random);
    if (holder === 'initializer') model.initializers.push(tensor);
    if (holder === 'constant') model.nodes.push({ op: 'Constant', inputs: [], outputs: [tensor.name], attributes: { value: { tensor } } });
    if (holder === 'subgraph') {
      const graph = { initializers: [tensor], nodes: [multiply], outputs: [{ name: `y${i}`, dims: ['n'] }] };
      model.nodes.push({ op: 'If', name: `branch${i}`, inputs: ['c'], outputs: [`z${i}`], attributes: { then_branch: { graph }, else_branch: { graph: { nodes: [] } } } });
    } else model.nodes.push(multiply);
  }
  return buildModel(model);
}

const seeds = Array.from({ length: MODELS }, (_, seed) => seed);

describe('models drawn by lot', () => {
  test.each(seeds)('a copy has the weights that were meant, and all others as they were: %d', (seed) => {
    const random = seededRandom(seed);
    const built = drawnModel(random);
    const before = memoryFiles('model.onnx', built.model, built.external);
    const source = indexModel(before, 'model.onnx');
    const method = pick(METHODS, random);
    const bits = pick(scopeOf(method, 4).bits.filter((width) => width <= 4), random);
    const names = source.layers.filter(() => random() < 0.7).map(({ name }) => name);
    const copy = copyOf(built, { method, bits }, names);
    const after = memoryFiles('copy.onnx', copy.model, new Map(copy.data ? [['copy.onnx.data', copy.data]] : []));
    const written = indexModel(after, 'copy.onnx');
    expect(copy.plan.layers.length + copy.plan.size.skipped.length).toBe(source.layers.length);
    expect(written.bytes).toBe(copy.plan.size.bytesAfter);
    for (const layer of source.layers) {
      const found = written.layers.filter((each) => layerKey(each) === layerKey(layer));
      expect(found).toMatchObject([{ dims: layer.dims, dtype: layer.dtype, elements: layer.elements }]);
      const quantized = copy.expected.get(layerKey(layer));
      const weights = readWeights(after, written.tensors[found[0]!.tensor]!);
      if (quantized) expect(Float32Array.from(weights)).toEqual(quantized);
      else expect(weights).toEqual(readWeights(before, source.tensors[layer.tensor]!));
      expect(found[0]!.quantizable === true).toBe(!quantized);
    }
  });

  test.each(seeds.slice(0, 10))('the same plan makes the same bytes: %d', (seed) => {
    const [first, second] = [0, 1].map(() => copyOf(drawnModel(seededRandom(seed)), { bits: 4 }));
    expect(first!.model).toEqual(second!.model);
    expect(first!.data).toEqual(second!.data);
  });
});
