/**
 * Protobuf wire format of the nodes and initializers a copy adds. Sizes come from the same code as bytes, so a size
 * promised before writing holds: `measure` runs it over a counter, `encode` over a buffer.
 * Field numbers: onnx.proto3.
 */

import { concat } from '../bytes/concat';
import { rawBytes, type DataType } from './dataType';
import { elementCount } from './elementCount';

const DATA_TYPES = {
  float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10, float64: 11, bfloat16: 16,
  uint4: 21, int4: 22, uint2: 25, int2: 26,
} as const;

export type StoredType = keyof typeof DATA_TYPES;

export function isStoredType(dtype: DataType): dtype is StoredType {
  return dtype in DATA_TYPES;
}

/** TensorProto.DataType as the `to` attribute of Cast takes it. */
export function dataTypeCode(type: StoredType): number {
  return DATA_TYPES[type];
}

/**
 * Where nodes and tensors are written to: a GraphProto, or a FunctionProto, which cannot own initializers and holds tensors
 * as Constant nodes.
 */
export type Holder = 'graph' | 'function';

/** Field number of `node`. */
const NODE_FIELD: Record<Holder, number> = { graph: 1, function: 7 };

/** A node with one output. */
export interface NewNode {
  op: string;
  /** ai.onnx where absent. */
  domain?: string;
  inputs: string[];
  output: string;
  /** INT or INTS. */
  attributes?: Record<string, number | number[]>;
}

/** A constant tensor: its payload follows as `raw_data`. */
export interface TensorHeader {
  name: string;
  dims: number[];
  dtype: StoredType;
}

/**
 * Receives wire format: either counts it or keeps it. `text` and `message` put the length before the content; `payload`
 * bytes that are still to come belong to a message, too.
 */
interface Out {
  varint(value: number): void;
  text(value: string): void;
  message(content: Write, payload: number): void;
}

type Write = (out: Out) => void;

/** A negative integer is written as the 64 bits of its two's complement. */
const NEGATIVE_BYTES = 10;

export function varintSize(value: number): number {
  if (value < 0) return NEGATIVE_BYTES;
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

export function encodeVarint(value: number): Uint8Array {
  return encode((out) => out.varint(value));
}

export function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is four bytes for two units; any other unit from U+0800 takes three.
    size += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return size;
}

/** Bytes of a raw payload. */
export function payloadSize({ dims, dtype }: TensorHeader): number {
  return rawBytes(dtype, elementCount(dims));
}

/** A `node` record, tag included. */
export function encodeNode(node: NewNode, holder: Holder = 'graph'): Uint8Array {
  return encode(writeNode(node, holder));
}

/** A `node` record of a graph with one more input. */
export function withInput(node: Uint8Array, input: string): Uint8Array {
  const content = contentOf(node);
  const added = encode((out) => writeText(out, 1, input));
  return concat([Uint8Array.of(NODE_FIELD.graph * 8 + 2), encodeVarint(content.length + added.length), content, added]);
}

/** What stands behind a record's tag and length. */
export function contentOf(record: Uint8Array): Uint8Array {
  let at = 0;
  for (let numbers = 0; numbers < 2; at++) if (record[at]! < 0x80) numbers++;
  return record.subarray(at);
}

/** The same in a graph and in a function. */
export function nodeSize(node: NewNode): number {
  return measure(writeNode(node, 'graph'));
}

/** The record of an initializer, or of a Constant node, up to its payload, with which it ends. */
export function encodeTensorHeader(tensor: TensorHeader, holder: Holder = 'graph'): Uint8Array {
  return encode(writeTensorHeader(tensor, holder));
}

/** The whole record, payload included. */
export function tensorSize(tensor: TensorHeader, holder: Holder = 'graph'): number {
  return measure(writeTensorHeader(tensor, holder)) + payloadSize(tensor);
}

/** TensorProto.external_data entries, in the order given. */
export function encodeExternalData(entries: Record<string, string>): Uint8Array {
  return encode(writeExternalData(entries));
}

export function externalDataSize(entries: Record<string, string>): number {
  return measure(writeExternalData(entries));
}

/** Where a payload lies outside the model file (onnx.proto, TensorProto.external_data). */
export interface ExternalPayload {
  location: string;
  offset: number;
  length: number;
}

/** The record of an initializer whose payload is external. */
export function encodeExternalTensor(tensor: TensorHeader, payload: ExternalPayload): Uint8Array {
  return encode(writeExternalTensor(tensor, payload));
}

export function externalTensorSize(tensor: TensorHeader, payload: ExternalPayload): number {
  return measure(writeExternalTensor(tensor, payload));
}

/** ModelProto.ir_version. */
export function encodeIrVersion(version: number): Uint8Array {
  return encode((out) => writeVarint(out, 1, version));
}

