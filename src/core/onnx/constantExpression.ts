import { dataTypeOf, isFloatType, type DataType } from './dataType';
import { MAX_TRACE_DEPTH, MAX_UNBACKED_ELEMENTS } from './limits';
import type { ConstantStep, StoredTensor, TensorRecord } from './modelIndex';
import { integer, type NetworkNode } from './network';
import type { Environment } from './trace';

/** What is needed of the model to follow a value back to constants. */
export interface Constants {
  tensors: TensorRecord[];
  /** Elements of a short int64 vector such as a shape, or null when it cannot be read. */
  integersOf(tensor: StoredTensor): number[] | null;
}

/** Whether codes of weights have this type; wider integers are indices and shapes. */
export function isCodeType(dtype: DataType): boolean {
  return dtype === 'uint8' || dtype === 'int8';
}

const COMPUTED_TYPES: ReadonlySet<DataType> = new Set([
  'uint8', 'int8', 'int32', 'float32', 'float16', 'bfloat16', 'float64',
]);

/**
 * A weight that is computed from constants alone, integer codes among them, by the operators that dequantization takes.
 * Null when the value depends on anything else or is not of a float type.
 */
export function computedRecord(constants: Constants, env: Environment, name: string): TensorRecord | null {
  const expression = new Expression(constants);
  const last = expression.stepOf(env, name, 0);
  const { steps } = expression;
  const codes = steps.find(({ constant }) => constant && isCodeType(constant.dtype))?.constant;
  if (last === null || !codes) return null;
  const { dims, dtype } = steps[last]!;
  if (!isFloatType(dtype)) return null;
  const { storage, record, tensor } = codes as TensorRecord;
  return {
    name, scope: env.network.scope, holder: 'computed', dims, dtype, elements: product(dims), storage, record, tensor,
    computed: steps,
  };
}

class Expression {
  readonly steps: ConstantStep[] = [];
  readonly #known = new Map<string, number | null>();

  constructor(readonly constants: Constants) {}

