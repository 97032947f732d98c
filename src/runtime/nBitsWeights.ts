import type { onnx } from 'onnx-proto';
import { float32Bytes, int32Bytes, int64Tensor, payloadPieces, type NewTensor } from '../core/encodings/blueprint';
import { dataTypeCode, encodeNode, encodeTensorHeader, type NewNode } from '../core/onnx/protoWriter';

/** Plain operators for the weights of a MatMulNBits node. */
export interface PlainWeights {
  /** Records of a graph. */
  records: Uint8Array[];
  value: string;
}

/**
 * The weights that a MatMulNBits node stands for, as plain operators compute them from its operands: (field − zero point) ·
 * scale, the fields of an output's blocks side by side from a byte's lowest bits on, and 2^(bits − 1) where there is no zero
 * point (ONNX Runtime, ContribOperators.md). The node itself gives no weights, but products with rounded activations.
 * @param transposed whether the weight is stored as [outputs, inputs]
 * @param part names values that the model does not have
 */
export function plainWeights(
  { input, attribute }: onnx.INodeProto, transposed: boolean, part: (step: string) => string,
): PlainWeights {
  const [, fields, scales, zeroPoints] = input!;
  const integer = (wanted: string): number => Number(attribute!.find(({ name }) => name === wanted)?.i);
  const [inputs, outputs, bits, blockSize] = [integer('K'), integer('N'), integer('bits'), integer('block_size')];
  const blocks = Math.ceil(inputs / blockSize);
  const graph = new PlainGraph(part);
  const byByte = (): Uint8Array => float32Bytes(fieldTable(bits));
  const table = graph.tensor({ name: 'table', dims: [256, 8 / bits], dtype: 'float32', data: byByte });
  const unpacked = (bytes: string, rows: number[]): string => {
    const indices = graph.node('Cast', [bytes], { to: dataTypeCode('int32') });
    return graph.reshaped(graph.node('Gather', [table, indices]), rows);
  };
  const zero = zeroPoints
    ? graph.reshaped(graph.first(unpacked(zeroPoints, [outputs, -1]), blocks), [outputs, blocks, 1])
    : graph.tensor({ name: 'zero', dims: [], dtype: 'float32', data: () => float32Bytes([2 ** (bits - 1)]) });
  const steps = graph.node('Sub', [unpacked(fields!, [outputs, blocks, blockSize]), zero]);
  const levels = graph.node('Mul', [steps, graph.reshaped(scales!, [outputs, blocks, 1])]);
  const weights = graph.first(graph.reshaped(levels, [outputs, blocks * blockSize]), inputs);
  const value = transposed ? weights : graph.node('Transpose', [weights], { perm: [1, 0] });
  return { records: graph.records, value };
}

/** What each byte holds, lowest bits first. */
function fieldTable(bits: number): number[] {
  const fields = 8 / bits;
  return Array.from({ length: 256 * fields }, (_, at) => (Math.floor(at / fields) >> (bits * (at % fields))) & (2 ** bits - 1));
}

/** Collects nodes and initializers, which it names. */
class PlainGraph {
  readonly records: Uint8Array[] = [];

  constructor(readonly part: (step: string) => string) {}

  node(op: string, inputs: string[], attributes: NewNode['attributes'] = {}): string {
    const output = this.part(`plain${this.records.length}`);
    this.records.push(encodeNode({ op, inputs, output, attributes }));
    return output;
  }

  tensor({ name, ...tensor }: NewTensor<void>): string {
    const unique = this.part(`${name}${this.records.length}`);
    this.records.push(Buffer.concat([encodeTensorHeader({ ...tensor, name: unique }), ...payloadPieces(tensor.data())]));
    return unique;
  }

  reshaped(value: string, dims: number[]): string {
    return this.node('Reshape', [value, this.tensor(int64Tensor('shape', dims))]);
  }

  /** Of each row, as many columns. */
  first(value: string, columns: number): string {
    const data = (): Uint8Array => int32Bytes(Array.from({ length: columns }, (_, column) => column));
    return this.node('Gather', [value, this.tensor({ name: 'columns', dims: [columns], dtype: 'int32', data })], { axis: 1 });
  }
}
