import type { Groups } from '../groups/groups';
import type { CancelSignal } from '../job';
import type { FloatType } from '../onnx/dataType';
import { nodeSize, tensorSize, type Holder, type NewNode, type TensorHeader } from '../onnx/protoWriter';
import type { UniformGrid } from '../quantizers/codebook';
import type { CodebookList } from './codebookList';
import type { CodeRun } from './codeRun';

/** A quantized weight as the writer needs it: one code a weight in stored order, one codebook a group. */
export interface StoredCodes {
  codes: CodeRun;
  /** Where codes come as the layer is quantized, complete only after the last of them: they are written first. */
  codebooks: CodebookList;
  /** Looked at while codes are packed. */
  signal?: CancelSignal | undefined;
}

/** An initializer to be written: what it is filled from comes when its turn comes. */
export interface NewTensor<Source> extends TensorHeader {
  data: (source: Source) => Payload;
}

/** Bytes of an initializer, at once or in pieces, each of which is valid until the next. */
export type Payload = Uint8Array | Iterable<Uint8Array, void>;

export function payloadPieces(payload: Payload): Iterable<Uint8Array, void> {
  return payload instanceof Uint8Array ? [payload] : payload;
}

/** Nodes in topological order and their initializers: sizes are known, payloads are not computed yet. */
export interface Blueprint<Source> {
  nodes: NewNode[];
  tensors: NewTensor<Source>[];
}

/**
 * What the levels of a group are made of: a uniform grid's scale and steps; a scale and unit levels that all groups share;
 * or levels of the group's own.
 */
export type LevelForm = UniformGrid['kind'] | 'scaled' | 'free';

export function isGrid(form: LevelForm): form is UniformGrid['kind'] {
  return form !== 'scaled' && form !== 'free';
}

/** A weight's blueprint. */
export interface WeightBlueprint extends Blueprint<StoredCodes> {
  /** Nodes in the place of each consumer, in the order of `ModelIndex.consumers`; absent where consumers stay as they are. */
  consumers?: NewNode[][];
}

/** What decides the nodes that store a weight, none of which needs the weights. */
export interface WeightShape {
  dims: number[];
  elements: number;
  /** Of the weights as the model stores them. */
  dtype: FloatType;
  bits: number;
  /** Bits that a code takes in the copy: `bits`, or more where that makes the copy smaller. */
  width: number;
  form: LevelForm;
  /** What shares a codebook. */
  groups: Groups;
  /** Levels are shifted by a mean. */
  offset: boolean;
  /** ai.onnx. */
  opset: number;
}

/** A weight to be stored. */
export interface Weight {
  /** The last node's output takes it, so that no consumer changes. */
  name: string;
  shape: WeightShape;
  /** A name of the weight's own for a value or an initializer. */
  part: (name: string) => string;
}

/** Bytes of the nodes and of the tensors as records of a GraphProto or FunctionProto. */
export interface BlueprintSize {
  nodes: number;
  tensors: number;
}

export function blueprintSize(
  { nodes, tensors }: { nodes: NewNode[]; tensors: TensorHeader[] }, holder: Holder = 'graph',
): BlueprintSize {
  return {
    nodes: bytesOfNodes(nodes),
    tensors: tensors.reduce((sum, tensor) => sum + tensorSize(tensor, holder), 0),
  };
}

export interface WeightSize extends BlueprintSize {
  /** Bytes of the nodes in the place of each consumer. */
  consumers: number[];
}

export function weightSize(blueprint: WeightBlueprint, holder: Holder): WeightSize {
  const { consumers = [] } = blueprint;
  return { ...blueprintSize(blueprint, holder), consumers: consumers.map((nodes) => bytesOfNodes(nodes)) };
}

function bytesOfNodes(nodes: NewNode[]): number {
  return nodes.reduce((sum, node) => sum + nodeSize(node), 0);
}

export function float32Bytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export function int32Bytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

export function int64Bytes(values: number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
}

/** An int64 vector such as a shape. */
export function int64Tensor(name: string, values: number[]): NewTensor<unknown> {
  return { name, dims: [values.length], dtype: 'int64', data: () => int64Bytes(values) };
}