  stepOf(env: Environment, name: string, depth: number): number | null {
    const key = `${env.network.scope}:${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const step = depth > MAX_TRACE_DEPTH ? null : this.#make(env, name, depth + 1);
    const position = step === null ? null : this.steps.push(step) - 1;
    this.#known.set(key, position);
    return position;
  }

  #make(env: Environment, name: string, depth: number): ConstantStep | null {
    const constant = env.network.constants.get(name);
    if (constant !== undefined) return constantStep(this.constants.tensors[constant]!);
    const node = env.network.producers.get(name);
    if (node !== undefined) return node.domain === '' ? this.#apply(env, node, depth) : null;
    return null;
  }

  #apply(env: Environment, node: NetworkNode, depth: number): ConstantStep | null {
    const operands = OPERANDS[node.op];
    if (operands === undefined) return null;
    const inputs = node.inputs.slice(0, operands).map((input) => this.#visible(env, input, depth));
    if (!inputs.every((input) => input !== null)) return null;
    const vectors = node.inputs.slice(operands).map((input) => this.#vector(env, input));
    const result = shapeOf(node, inputs.map((input) => this.steps[input]!), vectors);
    if (!result || !COMPUTED_TYPES.has(result.dtype) || product(result.dims) > MAX_UNBACKED_ELEMENTS) return null;
    return { op: node.op as ConstantStep['op'], inputs, ...result };
  }

  /** A subgraph sees the values of the scopes around it. */
  #visible(env: Environment, name: string, depth: number): number | null {
    const at = this.#home(env, name);
    return at && this.stepOf(at, name, depth);
  }

  #vector(env: Environment, name: string): number[] | null {
    const constant = this.#home(env, name)?.network.constants.get(name);
    return constant === undefined ? null : this.constants.integersOf(this.constants.tensors[constant]!);
  }

  #home(env: Environment, name: string): Environment | null {
    const { constants, producers, inputs } = env.network;
    if (constants.has(name) || producers.has(name)) return env;
    return env.outer === null || inputs.includes(name) ? null : this.#home(env.outer, name);
  }
}

/** Inputs that are operands; the others are vectors such as a shape. */
const OPERANDS: Record<string, number> = { Cast: 1, Gather: 2, Add: 2, Sub: 2, Mul: 2, Reshape: 1, Slice: 1, Tile: 1 };

function constantStep(tensor: TensorRecord): ConstantStep | null {
  if (!COMPUTED_TYPES.has(tensor.dtype) || tensor.sparse || tensor.computed) return null;
  return { op: 'Constant', inputs: [], dims: tensor.dims, dtype: tensor.dtype, parameters: [], constant: tensor };
}

type Shaped = Pick<ConstantStep, 'dims' | 'dtype' | 'parameters'>;

/** Type and shape of a node's output, and the numbers its evaluation takes. */
function shapeOf(node: NetworkNode, [first, second]: ConstantStep[], vectors: (number[] | null)[]): Shaped | null {
  const { dims, dtype } = first!;
  switch (node.op) {
    case 'Cast': return { dims, dtype: dataTypeOf(integer(node, 'to', 0) ?? 0), parameters: [] };
    case 'Gather': {
      if (integer(node, 'axis', 0) !== 0 || dims.length === 0) return null;
      return { dims: [...second!.dims, ...dims.slice(1)], dtype, parameters: [] };
    }
    case 'Reshape': {
      const shape = vectors[0] && reshaped(dims, vectors[0]);
      return shape ? { dims: shape, dtype, parameters: [] } : null;
    }
    case 'Slice': return sliced(node, first!, vectors);
    case 'Tile': {
      const repeats = vectors[0];
      if (repeats?.length !== dims.length) return null;
      return { dims: dims.map((dim, axis) => dim * repeats[axis]!), dtype, parameters: repeats };
    }
    default: {
      const shape = second!.dtype === dtype ? broadcast(dims, second!.dims) : null;
      return shape && { dims: shape, dtype, parameters: [] };
    }
  }
}

/** In `shape`, 0 copies a dimension and −1 takes what is left (ONNX Operators.md, Reshape). */
function reshaped(dims: number[], shape: number[]): number[] | null {
  const elements = product(dims);
  const copied = shape.map((dim, axis) => (dim === 0 ? (dims[axis] ?? 0) : dim));
  const rest = elements / product(copied.filter((dim) => dim !== -1));
  const result = copied.map((dim) => (dim === -1 ? rest : dim));
  return product(result) === elements && result.every((dim) => Number.isInteger(dim) && dim >= 0) ? result : null;
}

/** Along one axis, without steps. Bounds were attributes before ai.onnx 10. */
function sliced(node: NetworkNode, { dims, dtype }: ConstantStep, vectors: (number[] | null)[]): Shaped | null {
  const bounds = vectors.length > 0 ? vectors : ['starts', 'ends', 'axes'].map((name) => node.integers.get(name) ?? null);
  const [starts, ends, axes = [0]] = bounds;
  if (bounds.length > 3 || starts?.length !== 1 || ends?.length !== 1 || axes?.length !== 1) return null;
  const [start, axis] = [starts[0]!, axes[0]!];
  const end = Math.min(ends[0]!, dims[axis] ?? 0);
  if (!(axis >= 0 && axis < dims.length && start >= 0 && start <= end)) return null;
  return { dims: dims.map((dim, i) => (i === axis ? end - start : dim)), dtype, parameters: [axis, start, end] };
}

/** Null when the shapes do not broadcast (ONNX Broadcasting.md). */
function broadcast(a: number[], b: number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const at = (dims: number[], axis: number): number => dims[axis - rank + dims.length] ?? 1;
  const dims = Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis)));
  const fits = dims.every((dim, axis) => [at(a, axis), at(b, axis)].every((own) => own === dim || own === 1));
  return fits ? dims : null;
}

function product(dims: number[]): number {
  return dims.reduce((elements, dim) => elements * dim, 1);
}