/** An entry of ModelProto.opset_import. */
export function encodeOpsetImport(domain: string, version: number): Uint8Array {
  return encode((out) => writeMessage(out, 8, (content) => {
    writeText(content, 1, domain);
    writeVarint(content, 2, version);
  }));
}

function writeNode(node: NewNode, holder: Holder): Write {
  return (out) => writeMessage(out, NODE_FIELD[holder], (content) => {
    for (const input of node.inputs) writeText(content, 1, input);
    writeText(content, 2, node.output);
    writeText(content, 4, node.op);
    for (const name in node.attributes) writeAttribute(content, name, node.attributes[name]!);
    if (node.domain !== undefined) writeText(content, 7, node.domain);
  });
}

function writeAttribute(out: Out, name: string, value: number | number[]): void {
  const INT = 2;
  const INTS = 7;
  writeMessage(out, 5, (content) => {
    writeText(content, 1, name);
    if (typeof value === 'number') writeVarint(content, 3, value);
    else for (const item of value) writeVarint(content, 8, item);
    writeVarint(content, 20, typeof value === 'number' ? INT : INTS);
  });
}

function writeTensorHeader(tensor: TensorHeader, holder: Holder): Write {
  const payload = payloadSize(tensor);
  const header: Write = (content) => {
    for (const dim of tensor.dims) writeVarint(content, 1, dim);
    writeVarint(content, 2, DATA_TYPES[tensor.dtype]);
    if (holder === 'graph') writeText(content, 8, tensor.name);
    writeLength(content, 9, payload);
  };
  return holder === 'graph' ? aroundPayload(5, header, payload) : writeConstantHeader(tensor, header, payload);
}

/** The tensor is the last field of the attribute and the attribute of the node, so that the payload ends the record. */
function writeConstantHeader({ name }: TensorHeader, tensor: Write, payload: number): Write {
  const TENSOR = 4;
  const attribute: Write = (content) => {
    writeText(content, 1, 'value');
    writeVarint(content, 20, TENSOR);
    aroundPayload(5, tensor, payload)(content);
  };
  const node: Write = (content) => {
    writeText(content, 2, name);
    writeText(content, 4, 'Constant');
    aroundPayload(5, attribute, payload)(content);
  };
  return aroundPayload(NODE_FIELD.function, node, payload);
}

/** A message that ends with a payload of `payload` bytes still to come. */
function aroundPayload(field: number, content: Write, payload: number): Write {
  return (out) => writeMessage(out, field, content, payload);
}

function writeExternalTensor(tensor: TensorHeader, { location, offset, length }: ExternalPayload): Write {
  const EXTERNAL = 1;
  return (out) => writeMessage(out, 5, (content) => {
    for (const dim of tensor.dims) writeVarint(content, 1, dim);
    writeVarint(content, 2, DATA_TYPES[tensor.dtype]);
    writeText(content, 8, tensor.name);
    writeExternalData({ location, offset: String(offset), length: String(length) })(content);
    writeVarint(content, 14, EXTERNAL);
  });
}

function writeExternalData(entries: Record<string, string>): Write {
  return (out) => {
    for (const [key, value] of Object.entries(entries)) {
      writeMessage(out, 13, (content) => {
        writeText(content, 1, key);
        writeText(content, 2, value);
      });
    }
  };
}

function writeVarint(out: Out, field: number, value: number): void {
  out.varint(field * 8);
  out.varint(value);
}

function writeLength(out: Out, field: number, length: number): void {
  out.varint(field * 8 + 2);
  out.varint(length);
}

function writeText(out: Out, field: number, text: string): void {
  out.varint(field * 8 + 2);
  out.text(text);
}

function writeMessage(out: Out, field: number, content: Write, payload = 0): void {
  out.varint(field * 8 + 2);
  out.message(content, payload);
}

function measure(write: Write): number {
  let size = 0;
  const out: Out = {
    varint(value) { size += varintSize(value); },
    text(value) {
      const length = utf8Size(value);
      size += varintSize(length) + length;
    },
    message(content, payload) {
      const before = size;
      content(out);
      size += varintSize(size - before + payload);
    },
  };
  write(out);
  return size;
}

function encode(write: Write): Uint8Array {
  const bytes = new Uint8Array(measure(write));
  const utf8 = new TextEncoder();
  let at = 0;
  const out: Out = {
    varint(value) {
      if (value < 0) {
        const bits = BigInt.asUintN(64, BigInt(value));
        for (let i = 0; i < NEGATIVE_BYTES; i++) {
          bytes[at++] = Number((bits >> BigInt(7 * i)) & 127n) | (i < NEGATIVE_BYTES - 1 ? 128 : 0);
        }
        return;
      }
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
      bytes[at++] = rest;
    },
    text(value) {
      out.varint(utf8Size(value));
      at += utf8.encodeInto(value, bytes.subarray(at)).written;
    },
    message(content, payload) {
      out.varint(measure(content) + payload);
      content(out);
    },
  };
  write(out);
  return bytes;
}
