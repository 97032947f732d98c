import { dataTypeOf, isFloatType, type DataType } from './dataType';
import { elementCount } from './elementCount';
import { MAX_COMPUTED_OF_BYTE, MAX_RANK, MAX_TRACE_DEPTH, MAX_UNBACKED_ELEMENTS } from './limits';
import type { ConstantStep, StoredTensor, TensorRecord } from './modelIndex';
import { integer, type NetworkNode } from './network';
import { ownEntry } from './ownEntry';
import { isPartOf, type Environment } from './trace';

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
  const found = floatOfCodes(expression, expression.stepOf(env, name, 0));
  return found && { ...found.weight, name, scope: env.network.scope };
}

/** An embedding that is never whole: a value that is the weight when its rows are gathered one after the other. */
export interface GatheredWeight {
  weight: TensorRecord;
  /** Constants that rows are gathered of: they are parts of the weight. */
  parts: Set<StoredTensor>;
}

/**
 * The weight whose rows a value consists of, in copies made by this program: computed as by `computedRecord`, but of rows of
 * its codes and numbers that are gathered by the same indices. Null when the value is anything else.
 */
export function gatheredRecord(constants: Constants, env: Environment, output: string): GatheredWeight | null {
  const expression = new Expression(constants, output);
  const found = floatOfCodes(expression, expression.stepOf(env, output, 0));
  if (!found || expression.indices === null) return null;
  const { weight, codes: { name, scope } } = found;
  const own = name.lastIndexOf('.q');
  return own < 0 ? null : { weight: { ...weight, name: name.slice(0, own), scope }, parts: expression.rowsOf };
}

/** Fields of the weight [outputs, inputs], or of [inputs, outputs], which the T says. */
const MULTIPLIED = /^(.+)\.q\d*\.(?:codes|\dbits)(T?)$/;

/** The weight that a MatMulNBits node takes as codes in copies made by this program; null for other nodes. */
export function multipliedRecord(constants: Constants, env: Environment, node: NetworkNode): TensorRecord | null {
  const own = node.op === 'MatMulNBits' ? MULTIPLIED.exec(node.inputs[1] ?? '') : null;
  if (!own) return null;
  const expression = new Expression(constants);
  const operands = node.inputs.slice(1).map((name) => expression.visible(env, name, 0));
  if (!operands.every((operand) => operand !== null)) return null;
  const step = multiplied(node, operands, operands.map((operand) => expression.steps[operand]!), own[2] === 'T');
  const found = step && floatOfCodes(expression, expression.steps.push(step) - 1);
  return found && { ...found.weight, name: own[1]!, scope: found.codes.scope };
}

/** Null where operands are not of the size that the attributes say. */
function multiplied(node: NetworkNode, inputs: number[], operands: ConstantStep[], turned: boolean): ConstantStep | null {
  const parameters = ['K', 'N', 'bits', 'block_size'].map((name) => integer(node, name, 0) ?? 0);
  const [ins, outs, bits, blockSize] = parameters as [number, number, number, number];
  if (![2, 4, 8].includes(bits) || Math.min(ins, outs, blockSize) < 1) return null;
  const blocks = Math.ceil(ins / blockSize);
  const expected = [(outs * blocks * blockSize * bits) / 8, outs * blocks, outs * Math.ceil((blocks * bits) / 8)];
  const types: DataType[] = ['uint8', 'float32', 'uint8'];
  const fits = operands.every(({ dims, dtype }, i) => elementCount(dims) === expected[i] && dtype === types[i]);
  const dims = turned ? [ins, outs] : [outs, ins];
  return fits ? { op: 'MatMulNBits', inputs, dims, dtype: 'float32', parameters: [...parameters, Number(turned)] } : null;
}

function floatOfCodes(
  { steps }: Expression, last: number | null,
): { codes: TensorRecord; weight: Omit<TensorRecord, 'name' | 'scope'> } | null {
  const codes = steps.find(({ constant }) => constant && isCodeType(constant.dtype))?.constant as TensorRecord | undefined;
  if (last === null || !codes) return null;
  const { dims, dtype } = steps[last]!;
  if (!isFloatType(dtype)) return null;
  const { storage, record, tensor } = codes;
  return {
    codes,
    weight: { holder: 'computed', dims, dtype, elements: elementCount(dims), storage, record, tensor, computed: steps },
  };
}

class Expression {
  readonly steps: ConstantStep[] = [];
  /** By which rows are gathered, a value that is not constant; null where none are. All rows in turn are taken for it. */
  indices: string | null = null;
  /** What rows are gathered of. */
  readonly rowsOf = new Set<StoredTensor>();
  readonly #known = new Map<string, number | null>();
  /** Of all steps but constants. */
  #elements = 0;

  /** Rows may be gathered by nodes whose outputs are parts of the name `gathered`. */
  constructor(readonly constants: Constants, readonly gathered: string | null = null) {}

