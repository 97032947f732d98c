/**
 * Protobuf wire format of the nodes and initializers a copy adds. Sizes come from the same code as bytes, so a size
 * promised before writing holds: `measure` runs it over a counter, `encode` over a buffer.
 * Field numbers: onnx.proto3.
 */

const DATA_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
const WIDTHS = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8, float16: 2 } as const;

export type StoredType = keyof typeof DATA_TYPES;

/** TensorProto.DataType as the `to` attribute of Cast takes it. */
export function dataTypeCode(type: StoredType): number {
  return DATA_TYPES[type];
}

/** An ai.onnx node with one output. */
export interface NewNode {
  op: string;
  inputs: string[];
  output: string;
  /** INT or INTS. */
  attributes?: Record<string, number | number[]>;
}

/** An initializer: its payload follows as `raw_data`. */
export interface TensorHeader {
  name: string;
  dims: number[];
  dtype: StoredType;
}

/** Receives wire format: either counts it or keeps it. `text` and `message` put the length before the content. */
interface Out {
  varint(value: number): void;
  text(value: string): void;
  message(content: Write): void;
}

type Write = (out: Out) => void;

export function varintSize(value: number): number {
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
  return dims.reduce((product, dim) => product * dim, 1) * WIDTHS[dtype];
}

/** A GraphProto.node record, tag included. */
export function encodeNode(node: NewNode): Uint8Array {
  return encode(writeNode(node));
}

export function nodeSize(node: NewNode): number {
  return measure(writeNode(node));
}

/** A GraphProto.initializer record up to its payload. */
export function encodeTensorHeader(tensor: TensorHeader): Uint8Array {
  return encode(writeTensorHeader(tensor));
}

/** A whole GraphProto.initializer record, payload included. */
export function tensorSize(tensor: TensorHeader): number {
  return measure(writeTensorHeader(tensor)) + payloadSize(tensor);
}

/** TensorProto.external_data entries, in the order given. */
export function encodeExternalData(entries: Record<string, string>): Uint8Array {
  return encode(writeExternalData(entries));
}

export function externalDataSize(entries: Record<string, string>): number {
  return measure(writeExternalData(entries));
}

/** ModelProto.ir_version. */
export function encodeIrVersion(version: number): Uint8Array {
  return encode((out) => writeVarint(out, 1, version));
}

function writeNode(node: NewNode): Write {
  return (out) => writeMessage(out, 1, (content) => {
    for (const input of node.inputs) writeText(content, 1, input);
    writeText(content, 2, node.output);
    writeText(content, 4, node.op);
    for (const name in node.attributes) writeAttribute(content, name, node.attributes[name]!);
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

function writeTensorHeader(tensor: TensorHeader): Write {
  const payload = payloadSize(tensor);
  const write: Write = (content) => {
    for (const dim of tensor.dims) writeVarint(content, 1, dim);
    writeVarint(content, 2, DATA_TYPES[tensor.dtype]);
    writeText(content, 8, tensor.name);
    writeLength(content, 9, payload);
  };
  return (out) => {
    writeLength(out, 5, measure(write) + payload);
    write(out);
  };
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

function writeMessage(out: Out, field: number, content: Write): void {
  out.varint(field * 8 + 2);
  out.message(content);
}

function measure(write: Write): number {
  let size = 0;
  const add = (length: number): void => { size += varintSize(length) + length; };
  write({
    varint: (value) => { size += varintSize(value); },
    text: (value) => add(utf8Size(value)),
    message: (content) => add(measure(content)),
  });
  return size;
}

function encode(write: Write): Uint8Array {
  const bytes = new Uint8Array(measure(write));
  const utf8 = new TextEncoder();
  let at = 0;
  const out: Out = {
    varint(value) {
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128;
      bytes[at++] = rest;
    },
    text(value) {
      out.varint(utf8Size(value));
      at += utf8.encodeInto(value, bytes.subarray(at)).written;
    },
    message(content) {
      out.varint(measure(content));
      content(out);
    },
  };
  write(out);
  return bytes;
}
