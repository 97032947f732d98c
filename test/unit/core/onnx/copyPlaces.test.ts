import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerKey } from '../../../../src/core/onnx/layer';
import { nativeRuntime } from '../../../../src/runtime/nativeRuntime';
import type { Runtime, RuntimeTensor } from '../../../../src/runtime/runtime';
import { wasmRuntime } from '../../../../src/runtime/wasmRuntime';
import { buildModel, laplacian, type FixtureGraph, type FixtureModel, type FixtureNode } from '../../../fixtures/modelBuilder';
import { checkModel, hasChecker } from './checker';
import { copyOf, expectStoredWeights } from './copyHelper';

let native: Runtime;
let wasm: Runtime;
beforeAll(async () => {
  native = (await nativeRuntime())!;
  wasm = await wasmRuntime();
});

const SIZE = 46;

/** A network over x [4, SIZE], in whose inner scopes x is multiplied by weights `w` of their own, held as `form`. */
interface Place {
  form: 'initializer' | 'constant';
  /** The path of one such scope. */
  scope: string;
  model: (multiply: Multiply) => FixtureModel;
}

/** MatMul(from, w), where w has the weights that belong to the scope's path. */
type Multiply = (from: string, to: string, scope: string) => Required<Pick<FixtureGraph, 'nodes' | 'initializers'>>;

const FLAG = { name: 'flag', dims: [], dtype: 'bool' as const };
const X = { name: 'x', dims: [4, SIZE] };
const Y = { name: 'y', dims: [4, SIZE] };

function branch(multiply: Multiply, output: string, scope: string): FixtureGraph {
  return { ...multiply('x', output, scope), outputs: [{ ...Y, name: output }] };
}

/** An If whose branches use one name for two weights. */
function choose(multiply: Multiply, output: string, outer: string): FixtureNode {
  const name = `choose_${output}`;
  const graph = (attribute: string) => ({ graph: branch(multiply, `${output}_${attribute}`, `${outer}${name}.${attribute}`) });
  const attributes = { then_branch: graph('then_branch'), else_branch: graph('else_branch') };
  return { op: 'If', name, inputs: ['flag'], outputs: [output], attributes };
}

const branches = (multiply: Multiply): FixtureModel => (
  { inputs: [X, FLAG], outputs: [Y], nodes: [choose(multiply, 'y', '')] }
);

const loop = (multiply: Multiply): FixtureModel => {
  const body: FixtureGraph = {
    inputs: [{ name: 'i', dims: [], dtype: 'int64' }, { ...FLAG, name: 'go_on' }, { ...X, name: 'state' }],
    outputs: [{ ...FLAG, name: 'go_on_out' }, { ...Y, name: 'state_out' }],
    nodes: [
      choose(multiply, 'z', 'loop.body/'),
      { op: 'Add', inputs: ['state', 'z'], outputs: ['state_out'] },
      { op: 'Identity', inputs: ['go_on'], outputs: ['go_on_out'] },
    ],
  };
  return {
    inputs: [X, FLAG],
    outputs: [Y],
    initializers: [{ name: 'trips', dims: [], dtype: 'int64', data: [3] }],
    nodes: [{ op: 'Loop', name: 'loop', inputs: ['trips', '', 'x'], outputs: ['y'], attributes: { body: { graph: body } } }],
  };
};

const scan = (multiply: Multiply): FixtureModel => {
  const row = { name: 'row', dims: [SIZE] };
  const outputs = [{ ...row, name: 'row_out' }];
  const body: FixtureGraph = { ...multiply('row', 'row_out', 'scan.body'), inputs: [row], outputs };
  const attributes = { body: { graph: body }, num_scan_inputs: 1 };
  return { inputs: [X], outputs: [Y], nodes: [{ op: 'Scan', name: 'scan', inputs: ['x'], outputs: ['y'], attributes }] };
};

/** Called twice. */
const inFunction = (opset: number) => (multiply: Multiply): FixtureModel => ({
  opset: 18,
  domains: { f: 1 },
  inputs: [X],
  outputs: [Y],
  functions: [{
    domain: 'f', name: 'Linear', inputs: ['u'], outputs: ['v'], opset,
    nodes: [...multiply('u', 'm', 'fn:f::Linear').nodes, { op: 'Tanh', inputs: ['m'], outputs: ['v'] }],
  }],
  nodes: [
    { op: 'Linear', domain: 'f', inputs: ['x'], outputs: ['h'] }, { op: 'Linear', domain: 'f', inputs: ['h'], outputs: ['y'] },
  ],
});

