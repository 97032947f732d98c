import { computedRecord, gatheredRecord, isCodeType, multipliedRecord, type Constants } from './constantExpression';
import { isFloatType, type DataType } from './dataType';
import { elementCount } from './elementCount';
import { isFixedTransform } from './fixedTransform';
import type { ChannelGroups, Consumer, Layer } from './layer';
import { MAX_TRACE_DEPTH } from './limits';
import { storedParts, type NodePlace, type Span, type StoredTensor, type TensorRecord } from './modelIndex';
import { integer, type ModelNetwork, type Network, type NetworkNode } from './network';
import { packedDims } from './packedDims';
import {
  callEnvironment, calledFunction, countFunctionSteps, dequantizedBy, environment, isPartOf, traceWeight, type Dequantization,
  type Environment, type TraceContext, type TracedWeight,
} from './trace';
import { weightInputs, type QuantizedInputs, type WeightInput } from './weightInputs';

/** Where output channels are in a weight as it is stored. */
interface OutputChannels {
  channelAxis: number | null;
  channelGroups: ChannelGroups | null;
}

/** A weight tensor with everything that consumes it, in the order met. */
export interface FoundLayer extends OutputChannels {
  /** Index into `ModelIndex.tensors`. */
  tensor: number;
  consumers: Consumer[];
  /** Where each of them stands. */
  places: NodePlace[];
  /** How its first consumer makes numbers of it, where it is quantized already. */
  dequantization: Dequantization | null;
}

/**
 * Finds the weights: constant tensors of rank 2 or more that a compute node consumes as such. Ordered by first consumer,
 * subgraphs and function bodies where they are entered.
 * A weight that nodes compute from codes is added to `constants.tensors`.
 * @throws CoreError `limit-exceeded` when model-local functions call each other without end
 */
export function findLayers(network: ModelNetwork, constants: Constants): FoundLayer[] {
  const finder = new LayerFinder(network.functions, constants);
  finder.visit(environment(network.main, null), 0);
  return finder.layers();
}

class LayerFinder {
  readonly #context: TraceContext;
  readonly #found = new Map<number, FoundLayer>();
  readonly #seen = new Set<string>();
  readonly #visited = new Set<string>();
  readonly #computedTensors = new Map<string, number | null>();
  /** Weights that consumers in a copy take as codes, by the record of these. */
  readonly #ofCodes = new Map<Span, number>();
  /** Of weights that are only gathered: no layers of their own. */
  readonly #parts = new Set<StoredTensor>();

