import { CoreError } from '../errors';
import { MAX_FUNCTION_STEPS, MAX_TRACE_DEPTH } from './limits';
import { canonicalDomain, functionKey, integer, type Network, type NetworkNode } from './network';
import { ownEntry } from './ownEntry';
import { PACKED_OPERATORS } from './packedDims';
import type { QuantizedInputs } from './weightInputs';

/** A constant tensor as it arrives at a consumer. */
export interface TracedWeight {
  /** Index into `ModelIndex.tensors`. */
  tensor: number;
  /** For each axis of the value, the stored tensor's axis; null once a Reshape has hidden it. */
  axes: number[] | null;
  /** False when the value may be only a part of the tensor, or its parts in another order. */
  whole: boolean;
  /** Of integers on their way through a DequantizeLinear. */
  dequantization?: Dequantization;
}

/** What makes numbers of a weight's integers: indices into `ModelIndex.tensors`, null where there is no such constant. */
export interface Dequantization {
  scale: number | null;
  zeroPoint: number | null;
  /** Integers that share a scale, where the node says so. */
  blockSize: number | null;
  /** Where the node says so, because the tensor's type does not. */
  bits: number | null;
  /** Of the weight, where its codes are packed in bytes. */
  dims?: number[];
}

/** A network as it is being run: inside its outer graph, or as a function's body with that call's arguments. */
export interface Environment {
  network: Network;
  outer: Environment | null;
  /** For a function's body: its formal inputs that are constants. */
  arguments: ReadonlyMap<string, TracedWeight>;
  /** Values already traced. */
  traced: Map<string, TracedWeight | null>;
}

export interface TraceContext {
  functions: ReadonlyMap<string, Network>;
  /** Rank of a stored tensor. */
  rank(tensor: number): number;
  /** A value that nodes compute from integer codes, as a tensor of its own; null when it is nothing of the kind. */
  computed(env: Environment, name: string): number | null;
  /** Work done inside functions so far. */
  functionSteps: number;
}

/**
 * Counts work done inside functions, which grows exponentially when each calls the next one twice.
 * @throws CoreError `limit-exceeded`
 */
export function countFunctionSteps(context: TraceContext, steps: number): void {
  context.functionSteps += steps;
  if (context.functionSteps > MAX_FUNCTION_STEPS) {
    throw new CoreError('limit-exceeded', {}, { what: 'steps through model-local functions', limit: MAX_FUNCTION_STEPS });
  }
}

export function environment(
  network: Network, outer: Environment | null, args: Environment['arguments'] = new Map(),
): Environment {
  return { network, outer, arguments: args, traced: new Map() };
}

/** The model-local function that a node calls, if it is a call. */
export function calledFunction(context: TraceContext, node: NetworkNode): Network | undefined {
  return context.functions.get(functionKey(canonicalDomain(node.domain), node.op, node.overload));
}

/** The environment of a call's body: its formal inputs bound to the constants among its arguments. */
export function callEnvironment(
  context: TraceContext, body: Network, call: NetworkNode, caller: Environment, depth = 0,
): Environment {
  countFunctionSteps(context, 1 + body.inputs.length);
  const args = new Map<string, TracedWeight>();
  body.inputs.forEach((formal, i) => {
    const actual = traceWeight(context, caller, call.inputs[i] ?? '', depth);
    if (actual !== null) args.set(formal, actual);
  });
  return environment(body, null, args);
}

/**
 * Follows a value back to the constant it is a mere view of, through Identity, Cast, Transpose, Reshape, Slice and the
 * like, through calls of model-local functions, and out of subgraphs. Null when it is computed from anything else.
 */
export function traceWeight(context: TraceContext, env: Environment, name: string, depth = 0): TracedWeight | null {
  if (name === '' || depth > MAX_TRACE_DEPTH) return null;
  const known = env.traced.get(name);
  if (known !== undefined) return known;
  const traced = traceUnknown(context, env, name, depth + 1);
  env.traced.set(name, traced);
  return traced;
}

function traceUnknown(context: TraceContext, env: Environment, name: string, depth: number): TracedWeight | null {
  const { network } = env;
  const constant = network.constants.get(name);
  if (constant !== undefined) return wholeTensor(context, constant);
  const producer = network.producers.get(name);
  if (producer !== undefined) return traceThrough(context, env, producer, name, depth);
  const argument = env.arguments.get(name);
  if (argument !== undefined) return argument;
  if (env.outer === null || network.inputs.includes(name)) return null;
  return traceWeight(context, env.outer, name, depth);
}

