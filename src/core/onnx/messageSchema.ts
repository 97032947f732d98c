/**
 * The part of onnx.proto that the reader keeps: everything else, unknown fields included, is skipped by its length.
 * `integers` is a repeated integer field, packed or not; `payload` a tensor's data; `overload` what tells functions of one name apart. Field numbers are onnx.proto's.
 */
export type MessageKind = keyof typeof SCHEMA;
export type FieldKind = 'varint' | 'fixed32' | 'bytes' | 'integers' | 'payload' | 'overload' | MessageKind;

const SCHEMA = {
  model: { 1: 'varint', 2: 'bytes', 3: 'bytes', 7: 'graph', 8: 'opset', 25: 'function' },
  graph: {
    1: 'node', 2: 'bytes', 5: 'tensor', 11: 'value', 12: 'value', 13: 'value', 15: 'sparseTensor',
  },
  node: { 1: 'bytes', 2: 'bytes', 3: 'bytes', 4: 'bytes', 5: 'attribute', 7: 'bytes', 8: 'overload' },
  attribute: {
    1: 'bytes', 2: 'fixed32', 3: 'varint', 5: 'tensor', 6: 'graph', 8: 'integers', 11: 'graph', 20: 'varint', 21: 'bytes',
    22: 'sparseTensor',
  },
  tensor: {
    1: 'integers', 2: 'varint', 4: 'payload', 5: 'payload', 6: 'payload', 7: 'payload', 8: 'bytes', 9: 'payload',
    10: 'payload', 11: 'payload', 13: 'entry', 14: 'varint',
  },
  sparseTensor: { 1: 'tensor', 2: 'tensor', 3: 'integers' },
  function: { 1: 'bytes', 4: 'bytes', 5: 'bytes', 7: 'node', 9: 'opset', 10: 'bytes', 13: 'overload' },
  opset: { 1: 'bytes', 2: 'varint' },
  entry: { 1: 'bytes', 2: 'bytes' },
  value: { 1: 'bytes' },
} as const;

/** How to treat a field, or undefined to skip it. */
export function fieldKind(message: MessageKind, field: number): FieldKind | undefined {
  return (SCHEMA[message] as Record<number, FieldKind>)[field];
}

/** Numbers of the fields that are more than a table's entry. */
export const FIELD = {
  model: { irVersion: 1, graph: 7 },
  graph: { docString: 10, input: 11 },
  function: { docString: 8 },
  node: { docString: 6 },
  tensor: { floatData: 4, int32Data: 5, stringData: 6, int64Data: 7, rawData: 9, doubleData: 10, uint64Data: 11, docString: 12 },
} as const;
