import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import type { ModelIndex } from '../../../../src/core/onnx/modelIndex';
import { planCopy } from '../../../../src/core/onnx/planCopy';
import {
  BIT_WIDTHS, GRANULARITIES, GRIDS, completeSettings, scopeOf, type LayerSettings, type PartialSettings, type PlannedLayer,
} from '../../../../src/core/plan/layerSettings';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import { buildModel, laplacian, seededRandom, type FixtureModel, type FixtureNode, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { copyFrom, expectStoredWeights } from './copyHelper';

let native: Runtime;
let wasm: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  wasm = await wasmRuntime();
});

type Weight = Pick<FixtureTensor, 'name' | 'dims'>;

function modelOf(weights: Weight[]): FixtureModel {
  const node = ({ name, dims }: Weight, i: number): FixtureNode => (
    { op: dims.length === 2 ? 'MatMul' : 'Conv', inputs: [`x${dims.length}`, name], outputs: [`y${i}`] }
  );
  return {
    inputs: [{ name: 'x2', dims: [1, 'k'] }, { name: 'x4', dims: [1, 'c', 'h', 'w'] }],
    outputs: [],
    initializers: weights.map(({ name, dims }, i) => ({ name, dims, data: laplacian(dims.reduce((a, b) => a * b, 1), i) })),
    nodes: weights.map(node),
  };
}

function filesOf(weights: Weight[]) {
  const files = memoryFiles('m', buildModel(modelOf(weights)).model);
  return { files, index: indexModel(files, 'm') };
}

/** Some weights, of tens to tens of thousands of elements, many of them alike. */
function someWeights(random: () => number): Weight[] {
  const upTo = (most: number): number => Math.floor(most ** random());
  const shapes = Array.from({ length: 1 + upTo(4) }, () => (
    random() < 0.5 ? [upTo(200), upTo(150)] : [upTo(60), upTo(40), 1 + upTo(3), 1 + upTo(3)]
  ));
  return Array.from({ length: upTo(40) }, (_, i) => ({ name: `layer${i}.weight`, dims: shapes[Math.floor(shapes.length * random())]! }));
}

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

function bytesOf(index: ModelIndex, settingsOf: (layer: number) => LayerSettings): number {
  return planCopy(index, index.layers.map(({ index: layer }) => ({ layer, settings: settingsOf(layer) })), 'c').size.bytesAfter;
}

describe('fewer bits', () => {
  it('never make a copy larger, whatever the layers', () => {
    const random = seededRandom(17);
    for (let i = 0; i < 80; i++) {
      const { index } = filesOf(someWeights(random));
      const settings: PartialSettings = {
        method: pick(random, ['uniform', 'uniform', 'uniform', 'lloyd-max', 'sptq', 'msptq', 'n2uq']),
        grid: pick(random, GRIDS),
        granularity: pick(random, GRANULARITIES),
        normalize: pick(random, ['none', 'layer']),
      };
      const bytes = BIT_WIDTHS.map((bits) => bytesOf(index, () => completeSettings({ ...settings, bits })));
      expect([...bytes].sort((a, b) => a - b), JSON.stringify({ i, settings, bytes })).toEqual(bytes);
    }
  });

  it('of one layer among layers of other bits neither', () => {
    const random = seededRandom(18);
    for (let i = 0; i < 30; i++) {
      const { index } = filesOf(someWeights(random));
      const grid = pick(random, GRIDS);
      const bits = index.layers.map(() => pick(random, BIT_WIDTHS));
      const settings = bits.map((each) => completeSettings({ bits: each, grid }));
      const bytes = bytesOf(index, (layer) => settings[layer]!);
      for (const [layer, own] of bits.entries()) {
        if (own === 8) continue;
        const wider = completeSettings({ bits: pick(random, BIT_WIDTHS.filter((each) => each > own)), grid });
        expect(bytes).toBeLessThanOrEqual(bytesOf(index, (each) => (each === layer ? wider : settings[each]!)));
      }
    }
  });
});

describe('a packing in more bits than codes have', () => {
  const SMALL: Weight[] = Array.from({ length: 3 }, (_, i) => ({ name: `small${i}`, dims: [20, 21] }));
  const LARGE: Weight[] = [{ name: 'large', dims: [90, 240] }, { name: 'kernel', dims: [40, 21, 3, 3] }];

  it('is what a few small layers take, and not large ones', () => {
    const tensorsOf = (weights: Weight[], bits: 2 | 3) => {
      const { files, index } = filesOf(weights);
      const planned = index.layers.map(({ index: layer }) => ({ layer, settings: completeSettings({ bits, grid: 'symmetric' }) }));
      const copy = copyFrom(files, index, planned);
      return indexModel(memoryFiles('c', copy.model), 'c').tensors.map(({ name }) => name);
    };
    expect(tensorsOf(SMALL, 3)).toContain('small0.q.3bits');
    expect(tensorsOf(SMALL, 3).filter((name) => name.includes('symmetric'))).toEqual([]);
    expect(tensorsOf(LARGE, 3)).toEqual(expect.arrayContaining(['large.q.codes8', 'large.q.codes4', 'symmetric-3bit.q.steps.0']));
  });

  it.each(GRIDS)('gives back the same weights: %s, all bit widths in one copy', async (grid) => {
    const { files, index } = filesOf([...SMALL, ...LARGE, ...SMALL.map(({ name, dims }) => ({ name: `${name}b`, dims }))]);
    for (const first of [0, 2, 5]) {
      const planned = index.layers.map(({ index: layer }): PlannedLayer => (
        { layer, settings: completeSettings({ bits: BIT_WIDTHS[(first + layer) % BIT_WIDTHS.length]!, grid, support: 'abs-max' }) }
      ));
      await expectStoredWeights(native, copyFrom(files, index, planned));
      if (first === 2) await expectStoredWeights(wasm, copyFrom(files, index, planned));
    }
  });

  it.each(['lloyd-max', 'sptq', 'n2uq', 'apot', 'subset', 'pwlq'] as const)('gives back the same weights: %s', async (method) => {
    const { files, index } = filesOf([...SMALL, { name: 'medium', dims: [60, 70] }]);
    for (const bits of scopeOf(method, 3).bits.slice(0, 3)) {
      const settings = completeSettings({ method, bits, granularity: 'tensor', mode: method === 'n2uq' ? 'published' : scopeOf(method, bits).modes[0]! });
      const planned = index.layers.map(({ index: layer }) => ({ layer, settings }));
      await expectStoredWeights(native, copyFrom(files, index, planned));
    }
  });
});

describe('tables', () => {
  it.each(['symmetric-3bit', 'symmetric-4bit'])('are not taken for parts of a layer that is called %s', async (name) => {
    const { files, index } = filesOf([{ name, dims: [100, 120] }, { name: `${name}-2`, dims: [100, 120] }, { name: 'w', dims: [100, 130] }]);
    const bits = name === 'symmetric-3bit' ? 3 : 4;
    const planned = index.layers.map(({ index: layer }) => ({ layer, settings: completeSettings({ bits }) }));
    const copy = copyFrom(files, index, planned);
    await expectStoredWeights(native, copy);
    const names = indexModel(memoryFiles('c', copy.model), 'c').tensors.map((tensor) => tensor.name);
    expect(new Set(names).size).toBe(names.length);
  });
});
