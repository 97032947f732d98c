import { onnx } from 'onnx-proto';
import type { ModelFiles } from '../core/bytes/byteSource';
import { CoreError } from '../core/errors';
import type { EncodedLayer } from '../core/onnx/copyEdits';
import type { ModelIndex, Span, TensorRecord } from '../core/onnx/modelIndex';
import { newNames } from '../core/onnx/newNames';
import { encodeNode, encodeTensorHeader, encodeVarint, isStoredType } from '../core/onnx/protoWriter';
import { WIRE, WireReader } from '../core/onnx/wire';
import { plainWeights, type PlainWeights } from './nBitsWeights';

/** Dequantization nodes take some hundred bytes; larger ones hold payloads or subgraphs and are not looked into. */
const MAX_NODE_BYTES = 64 * 1024;

/** Tags of length-delimited fields, one byte each (onnx.proto). */
const TAG = { model: { graph: 0x3a }, graph: { node: 0x0a, initializer: 0x2a }, function: { node: 0x3a } } as const;

/** A weight by the scope it stands in, an index into `ModelIndex.scopes`, and its name there. */
export interface WeightPlace {
  scope: number;
  name: string;
  /** Of a weight that is only gathered: one of the consumers, the scope being that one's. */
  gathered?: { output: string; indices: string; rows: number };
  /** Of a weight that products take as codes: one of them; whether the weight is stored as [outputs, inputs]. */
  multiplied?: { output: string; transposed: boolean };
}

/** Where a copy has a weight: under its own name, or at each of its consumers. Scopes are numbered as in `source`. */
export function weightPlaces(source: ModelIndex, { layer, consumers }: Pick<EncodedLayer, 'layer' | 'consumers'>): WeightPlace[] {
  const { name } = layer;
  if (consumers.length === 0) return [{ scope: source.tensors[layer.tensor]!.scope, name }];
  return consumers.map(({ node: { op, scope, output, inputs, transposed } }) => (
    op === 'Gather'
      ? { scope, name, gathered: { output, indices: inputs[1]!, rows: layer.dims[0]! } }
      : { scope, name, multiplied: { output, transposed } }
  ));
}

/**
 * For a model, makes models whose one output is one of its weights, widened to float32: the nodes and constants that the
 * weight depends on, byte for byte as they stand in the file, whether that is a graph or a function. Of a weight that is
 * only gathered, all rows; one that products take as codes, by plain operators on these.
 * @throws CoreError `verification-failed` when the weight depends on anything but nodes and constants; `malformed`
 */
export function dequantizationModels(files: ModelFiles, index: ModelIndex): (weight: WeightPlace) => Uint8Array {
  const values = new ScopeValues(files, index);
  const outputName = newNames(index.names);
  return (weight) => {
    const { records, value: computed } = valueAt(values, weight, (step) => outputName(weight.name, step));
    const { irVersion, scopes } = index;
    const output = outputName(weight.name, 'float32');
    const FLOAT = onnx.TensorProto.DataType.FLOAT;
    const value = { name: output, type: { tensorType: { elemType: FLOAT } } };
    const graph = Buffer.concat([
      ...records,
      encodeNode({ op: 'Cast', inputs: [computed], output, attributes: { to: FLOAT } }),
      onnx.GraphProto.encode({ name: 'weight', output: [value] }).finish(),
    ]);
    const opsetImport = [{ domain: '', version: scopes[weight.scope]!.opset }];
    const head = onnx.ModelProto.encode({ irVersion, opsetImport }).finish();
    return Buffer.concat([head, Uint8Array.of(TAG.model.graph), encodeVarint(graph.length), graph]);
  };
}

/** Records of all that gives the weight, and the value that then is the weight. */
function valueAt(values: ScopeValues, weight: WeightPlace, part: (step: string) => string): PlainWeights {
  const { name, gathered, multiplied } = weight;
  if (multiplied) {
    const product = values.product(weight, multiplied.output);
    const plain = plainWeights(product, multiplied.transposed, part);
    const operands = product.input!.slice(1);
    return { records: [...values.dependencies(weight, operands), ...plain.records], value: plain.value };
  }
  if (!gathered) return { records: values.dependencies(weight, [name]), value: name };
  const { output, indices } = gathered;
  return { records: [...allRows(gathered), ...values.dependencies(weight, [output], indices)], value: output };
}

/** Where a value comes from: a node, or a constant tensor. */
type Origin = { record: Span; content: Span; inputs: string[] } | TensorRecord;

/** The values of each scope, looked up once for all weights. */
class ScopeValues {
  readonly #scopes = new Map<number, Map<string, Origin>>();

  constructor(readonly files: ModelFiles, readonly index: ModelIndex) {}