  constructor(functions: ReadonlyMap<string, Network>, readonly constants: Constants) {
    const { tensors } = constants;
    this.#context = {
      functions,
      rank: (tensor) => tensors[tensor]!.dims.length,
      computed: (env, name) => this.#computed(env, name),
      functionSteps: 0,
    };
  }

  layers(): FoundLayer[] {
    return [...this.#found.values()].filter(({ tensor }) => !this.#parts.has(this.constants.tensors[tensor]!));
  }

  visit(env: Environment, depth: number): void {
    if (depth > MAX_TRACE_DEPTH) return;
    env.network.nodes.forEach((node, position) => {
      const body = calledFunction(this.#context, node);
      if (body !== undefined) this.#visitCall(body, node, env, depth);
      else if (!this.#multiply(node, position, env)) this.#consume(node, position, env);
      this.#gather(node, position, env);
      for (const subgraph of node.subgraphs) this.visit(environment(subgraph, env), depth + 1);
    });
  }

  /** A body is visited once for each set of constants it is called with: again would find nothing new. */
  #visitCall(body: Network, call: NetworkNode, caller: Environment, depth: number): void {
    const env = callEnvironment(this.#context, body, call, caller);
    const key = `${body.scope}:${JSON.stringify([...env.arguments])}`;
    if (this.#visited.has(key)) return;
    this.#visited.add(key);
    countFunctionSteps(this.#context, body.nodes.length);
    this.visit(env, depth + 1);
  }

  #consume(node: NetworkNode, position: number, env: Environment): void {
    for (const weightInput of weightInputs(node)) {
      const { input, quantized } = weightInput;
      const weight = traceWeight(this.#context, env, node.inputs[input] ?? '');
      if (weight === null || !this.#isWeight(node, weight.tensor, env)) continue;
      const key = `${weight.tensor}:${env.network.scope}:${position}:${input}`;
      const channels = outputChannels(node, weightInput, weight, this.constants.tensors[weight.tensor]!.dims);
      const by = weight.dequantization ?? (quantized ? this.#dequantization(env, node, quantized, input, weight) : null);
      this.#add(weight.tensor, key, { op: node.op, node: node.name, input }, placeOf(node, env), channels, by);
    }
  }

  /** ONNX Runtime's tools put scales of dynamic quantization behind the product, named after the weight. */
  #dequantization(env: Environment, node: NetworkNode, inputs: QuantizedInputs, input: number, { tensor }: TracedWeight): Dequantization {
    const dims = packedDims(node, this.constants.tensors[tensor]!);
    const found = { ...dequantizedBy(this.#context, env, node, inputs), ...(dims && { dims }) };
    const name = node.inputs[input]!;
    if (inputs.scale !== undefined || !name.endsWith(QUANTIZED)) return found;
    return { ...found, scale: env.network.constants.get(`${name.slice(0, -QUANTIZED.length)}_scale`) ?? null };
  }

  /** What a product became in a copy: the weight is the one of the source. Whether it was that. */
  #multiply(node: NetworkNode, position: number, env: Environment): boolean {
    const weight = multipliedRecord(this.constants, env, node);
    if (weight === null) return false;
    const [, , , , turned] = weight.computed!.at(-1)!.parameters;
    const tensor = this.#ownTensor(weight);
    const key = `${tensor}:${env.network.scope}:${position}:1`;
    this.#add(tensor, key, { op: node.op, node: node.name, input: 1 }, placeOf(node, env), alongAxis(turned === 1 ? 1 : 0));
    return true;
  }

  /** Consumers of the same codes share one. */
  #ownTensor(weight: TensorRecord): number {
    const tensor = this.#ofCodes.get(weight.record) ?? this.constants.tensors.push(weight) - 1;
    this.#ofCodes.set(weight.record, tensor);
    return tensor;
  }

  /** The last node of what a Gather became in a copy stands for that Gather. */
  #gather(node: NetworkNode, position: number, env: Environment): void {
    const { inputs, outputs: [output = ''] } = node;
    if (!isPartOf(output, inputs)) return;
    const found = gatheredRecord(this.constants, env, output);
    if (found === null) return;
    const { weight, parts } = found;
    const tensor = this.#ownTensor(weight);
    for (const part of parts) this.#parts.add(part);
    const key = `${tensor}:${env.network.scope}:${position}:0`;
    this.#add(tensor, key, { op: 'Gather', node: output, input: 0 }, placeOf(node, env), alongAxis(0));
  }

  #computed(env: Environment, name: string): number | null {
    const { scope } = env.network;
    const key = `${scope}:${name}`;
    const known = this.#computedTensors.get(key);
    if (known !== undefined) return known;
    const record = computedRecord(this.constants, env, name);
    const tensor = record && this.constants.tensors.push(record) - 1;
    this.#computedTensors.set(key, tensor);
    return tensor;
  }

  #isWeight(node: NetworkNode, index: number, env: Environment): boolean {
    const { dims, dtype } = this.constants.tensors[index]!;
    if (dims.length < 2 || !WEIGHT_TYPES.has(dtype)) return false;
    return node.op !== 'Gather' || this.#isEmbedding(node, dims, env);
  }

  /** A table of rows picked by computed indices, be they cut from a constant: fixed ones are shape arithmetic. */
  #isEmbedding(node: NetworkNode, dims: number[], env: Environment): boolean {
    const fixed = traceWeight(this.#context, env, node.inputs[1] ?? '')?.whole === true;
    return !fixed && dims.length === 2 && integer(node, 'axis', 0) === 0;
  }

  #add(
    tensor: number, key: string, consumer: Consumer, place: NodePlace, channels: OutputChannels,
    dequantization: Dequantization | null = null,
  ): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const layer = this.#found.get(tensor);
    if (layer === undefined) {
      this.#found.set(tensor, { tensor, consumers: [consumer], places: [place], ...channels, dequantization });
      return;
    }
    layer.consumers.push(consumer);
    layer.places.push(place);
    if (layer.channelAxis !== channels.channelAxis) layer.channelAxis = null;
    if (!areSame(layer.channelGroups, channels.channelGroups)) layer.channelGroups = null;
  }
}

