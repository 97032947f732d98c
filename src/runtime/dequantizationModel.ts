import { onnx } from 'onnx-proto';
import type { ModelFiles } from '../core/bytes/byteSource';
import { CoreError } from '../core/errors';
import type { ModelIndex, Span, TensorRecord } from '../core/onnx/modelIndex';
import { newNames } from '../core/onnx/newNames';
import { encodeNode, encodeTensorHeader, encodeVarint, isStoredType } from '../core/onnx/protoWriter';
import { WIRE, WireReader } from '../core/onnx/wire';

/** Dequantization nodes take some hundred bytes; larger ones hold payloads or subgraphs and are not looked into. */
const MAX_NODE_BYTES = 64 * 1024;

/** Tags of length-delimited fields, one byte each (onnx.proto). */
const TAG = { model: { graph: 0x3a }, graph: { node: 0x0a, initializer: 0x2a }, function: { node: 0x3a } } as const;

/** A weight by the scope it stands in, an index into `ModelIndex.scopes`, and its name there. */
export interface WeightPlace {
  scope: number;
  name: string;
}

/**
 * For a model, makes models whose one output is one of its weights, widened to float32: the nodes and constants that the
 * weight depends on, byte for byte as they stand in the file, whether that is a graph or a function.
 * @throws CoreError `verification-failed` when the weight depends on anything but nodes and constants; `malformed`
 */
export function dequantizationModels(files: ModelFiles, index: ModelIndex): (weight: WeightPlace) => Uint8Array {
  const values = new ScopeValues(files, index);
  const outputName = newNames(index.names);
  return (weight) => {
    const records = values.dependencies(weight);
    const { irVersion, scopes } = index;
    const output = outputName(weight.name, 'float32');
    const FLOAT = onnx.TensorProto.DataType.FLOAT;
    const value = { name: output, type: { tensorType: { elemType: FLOAT } } };
    const graph = Buffer.concat([
      ...records,
      encodeNode({ op: 'Cast', inputs: [weight.name], output, attributes: { to: FLOAT } }),
      onnx.GraphProto.encode({ name: 'weight', output: [value] }).finish(),
    ]);
    const opsetImport = [{ domain: '', version: scopes[weight.scope]!.opset }];
    const head = onnx.ModelProto.encode({ irVersion, opsetImport }).finish();
    return Buffer.concat([head, Uint8Array.of(TAG.model.graph), encodeVarint(graph.length), graph]);
  };
}

/** Where a value comes from: a node, or a constant tensor. */
type Origin = { record: Span; inputs: string[] } | TensorRecord;

/** The values of each scope, looked up once for all weights. */
class ScopeValues {
  readonly #scopes = new Map<number, Map<string, Origin>>();

  constructor(readonly files: ModelFiles, readonly index: ModelIndex) {}

  /** Records of all that a weight is computed from, nodes in topological order. */
  dependencies(weight: WeightPlace): Uint8Array[] {
    const records = new Map<Span, Uint8Array>();
    const visit = (value: string): void => {
      const origin = this.#origin(weight.scope, value);
      if (!origin) {
        throw new CoreError('verification-failed', { file: this.index.path, tensor: weight.name }, { missing: value });
      }
      if (records.has(origin.record)) return;
      if ('inputs' in origin) origin.inputs.forEach(visit);
      records.set(origin.record, this.#recordOf(origin));
    };
    visit(weight.name);
    return [...records.values()];
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
      const { input, output } = onnx.NodeProto.decode(reader.bytes(length));
      for (const value of output) nodes.set(value, { record: { offset: start, length: end - start }, inputs: input });
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
