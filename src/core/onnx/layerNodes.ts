import { onnx } from 'onnx-proto';
import type { ByteSource } from '../bytes/byteSource';
import { throwIfCancelled, type CancelSignal } from '../job';
import { dataTypeOf } from './dataType';
import type { Layer } from './layer';
import type { ModelIndex, Span } from './modelIndex';
import { canonicalDomain } from './network';
import { WIRE, WireReader } from './wire';

/** One attribute; its value as text, of a tensor or graph only what it is. */
export interface NodeAttribute {
  name: string;
  value: string;
}

/** A node that consumes a weight. */
export interface LayerNode {
  op: string;
  /** `''` for ai.onnx. */
  domain: string;
  name: string;
  /** Path of the scope the node is in. */
  scope: string;
  /** Which of its inputs takes the weight. */
  input: number;
  inputs: string[];
  outputs: string[];
  attributes: NodeAttribute[];
}

/** Fields of NodeProto and AttributeProto (onnx.proto3). */
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { name: 1, tensor: 5 } as const;
const TENSOR = { dims: 1, dataType: 2 } as const;
const { AttributeType } = onnx.AttributeProto;

/** Attributes longer than this hold tensors or graphs, which are not read whole. */
const MAX_ATTRIBUTE_BYTES = 64 * 1024;
/** Elements of a list, and characters of a text, that are shown. */
const MAX_ELEMENTS = 64;
const MAX_CHARACTERS = 400;

/**
 * The nodes that consume a layer's weight, in the order of its consumers, the first `most` of them.
 * @throws CoreError `malformed`, `truncated` or `file-unreadable` when the file has changed since it was indexed; `cancelled`
 */
export function layerNodes(main: ByteSource, index: ModelIndex, layer: Layer, most: number, signal?: CancelSignal): LayerNode[] {
  const places = index.consumerPlaces[layer.index] ?? [];
  return layer.consumers.slice(0, most).map(({ op, node, input }, i) => {
    throwIfCancelled(signal);
    const place = places[i]!;
    const read = readNode(main, place.record);
    return { ...read, op, name: read.name || node, input, scope: index.scopes[place.scope]!.path };
  });
}

/** @param record a NodeProto with its tag */
function readNode(source: ByteSource, record: Span): Pick<LayerNode, 'domain' | 'name' | 'inputs' | 'outputs' | 'attributes'> {
  const reader = new WireReader(source);
  reader.position = record.offset;
  reader.varint();
  const length = reader.varint();
  const node = { domain: '', name: '', inputs: [] as string[], outputs: [] as string[], attributes: [] as NodeAttribute[] };
  forEachField(reader, length, (field, size) => {
    if (field === NODE.attribute) node.attributes.push(readAttribute(reader, size));
    else if (field === NODE.input) node.inputs.push(text(reader, size));
    else if (field === NODE.output) node.outputs.push(text(reader, size));
    else if (field === NODE.name) node.name = text(reader, size);
    else if (field === NODE.domain) node.domain = canonicalDomain(text(reader, size));
  });
  return node;
}

/** Calls `read` at the content of each field of a message; what it does not read is skipped. */
function forEachField(reader: WireReader, length: number, read: (field: number, size: number) => void): void {
  const end = reader.position + length;
  while (reader.position < end) {
    const { field, length: size } = nextField(reader);
    const start = reader.position;
    read(field, size);
    reader.position = start + size;
  }
}

/** Reads a tag; `length` is that of what follows, of a number too. */
function nextField(reader: WireReader): { field: number; length: number } {
  const start = reader.position;
  const tag = reader.varint();
  const field = Math.floor(tag / 8);
  switch (tag % 8) {
    case WIRE.bytes:
      return { field, length: reader.varint() };
    case WIRE.fixed32:
      return { field, length: 4 };
    case WIRE.fixed64:
      return { field, length: 8 };
    case WIRE.varint: {
      const at = reader.position;
      reader.varint();
      const length = reader.position - at;
      reader.position = at;
      return { field, length };
    }
    default:
      throw reader.malformed(`wire type ${tag % 8}`, start);
  }
}

function readAttribute(reader: WireReader, length: number): NodeAttribute {
  if (length > MAX_ATTRIBUTE_BYTES) return readLongAttribute(reader, length);
  const attribute = onnx.AttributeProto.decode(reader.bytes(length));
  return { name: attribute.name, value: shortened(attributeText(attribute)) };
}

/** Of a tensor its head, of anything else its size. */
function readLongAttribute(reader: WireReader, length: number): NodeAttribute {
  const attribute = { name: '', value: `${length} bytes` };
  forEachField(reader, length, (field, size) => {
    if (field === ATTRIBUTE.name) attribute.name = text(reader, size);
    else if (field === ATTRIBUTE.tensor) attribute.value = tensorText(readTensorHead(reader, size));
  });
  return attribute;
}

function readTensorHead(reader: WireReader, length: number): Pick<onnx.ITensorProto, 'dims' | 'dataType'> {
  const dims: number[] = [];
  let dataType = 0;
  forEachField(reader, length, (field, size) => {
    const end = reader.position + size;
    if (field === TENSOR.dataType) dataType = reader.varint();
    if (field === TENSOR.dims) while (reader.position < end) dims.push(reader.varint());
  });
  return { dims, dataType };
}

function text(reader: WireReader, length: number): string {
  return new TextDecoder().decode(reader.bytes(length));
}

/** As ONNX's own printer has it, roughly: lists in brackets, strings in quotes. The type may be missing in old models. */
function attributeText(attribute: onnx.AttributeProto): string {
  const { type, refAttrName, f, i, s, t, g, floats, ints, strings, tensors, graphs, sparseTensor } = attribute;
  if (refAttrName) return `@${refAttrName}`;
  if (t) return tensorText(t);
  if (g) return graphText(g);
  if (sparseTensor) return `sparse tensor [${(sparseTensor.dims ?? []).join(', ')}]`;
  if (ints.length > 0 || type === AttributeType.INTS) return list(ints, String);
  if (floats.length > 0 || type === AttributeType.FLOATS) return list(floats, floatText);
  if (strings.length > 0 || type === AttributeType.STRINGS) return list(strings, stringText);
  if (tensors.length > 0) return list(tensors, tensorText);
  if (graphs.length > 0) return list(graphs, graphText);
  if (type === AttributeType.FLOAT || (f !== 0 && !type)) return floatText(f);
  if (type === AttributeType.STRING || (s.length > 0 && !type)) return stringText(s);
  return String(i);
}

function list<Item>(items: readonly Item[], textOf: (item: Item) => string): string {
  const shown = items.slice(0, MAX_ELEMENTS).map(textOf);
  return `[${[...shown, ...(items.length > MAX_ELEMENTS ? [`… ${items.length}`] : [])].join(', ')}]`;
}

/** A float32 in as few digits as tell it from its neighbours: 0.1, not 0.10000000149011612. */
function floatText(value: number): string {
  const short = Number(value.toPrecision(7));
  return String(Math.fround(short) === value ? short : value);
}

function stringText(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder().decode(bytes));
}

function tensorText({ dataType, dims }: Pick<onnx.ITensorProto, 'dims' | 'dataType'>): string {
  return `tensor ${dataTypeOf(Number(dataType))} [${(dims ?? []).join(', ')}]`;
}

function graphText({ node }: onnx.IGraphProto): string {
  return `graph (${node?.length ?? 0} nodes)`;
}

function shortened(value: string): string {
  return value.length <= MAX_CHARACTERS ? value : `${value.slice(0, MAX_CHARACTERS)}…`;
}