const branchInFunction = (multiply: Multiply): FixtureModel => ({
  domains: { f: 1 },
  inputs: [X, FLAG],
  outputs: [Y],
  functions: [{
    domain: 'f', name: 'Linear', inputs: ['x', 'flag'], outputs: ['v'], nodes: [choose(multiply, 'v', 'fn:f::Linear/')],
  }],
  nodes: [{ op: 'Linear', domain: 'f', inputs: ['x', 'flag'], outputs: ['y'] }],
});

const PLACES: Record<string, Place> = {
  'branches of If, initializers': { form: 'initializer', scope: 'choose_y.then_branch', model: branches },
  'branches of If, Constant nodes': { form: 'constant', scope: 'choose_y.then_branch', model: branches },
  'If in a Loop': { form: 'initializer', scope: 'loop.body/choose_z.then_branch', model: loop },
  'Scan': { form: 'constant', scope: 'scan.body', model: scan },
  'a function': { form: 'constant', scope: 'fn:f::Linear', model: inFunction(18) },
  'a function of another opset': { form: 'constant', scope: 'fn:f::Linear', model: inFunction(13) },
  'If in a function': { form: 'initializer', scope: 'fn:f::Linear/choose_v.then_branch', model: branchInFunction },
};

/** The place's model; weights differ from scope to scope unless `weights` gives them. */
function modelAt({ form, model }: Place, weights?: ReadonlyMap<string, Float32Array>): FixtureModel {
  const made = model((from, to, scope) => {
    const data = weights?.get(`${scope}::w`) ?? laplacian(SIZE * SIZE, scope.includes('else') ? 1 : 2);
    const tensor = { name: 'w', dims: [SIZE, SIZE], data };
    const constant: FixtureNode = { op: 'Constant', inputs: [], outputs: ['w'], attributes: { value: { tensor } } };
    const nodes = [{ op: 'MatMul', inputs: [from, 'w'], outputs: [to] }];
    return form === 'initializer' ? { initializers: [tensor], nodes } : { initializers: [], nodes: [constant, ...nodes] };
  });
  return { ...made, ir: 8 };
}

function inputsOf({ inputs }: FixtureModel, flag: number): Record<string, RuntimeTensor> {
  const x = { type: 'float32', dims: [4, SIZE], data: laplacian(4 * SIZE, 5, 1) } as const;
  return inputs!.length === 1 ? { x } : { x, flag: { type: 'bool', dims: [], data: Uint8Array.of(flag) } };
}

describe('a weight is quantized where it stands:', () => {
  it.each(Object.entries(PLACES))('%s', async (_, place) => {
    for (const bits of [2, 3, 4, 7, 8] as const) {
      const copy = copyOf(buildModel(modelAt(place)), { bits, grid: bits === 7 ? 'affine' : 'symmetric' });
      expect(copy.plan.layers.map(({ layer }) => layerKey(layer))).toContain(`${place.scope}::w`);
      await expectStoredWeights(native, copy);
      const reference = modelAt(place, copy.expected);
      for (const flag of [0, 1]) {
        for (const runtime of bits === 3 ? [native, wasm] : [native]) {
          const inputs = inputsOf(reference, flag);
          expect(await runtime.evaluate(copy.model, inputs)).toEqual(await runtime.evaluate(buildModel(reference).model, inputs));
        }
      }
    }
  });
});

describe.skipIf(!hasChecker())('onnx.checker', () => {
  // It refuses operators, such as Add, that changed between the version of a function and that of its model.
  const accepted = Object.entries(PLACES).filter(([name]) => name !== 'a function of another opset');
  it.each(accepted)('accepts a copy with weights in %s', (_, place) => {
    const folder = mkdtempSync(join(tmpdir(), 'quantscope-places-'));
    try {
      const path = join(folder, 'copy.onnx');
      writeFileSync(path, copyOf(buildModel(modelAt(place)), { bits: 7, grid: 'affine' }).model);
      checkModel(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