function outputChannels(
  node: NetworkNode, { channelAxis, groupAxis }: WeightInput, { axes }: TracedWeight, dims: readonly number[],
): OutputChannels {
  const axis = axes && channelAxis(node, axes.length);
  const grouped = groupAxis === undefined ? undefined : axes?.[groupAxis];
  return {
    channelAxis: axis === null ? null : (axes?.[axis] ?? null),
    channelGroups: grouped === undefined ? null : channelGroups(grouped, dims[grouped]!, integer(node, 'group', 1)),
  };
}

function channelGroups(axis: number, dim: number, count: number | null): ChannelGroups | null {
  return count !== null && count > 1 && dim > 0 && dim % count === 0 ? { axis, size: dim / count } : null;
}

function alongAxis(channelAxis: number): OutputChannels {
  return { channelAxis, channelGroups: null };
}

function areSame(some: ChannelGroups | null, others: ChannelGroups | null): boolean {
  return some?.axis === others?.axis && some?.size === others?.size;
}

const QUANTIZED = '_quantized';

/** Types that weights are learned or stored in; wider integers are indices and shapes. */
const WEIGHT_TYPES: ReadonlySet<DataType> = new Set([
  'float32', 'float16', 'bfloat16', 'float64', 'uint8', 'int8', 'uint16', 'int16', 'uint4', 'int4', 'uint2', 'int2',
  'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'float4e2m1',
]);

function placeOf({ record }: NetworkNode, { network }: Environment): NodePlace {
  return { record, scope: network.scope };
}

/** The layer as the rest of the program sees it, but for its number and whether it can be quantized. */
export function describeLayer(found: FoundLayer, record: TensorRecord, scope: string): Omit<Layer, 'index' | 'quantizable'> {
  const { name, dtype, storage } = record;
  const dims = dimsOf(found, record);
  const spans = [...storedParts(record), ...codesOf(record)].flatMap((part) => part.storage.spans);
  const bytes = spans.reduce((sum, span) => sum + span.length, 0);
  const { file, form } = storage;
  const { consumers, channelAxis, channelGroups, tensor } = found;
  return {
    name, scope, ...(isFixedTransform(name, dims, consumers) ? { fixed: true } : {}), consumers, dims, dtype, elements: elementCount(dims), bytes,
    channelAxis, ...(channelGroups && { channelGroups }), tensor,
    storage: { file, form, offset: storage.spans[0]?.offset ?? 0, length: bytes },
  };
}

/** Codes that are packed in bytes are not what the tensor counts. */
function dimsOf({ dequantization }: FoundLayer, { dims }: TensorRecord): number[] {
  return dequantization?.dims ?? dims;
}

/** The codes that a computed weight is made of. */
function codesOf({ computed = [] }: TensorRecord): StoredTensor[] {
  return computed.flatMap(({ constant }) => (constant && isCodeType(constant.dtype) ? [constant] : []));
}

/**
 * Elements of weights, quantized ones included, and of all other float constants but those that weights are dequantized by:
 * of weights that nodes compute from codes, and of scales and zero points of each weight's first consumer.
 */
export function countParameters(tensors: TensorRecord[], found: FoundLayer[]): number {
  const weights = new Map(found.map((layer) => [tensors[layer.tensor]!, elementCount(dimsOf(layer, tensors[layer.tensor]!))]));
  const dequantizing = new Set<StoredTensor>([
    ...tensors.flatMap(({ computed = [] }) => computed.flatMap(({ constant }) => constant ?? [])),
    ...found.flatMap(({ dequantization: by }) => [by?.scale, by?.zeroPoint].flatMap((index) => tensors[index ?? -1] ?? [])),
  ]);
  return tensors.reduce((sum, tensor) => {
    const others = isFloatType(tensor.dtype) && !dequantizing.has(tensor) ? tensor.elements : 0;
    return sum + (weights.get(tensor) ?? others);
  }, 0);
}