  /** Records of all that some values are computed from but for a given one, nodes in topological order. */
  dependencies(weight: WeightPlace, wanted: string[], given?: string): Uint8Array[] {
    const records = new Map<Span, Uint8Array>();
    const visit = (value: string): void => {
      if (value === given) return;
      const origin = this.#origin(weight.scope, value) ?? this.#missing(weight, value);
      if (records.has(origin.record)) return;
      if ('inputs' in origin) origin.inputs.forEach(visit);
      records.set(origin.record, this.#recordOf(origin));
    };
    wanted.forEach(visit);
    return [...records.values()];
  }

  /** The MatMulNBits node of a product, to which a bias may be added. */
  product(weight: WeightPlace, output: string): onnx.NodeProto {
    const node = this.#node(weight, output);
    if (node.opType === 'MatMulNBits') return node;
    return node.opType === 'Add' ? this.product(weight, node.input[0]!) : this.#missing(weight, output);
  }

  #node(weight: WeightPlace, output: string): onnx.NodeProto {
    const origin = this.#origin(weight.scope, output);
    if (!origin || !('inputs' in origin)) return this.#missing(weight, output);
    const { offset, length } = origin.content;
    return onnx.NodeProto.decode(this.files.main.read(offset, length));
  }

  #missing({ name }: WeightPlace, value: string): never {
    throw new CoreError('verification-failed', { file: this.index.path, tensor: name }, { missing: value });
  }

  /** A subgraph sees the values of the scopes around it. */
  #origin(scope: number, value: string): Origin | undefined {
    const { parent } = this.index.scopes[scope]!;
    return this.#valuesOf(scope).get(value) ?? (parent === null ? undefined : this.#origin(parent, value));
  }

  #valuesOf(scope: number): Map<string, Origin> {
    const known = this.#scopes.get(scope);
    if (known) return known;
    const values = new Map<string, Origin>(nodesByOutput(this.files.main, this.index, scope));
    for (const tensor of this.index.tensors) if (tensor.scope === scope && !tensor.computed) values.set(tensor.name, tensor);
    this.#scopes.set(scope, values);
    return values;
  }

  /** The field as one of a graph, whatever it is a field of. */
  #recordOf(origin: Origin): Uint8Array {
    if ('storage' in origin && origin.storage.reference) return this.#inlined(origin);
    const { offset, length } = origin.record;
    const bytes = Uint8Array.from(this.files.main.read(offset, length));
    const isNode = 'inputs' in origin || origin.holder === 'constant';
    bytes[0] = isNode ? TAG.graph.node : TAG.graph.initializer;
    return bytes;
  }

  /** An initializer with its external payload in it. */
  #inlined({ name, dims, dtype, storage }: TensorRecord): Uint8Array {
    const place = { file: this.index.path, tensor: name };
    if (!isStoredType(dtype)) throw new CoreError('verification-failed', place, { type: dtype });
    const source = this.files.external(storage.file);
    const payload = storage.spans.map(({ offset, length }) => Uint8Array.from(source.read(offset, length)));
    return Buffer.concat([encodeTensorHeader({ name, dims, dtype }), ...payload]);
  }
}

/** The indices as an initializer that asks for every row in turn. */
function allRows({ indices: name, rows }: NonNullable<WeightPlace['gathered']>): Uint8Array[] {
  const numbers = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row));
  return [encodeTensorHeader({ name, dims: [rows], dtype: 'int64' }), new Uint8Array(numbers.buffer)];
}

/** Looks at the NodeProto records of one scope, jumping over everything else. */
function nodesByOutput(source: ModelFiles['main'], index: ModelIndex, scope: number): Map<string, Origin> {
  const nodes = new Map<string, Origin>();
  const { kind, message } = index.scopes[scope]!;
  const { content } = index.messages[message]!;
  const reader = new WireReader(source);
  const nodeTag = TAG[kind === 'function' ? 'function' : 'graph'].node;
  for (reader.position = content.offset; reader.position < content.offset + content.length;) {
    const start = reader.position;
    const tag = reader.varint();
    const length = fieldLength(reader, tag % 8);
    const end = reader.position + length;
    if (tag === nodeTag && length <= MAX_NODE_BYTES) {
      const content = { offset: reader.position, length };
      const { input, output } = onnx.NodeProto.decode(reader.bytes(length));
      for (const value of output) nodes.set(value, { record: { offset: start, length: end - start }, content, inputs: input });
    }
    reader.position = end;
  }
  return nodes;
}

/** Bytes from the reader's position to the end of the field. */
function fieldLength(reader: WireReader, wireType: number): number {
  switch (wireType) {
    case WIRE.varint: {
      reader.varint();
      return 0;
    }
    case WIRE.bytes: return reader.varint();
    case WIRE.fixed64: return 8;
    case WIRE.fixed32: return 4;
    default: throw reader.malformed(`wire type ${wireType}`);
  }
}