  stepOf(env: Environment, name: string, depth: number): number | null {
    const key = `${env.network.scope}:${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const step = depth > MAX_TRACE_DEPTH ? null : this.#make(env, name, depth + 1);
    const position = step === null || typeof step === 'number' ? step : this.steps.push(step) - 1;
    this.#known.set(key, position);
    return position;
  }

  /** A new step, or the position of an earlier one that is the value already. */
  #make(env: Environment, name: string, depth: number): ConstantStep | number | null {
    const constant = env.network.constants.get(name);
    if (constant !== undefined) return constantStep(this.constants.tensors[constant]!);
    const node = env.network.producers.get(name);
    if (node?.domain !== '') return null;
    return this.#apply(env, node, depth) ?? this.#rows(env, node, depth);
  }

  #rows(env: Environment, { op, inputs, outputs, integers }: NetworkNode, depth: number): number | null {
    const [table = '', indices = ''] = inputs;
    const own = op === 'Gather' && !integers.has('axis') && this.gathered !== null && isPartOf(this.gathered, outputs);
    if (!own || (this.indices ?? indices) !== indices) return null;
    const position = this.visible(env, table, depth);
    const constant = position === null ? undefined : this.steps[position]!.constant;
    if (!constant) return null;
    this.indices = indices;
    this.rowsOf.add(constant);
    return position;
  }

  #apply(env: Environment, node: NetworkNode, depth: number): ConstantStep | null {
    const operands = ownEntry(OPERANDS, node.op);
    if (operands === undefined || node.inputs.length < operands) return null;
    const inputs = node.inputs.slice(0, operands).map((input) => this.visible(env, input, depth));
    if (!inputs.every((input) => input !== null)) return null;
    const vectors = node.inputs.slice(operands).map((input) => this.#vector(env, input));
    const result = shapeOf(node, inputs.map((input) => this.steps[input]!), vectors);
    if (!result || !COMPUTED_TYPES.has(result.dtype) || result.dims.length > MAX_RANK) return null;
    this.#elements += elementCount(result.dims);
    if (this.#elements > MAX_UNBACKED_ELEMENTS && this.#elements > MAX_COMPUTED_OF_BYTE * this.#bytes) return null;
    return { op: node.op as ConstantStep['op'], inputs, ...result };
  }

  get #bytes(): number {
    const spans = this.steps.flatMap(({ constant }) => constant?.storage.spans ?? []);
    return spans.reduce((sum, { length }) => sum + length, 0);
  }

  /** A subgraph sees the values of the scopes around it. */
  visible(env: Environment, name: string, depth: number): number | null {
    const at = this.#home(env, name);
    return at && this.stepOf(at, name, depth);
  }

  #vector(env: Environment, name: string): number[] | null {
    const node = this.#home(env, name)?.network.producers.get(name);
    return node?.op === 'Concat' ? this.#rowShape(env, node) : this.#constantVector(env, name);
  }

  #constantVector(env: Environment, name: string): number[] | null {
    const constant = this.#home(env, name)?.network.constants.get(name);
    return constant === undefined ? null : this.constants.integersOf(this.constants.tensors[constant]!);
  }

  /** The shape of rows: a 0, which copies a dimension, for each axis of the indices, all rows being one axis; then the row's. */
  #rowShape(env: Environment, { inputs: [kept = '', row = ''] }: NetworkNode): number[] | null {
    const producerOf = (name: string): NetworkNode | undefined => env.network.producers.get(name);
    const zeros = producerOf(kept);
    const shape = zeros?.op === 'Sub' && zeros.inputs[0] === zeros.inputs[1] ? producerOf(zeros.inputs[0]!) : undefined;
    const dims = shape?.op === 'Shape' && shape.inputs[0] === this.indices ? this.#constantVector(env, row) : null;
    return dims && [0, ...dims];
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
      const axis = axisOf(integer(node, 'axis', 0), dims);
      if (axis === null) return null;
      return { dims: [...dims.slice(0, axis), ...second!.dims, ...dims.slice(axis + 1)], dtype, parameters: [axis] };
    }
    case 'Reshape': {
      const shape = vectors[0] && reshaped(dims, vectors[0]);
      return shape ? { dims: shape, dtype, parameters: [] } : null;
    }
    case 'Slice': return sliced(node, first!, vectors);
    case 'Tile': {
      const repeats = vectors[0];
      if (repeats?.length !== dims.length || repeats.some((count) => count < 0)) return null;
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
  const elements = elementCount(dims);
  const copied = shape.map((dim, axis) => (dim === 0 ? (dims[axis] ?? 0) : dim));
  const rest = elements / elementCount(copied.filter((dim) => dim !== -1));
  const result = copied.map((dim) => (dim === -1 ? rest : dim));
  return elementCount(result) === elements && result.every((dim) => Number.isInteger(dim) && dim >= 0) ? result : null;
}

/** Along one axis, without steps. Bounds were attributes before ai.onnx 10. */
function sliced(node: NetworkNode, { dims, dtype }: ConstantStep, vectors: (number[] | null)[]): Shaped | null {
  const bounds = vectors.length > 0 ? vectors : ['starts', 'ends', 'axes'].map((name) => node.integers.get(name) ?? null);
  const [starts, ends, axes = [0]] = bounds;
  if (bounds.length > 3 || starts?.length !== 1 || ends?.length !== 1 || axes?.length !== 1) return null;
  const [start, axis] = [starts[0]!, axisOf(axes[0]!, dims)];
  if (axis === null) return null;
  const end = Math.min(ends[0]!, dims[axis]!);
  if (!(start >= 0 && start <= end)) return null;
  return { dims: dims.map((dim, i) => (i === axis ? end - start : dim)), dtype, parameters: [axis, start, end] };
}

/** Axes count from the end where they are negative; null where there is none such. */
function axisOf(axis: number | null, dims: number[]): number | null {
  const counted = axis !== null && axis < 0 ? axis + dims.length : axis;
  return counted !== null && counted >= 0 && counted < dims.length ? counted : null;
}

/** Null when the shapes do not broadcast (ONNX Broadcasting.md). */
function broadcast(a: number[], b: number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const at = (dims: number[], axis: number): number => dims[axis - rank + dims.length] ?? 1;
  const dims = Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis)));
  const fits = dims.every((dim, axis) => [at(a, axis), at(b, axis)].every((own) => own === dim || own === 1));
  return fits ? dims : null;
}