function traceThrough(
  context: TraceContext, env: Environment, node: NetworkNode, output: string, depth: number,
): TracedWeight | null {
  const body = calledFunction(context, node);
  if (body !== undefined) {
    const formal = body.outputs[node.outputs.indexOf(output)] ?? '';
    return traceWeight(context, callEnvironment(context, body, node, env, depth), formal, depth);
  }
  if (DEQUANTIZING.has(node.op) || isPartOf(output, node.inputs)) {
    const computed = context.computed(env, output);
    if (computed !== null) return wholeTensor(context, computed);
  }
  if (!PASSING_DOMAINS.has(node.domain)) return null;
  const input = traceWeight(context, env, node.inputs[0] ?? '', depth);
  if (input === null) return null;
  const view = ownEntry(VIEWS, node.op);
  if (view !== undefined) {
    const viewed = { ...input, axes: input.axes && view(node, input.axes) };
    if (node.op !== 'DequantizeLinear') return viewed;
    return { ...viewed, dequantization: dequantizedBy(context, env, node, { scale: 1, zeroPoint: 2 }, depth) };
  }
  return SELECTIONS.has(node.op) || isReordered(context, env, node, input, depth)
    ? { tensor: input.tensor, axes: null, whole: false }
    : null;
}

/** Whether some are parts of the name: copies made by this program name so what a value is computed from. */
export function isPartOf(name: string, some: string[]): boolean {
  return some.some((value) => value.startsWith(name) && value.startsWith('.q', name.length));
}

function wholeTensor(context: TraceContext, tensor: number): TracedWeight {
  return { tensor, axes: Array.from({ length: context.rank(tensor) }, (_, axis) => axis), whole: true };
}

/** The default (ContribOperators.md, GatherBlockQuantized `block_size`). */
const GATHERED_BLOCK = 128;

/** What a node that takes integers has for them at these inputs. */
export function dequantizedBy(
  context: TraceContext, env: Environment, node: NetworkNode, inputs: QuantizedInputs, depth = 0,
): Dequantization {
  const constant = (input: number | undefined): number | null => (
    input === undefined ? null : (traceWeight(context, env, node.inputs[input] ?? '', depth)?.tensor ?? null)
  );
  return {
    scale: constant(inputs.scale),
    zeroPoint: constant(inputs.zeroPoint),
    blockSize: integer(node, 'block_size', node.op === 'GatherBlockQuantized' ? GATHERED_BLOCK : 0) || null,
    bits: PACKED_OPERATORS.has(node.op) ? integer(node, 'bits', 4) : null,
  };
}

/** Parts of one weight put together again, as exporters do to bring a recurrent layer's gates into ONNX's order. */
function isReordered(context: TraceContext, env: Environment, node: NetworkNode, first: TracedWeight, depth: number): boolean {
  return node.op === 'Concat' && node.inputs.every((name) => traceWeight(context, env, name, depth)?.tensor === first.tensor);
}

/** What an operator does to the axes of its first input. */
type View = (node: NetworkNode, axes: number[]) => number[] | null;

const keep: View = (_node, axes) => axes;
const hide: View = () => null;

const PASSING_DOMAINS = new Set(['', 'com.microsoft']);

/** Operators behind which a weight is still the same weight. QuantizeLinear: weights of quantization-aware training. */
const VIEWS: Record<string, View> = {
  Identity: keep, Cast: keep, CastLike: keep, QuantizeLinear: keep, DequantizeLinear: keep, Transpose: transpose,
  Reshape: hide, Flatten: hide, Squeeze: hide, Unsqueeze: hide,
};

/** Operators that codes become weights by, when all operands are constant; Cast and Reshape alone do not make a weight. */
const DEQUANTIZING = new Set(['Gather', 'Add', 'Sub', 'Mul']);

/** Operators that give a part of a weight. */
const SELECTIONS = new Set(['Slice', 'Split']);

/** Without `perm`, the axes are reversed (ONNX Operators.md, Transpose). */
function transpose(node: NetworkNode, axes: number[]): number[] | null {
  const perm = node.integers.get('perm');
  if (perm === undefined) return [...axes].reverse();
  if (perm === null || perm.length !== axes.length) return null;
  const permuted = perm.map((axis) => axes[axis]);
  return permuted.every((axis) => axis !== undefined) ? permuted : null;
}
