import type { DataType } from './dataType';
import type { ExternalFile } from './externalFile';
import type { Layer } from './layer';

/** A run of bytes in a file. */
export interface Span {
  offset: number;
  length: number;
}

/**
 * A length-delimited protobuf message that something to be rewritten lies in. When its content changes size, so must the
 * varint at `lengthOffset`, and so on up through `parent` (an index into `ModelIndex.messages`; null for ModelProto,
 * which is the whole file and has no length).
 */
export interface EnclosingMessage {
  parent: number | null;
  lengthOffset: number;
  content: Span;
}

/** A place where nodes and names live: the main graph, a subgraph of If/Loop/Scan, or a model-local function. */
export interface Scope {
  /** `''` for the main graph, else a path such as `If_3.then_branch` or `fn:custom::MLP`. */
  path: string;
  kind: 'main' | 'subgraph' | 'function';
  /** Of a subgraph, the scope whose node it belongs to and whose values it sees; null otherwise. */
  parent: number | null;
  /** Version of ai.onnx that its nodes are written in: a function states its own. 0 when there is none. */
  opset: number;
  /** Its GraphProto or FunctionProto, an index into `ModelIndex.messages`. */
  message: number;
  /** Entries of `graph.input`, tag included, so that a replaced initializer's can be dropped. Empty for functions. */
  inputs: { name: string; record: Span }[];
}

/** Where a tensor's payload lies. */
export interface TensorStorage {
  /** File the payload is in: the model's own, or an external data file's location relative to the model's folder. */
  file: string;
  form: 'raw' | 'typed' | 'external' | 'sparse';
  /** Payload bytes in file order: one span, or several where a `typed` field is written in pieces. */
  spans: Span[];
  /** Wire encoding of a `typed` payload: packed, or a tag before each element, which the spans then include. */
  packed: boolean;
  /** `external` only, null otherwise: what a copy must rewrite when the payload moves to another file. */
  reference: ExternalReference | null;
}

/** Where a TensorProto says in which file its payload lies. */
export interface ExternalReference {
  /** The TensorProto, an index into `ModelIndex.messages`; a Constant's NodeProto and AttributeProto enclose it there. */
  message: number;
  /** Its `external_data` entries (field 13), tags included. */
  entries: Span[];
}

/** What it takes to read a tensor's elements. */
export interface StoredTensor {
  dims: number[];
  dtype: DataType;
  elements: number;
  storage: TensorStorage;
}

/**
 * A tensor's place in the file: an initializer's, a sparse initializer's or a Constant node's. A weight that nodes compute
 * from such tensors has the place of its codes.
 */
export interface TensorRecord extends StoredTensor {
  name: string;
  /** Index into `ModelIndex.scopes`. */
  scope: number;
  holder: 'initializer' | 'constant' | 'sparse' | 'computed';
  /** The whole protobuf field that holds it, tag included: the initializer, or the Constant's NodeProto. */
  record: Span;
  /** The TensorProto's (or SparseTensorProto's) own content, without tag and length. */
  tensor: Span;
  /** Present when `storage.form` is `sparse`; `dims` and `elements` are then the dense tensor's, `storage` the values'. */
  sparse?: SparseParts;
  /** Present when `holder` is `computed`: how, in topological order, the weight last. */
  computed?: ConstantStep[];
}

/** A constant, or an operator on earlier steps; MatMulNBits stands for the weights that it multiplies by. */
export interface ConstantStep {
  op: 'Constant' | 'MatMulNBits' | 'Cast' | 'Gather' | 'Add' | 'Sub' | 'Mul' | 'Reshape' | 'Slice' | 'Tile';
  /** Positions of earlier steps. */
  inputs: number[];
  dims: number[];
  dtype: DataType;
  /** Gather: axis; Slice: axis, start and end; Tile: repeats; MatMulNBits: K, N, bits, block size, and 1 for [K, N]. */
  parameters: number[];
  constant?: StoredTensor;
}

/** SparseTensorProto: non-zero `values` and where they stand, by linear index or one row of coordinates each. */
export interface SparseParts {
  values: StoredTensor;
  indices: StoredTensor;
}

/** What has a payload of its own: of a sparse tensor two parts, each of which may be external; of a computed one nothing. */
export function storedParts(tensor: TensorRecord): StoredTensor[] {
  if (tensor.computed) return [];
  return tensor.sparse ? [tensor.sparse.values, tensor.sparse.indices] : [tensor];
}

/** A node that a copy can write anew, because it need not take its weight as floats. */
export interface ConsumerNode {
  op: 'Gather' | 'MatMul' | 'Gemm';
  /** Index into `ModelIndex.scopes`. */
  scope: number;
  /** Its NodeProto, tag included. */
  record: Span;
  inputs: string[];
  output: string;
  /** Whether a product takes the weight as [outputs, inputs]. */
  transposed: boolean;
}

/** Where a node stands. */
export interface NodePlace {
  /** Its NodeProto, tag included. */
  record: Span;
  /** Index into `ModelIndex.scopes`. */
  scope: number;
}

/** What one pass over a model file's structure finds. Plain data, safe to copy. */
export interface ModelIndex {
  path: string;
  /** On disk: the file and its external data. */
  bytes: number;
  producer: string;
  irVersion: number;
  /** The varint of `ir_version`, tag included; null when the field is absent. */
  irVersionRecord: Span | null;
  /** Opset version by domain; `''` is ai.onnx. */
  opsets: Record<string, number>;
  messages: EnclosingMessage[];
  scopes: Scope[];
  tensors: TensorRecord[];
  layers: Layer[];
  /** Of each layer's consumers, in their order. */
  consumerPlaces: NodePlace[][];
  /** By index into `tensors`: of each weight that nothing else uses. */
  consumers: Map<number, ConsumerNode[]>;
  /** Weights and other float constants in all scopes, elements; not the numbers that weights are dequantized by. */
  parameters: number;
  externalFiles: ExternalFile[];
  /** Every value, node and initializer name in use in any scope: new names must avoid them. */
  names: Set<string>;
}
