import { integer, type NetworkNode } from './network';
import { ownEntry } from './ownEntry';

/** An input that an operator takes weights at, and which axis of it runs over the operator's output channels. */
export interface WeightInput {
  input: number;
  /** Null where an attribute that decides it is not known. */
  channelAxis(node: NetworkNode, rank: number): number | null;
  /** The axis that is divided into as many parts as the node's `group` says, each with output channels of its own. */
  groupAxis?: number;
  /** Of operators that take integers. */
  quantized?: QuantizedInputs;
}

/** Which inputs of a node are the scale and the zero point of its weight. */
export interface QuantizedInputs {
  scale?: number;
  zeroPoint?: number;
}

const at = (axis: number) => (): number => axis;
const last = (_node: NetworkNode, rank: number): number => rank - 1;
const secondToLast = (_node: NetworkNode, rank: number): number => rank - 2;

/** The axis, counted from the end, that is the channel axis unless the attribute says that the operand is transposed. */
function unlessTransposed(attribute: string, fromEnd: 1 | 2): WeightInput['channelAxis'] {
  return (node, rank) => {
    const transposed = integer(node, attribute, 0);
    if (transposed === null) return null;
    return rank - (transposed === 0 ? fromEnd : 3 - fromEnd);
  };
}

/** Batch axes moved between the matrix axes (com.microsoft.FusedMatMul `transBatchA`, `transBatchB`) leave no single answer. */
function unlessBatchMoved(attribute: string, axis: WeightInput['channelAxis']): WeightInput['channelAxis'] {
  return (node, rank) => (integer(node, attribute, 0) === 0 ? axis(node, rank) : null);
}

/** Each of the node's groups has output channels of its own along the axis, so that `group` has to be known to tell them apart. */
const unlessGroupsUnknown = (axis: number) => (node: NetworkNode): number | null => (integer(node, 'group', 1) === null ? null : axis);

const CONV = [{ input: 1, channelAxis: at(0) }];
/** [input channels, output channels of a group, kernel…] */
const CONV_TRANSPOSE = [{ input: 1, channelAxis: unlessGroupsUnknown(1), groupAxis: 0 }];
const MATMUL = [{ input: 0, channelAxis: secondToLast }, { input: 1, channelAxis: last }];
const GEMM = [
  { input: 0, channelAxis: unlessTransposed('transA', 2) },
  { input: 1, channelAxis: unlessTransposed('transB', 1) },
];
const FUSED_MATMUL = [
  { input: 0, channelAxis: unlessBatchMoved('transBatchA', unlessTransposed('transA', 2)) },
  { input: 1, channelAxis: unlessBatchMoved('transBatchB', unlessTransposed('transB', 1)) },
];
/** W and R are [directions, gates · hidden, input]. */
const RECURRENT = [{ input: 1, channelAxis: at(1) }, { input: 2, channelAxis: at(1) }];
/** Weights of query, key and value side by side: [input, hidden + hidden + value]. */
const ATTENTION = [{ input: 1, channelAxis: at(1) }];
const EMBEDDING = [{ input: 0, channelAxis: at(0) }];

/** By domain and operator (ONNX Operators.md; ONNX Runtime ContribOperators.md). */
const WEIGHT_INPUTS: Record<string, Record<string, WeightInput[]>> = {
  '': {
    Conv: CONV,
    ConvTranspose: CONV_TRANSPOSE,
    Gemm: GEMM,
    MatMul: MATMUL,
    LSTM: RECURRENT,
    GRU: RECURRENT,
    RNN: RECURRENT,
    Gather: EMBEDDING,
    ConvInteger: [{ input: 1, channelAxis: at(0), quantized: { zeroPoint: 3 } }],
    QLinearConv: [{ input: 3, channelAxis: at(0), quantized: { scale: 4, zeroPoint: 5 } }],
    MatMulInteger: [
      { input: 0, channelAxis: secondToLast, quantized: { zeroPoint: 2 } },
      { input: 1, channelAxis: last, quantized: { zeroPoint: 3 } },
    ],
    QLinearMatMul: [
      { input: 0, channelAxis: secondToLast, quantized: { scale: 1, zeroPoint: 2 } },
      { input: 3, channelAxis: last, quantized: { scale: 4, zeroPoint: 5 } },
    ],
  },
  'com.microsoft': {
    FusedConv: CONV,
    FusedGemm: GEMM,
    FusedMatMul: FUSED_MATMUL,
    Attention: ATTENTION,
    PackedAttention: ATTENTION,
    DecoderMaskedSelfAttention: ATTENTION,
    LongformerAttention: [...ATTENTION, { input: 4, channelAxis: at(1) }],
    DecoderAttention: [{ input: 2, channelAxis: at(1) }, { input: 3, channelAxis: at(1) }],
    QAttention: [{ input: 1, channelAxis: at(1), quantized: { scale: 4, zeroPoint: 7 } }],
    MatMulNBits: [{ input: 1, channelAxis: at(0), quantized: { scale: 2, zeroPoint: 3 } }],
    GatherBlockQuantized: [{
      input: 0, channelAxis: (node) => integer(node, 'gather_axis', 0), quantized: { scale: 2, zeroPoint: 3 },
    }],
    QGemm: [
      { input: 0, channelAxis: unlessTransposed('transA', 2), quantized: { scale: 1, zeroPoint: 2 } },
      { input: 3, channelAxis: unlessTransposed('transB', 1), quantized: { scale: 4, zeroPoint: 5 } },
    ],
    // Unlike LSTM's, its weights are [directions, input, gates · hidden].
    DynamicQuantizeLSTM: [
      { input: 1, channelAxis: last, quantized: { scale: 8, zeroPoint: 9 } },
      { input: 2, channelAxis: last, quantized: { scale: 10, zeroPoint: 11 } },
    ],
    DynamicQuantizeMatMul: [{ input: 1, channelAxis: last, quantized: { scale: 2, zeroPoint: 3 } }],
    MatMulIntegerToFloat: [
      { input: 0, channelAxis: secondToLast, quantized: { scale: 2, zeroPoint: 4 } },
      { input: 1, channelAxis: last, quantized: { scale: 3, zeroPoint: 5 } },
    ],
    EmbedLayerNormalization: [2, 3, 4].map((input) => ({ input, channelAxis: at(0) })),
  },
};

/** Where a node takes weights; empty for nodes that have none. */
export function weightInputs(node: NetworkNode): WeightInput[] {
  const operators = ownEntry(WEIGHT_INPUTS, node.domain);
  return (operators && ownEntry(operators, node.op)) ?? [];
}
