import { onnx } from 'onnx-proto';
import type { ByteSource } from '../core/bytes/byteSource';
import { CoreError } from '../core/errors';
import type { ModelIndex, Span } from '../core/onnx/modelIndex';
import { newNames } from '../core/onnx/newNames';
import { encodeNode, encodeVarint } from '../core/onnx/protoWriter';
import { WIRE, WireReader } from '../core/onnx/wire';

/** Dequantization nodes take some hundred bytes; larger ones hold payloads or subgraphs and are not looked into. */
const MAX_NODE_BYTES = 64 * 1024;

/** The main graph's nodes by the values they produce. */
export type NodesByOutput = Map<string, { record: Span; inputs: string[] }>;

/** Looks at the NodeProto records of the main graph, jumping over everything else. @throws CoreError `malformed` */
export function nodesByOutput(source: ByteSource, index: ModelIndex): NodesByOutput {
  const nodes: NodesByOutput = new Map();
  const { content } = index.messages[index.scopes.find(({ kind }) => kind === 'main')!.message]!;
  const reader = new WireReader(source);
  const NODE_TAG = (1 << 3) | WIRE.bytes;
  for (reader.position = content.offset; reader.position < content.offset + content.length;) {
    const start = reader.position;
    const tag = reader.varint();
    const length = fieldLength(reader, tag % 8);
    const end = reader.position + length;
    if (tag === NODE_TAG && length <= MAX_NODE_BYTES) {
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

/**
 * A model whose one output is the weight `name` of the main graph, widened to float32: the nodes and initializers it
 * depends on, byte for byte as they stand in the file.
 * @throws CoreError `verification-failed` when the weight depends on anything but nodes and initializers
 */
export function dequantizationModel(source: ByteSource, index: ModelIndex, nodes: NodesByOutput, name: string): Uint8Array {
  const { records, initializers } = dependencies(index, nodes, name);
  const output = newNames(index.names)(name, 'float32');
  const FLOAT = onnx.TensorProto.DataType.FLOAT;
  const value = { name: output, type: { tensorType: { elemType: FLOAT } } };
  const rest = onnx.GraphProto.encode({ name: 'weight', output: [value] }).finish();
  const graph = Buffer.concat([
    ...records.map((record) => bytesOf(source, record)),
    encodeNode({ op: 'Cast', inputs: [name], output, attributes: { to: FLOAT } }),
    ...initializers.map((record) => bytesOf(source, record)),
    rest,
  ]);
  const { irVersion } = index;
  const head = onnx.ModelProto.encode({ irVersion, opsetImport: [{ domain: '', version: index.opsets[''] ?? 0 }] }).finish();
  const GRAPH_TAG = (7 << 3) | 2;
  return Buffer.concat([head, Uint8Array.of(GRAPH_TAG), encodeVarint(graph.length), graph]);
}

/** What a value is computed from: nodes in topological order, and initializers. */
function dependencies(index: ModelIndex, nodes: NodesByOutput, name: string): { records: Span[]; initializers: Span[] } {
  const main = index.scopes.findIndex(({ kind }) => kind === 'main');
  const tensors = new Map(index.tensors.filter(({ scope }) => scope === main).map((tensor) => [tensor.name, tensor]));
  const records = new Set<Span>();
  const initializers = new Set<Span>();
  const visit = (value: string): void => {
    const tensor = tensors.get(value);
    if (tensor?.holder === 'initializer') {
      initializers.add(tensor.record);
      return;
    }
    const node = nodes.get(value);
    if (!node) throw new CoreError('verification-failed', { file: index.path, tensor: name }, { missing: value });
    if (records.has(node.record)) return;
    node.inputs.forEach(visit);
    records.add(node.record);
  };
  visit(name);
  return { records: [...records], initializers: [...initializers] };
}

function bytesOf(source: ByteSource, { offset, length }: Span): Uint8Array {
  return Uint8Array.from(source.read(offset, length));
}
