import type { onnx } from 'onnx-proto';
import type { Layer } from '../onnx/layer';
import type { NodePlace } from '../onnx/modelIndex';
import { integer, type NetworkNode } from '../onnx/network';

/**
 * How a layer's weights lie in the matrix that its inputs are multiplied by. Where inputs are too many for their second
 * moments, they are divided into blocks, and rows of the matrix are parts of outputs' weights: all outputs' first block, then
 * all outputs' second one. That is ours, and disregards how inputs of different blocks go together.
 */
export interface LayerMatrix {
  /** Of all groups together, or of all blocks. */
  rows: number;
  /** Inputs of each row; of a convolution, channels of its group times kernel. */
  columns: number;
  /** Of a grouped convolution, or blocks of inputs; rows divide among them in order. */
  groups: number;
  /** Blocks that an output's inputs are divided into; 1 where they are not. */
  inputBlocks: number;
  /** Between the weights of neighbouring outputs, and of neighbouring inputs, as stored. */
  rowStride: number;
  columnStride: number;
}

/** Where the weights of a row start, as stored. */
export function rowStart({ rows, columns, inputBlocks, rowStride, columnStride }: LayerMatrix, row: number): number {
  const outputs = rows / inputBlocks;
  return (row % outputs) * rowStride + Math.floor(row / outputs) * columns * columnStride;
}

/** Whether inputs are divided into blocks, which do for rounding, but say nothing of the error of whole outputs. */
export function isDivided({ inputBlocks }: LayerMatrix): boolean {
  return inputBlocks > 1;
}

/** Why a layer's inputs cannot be captured. */
export type UncalibratedReason = 'not-in-main-graph' | 'operator-not-calibrated' | 'too-many-inputs';

/** A layer's matrix, and the nodes whose first inputs it is multiplied by. */
export interface CalibratedLayer {
  layer: Layer;
  matrix: LayerMatrix;
  nodes: NetworkNode[];
}

/** Second moments of a layer, in elements: 268 MB of sums. */
const MAX_MOMENTS = 2 ** 25;
/** Inputs of a block, where a layer has more than their second moments allow: a second's work, and enough to make up for errors. */
const MAX_BLOCK = 1024;
const MIN_BLOCK = 256;

/** A layer whose inputs can be captured, or why they cannot. */
export function calibratedLayer(
  layer: Layer, places: readonly NodePlace[], nodes: ReadonlyMap<number, NetworkNode>,
): CalibratedLayer | UncalibratedReason {
  const found = multipliedLayer(layer, places, nodes);
  if (typeof found === 'string') return found;
  const { groups, columns } = found.matrix;
  const matrix = groups * columns ** 2 > MAX_MOMENTS ? divided(found.matrix) : found.matrix;
  return matrix ? { ...found, matrix } : 'too-many-inputs';
}

/**
 * A layer as the matrix that its inputs meet: weights of Conv, and of MatMul and Gemm on their right, in the main graph.
 * Of a convolution, rows of the matrix are filters, and the inputs of a position are the patch under the kernel (im2col).
 */
export function multipliedLayer(
  layer: Layer, places: readonly NodePlace[], nodes: ReadonlyMap<number, NetworkNode>,
): CalibratedLayer | UncalibratedReason {
  if (layer.scope !== '' || places.some(({ scope }) => scope !== 0)) return 'not-in-main-graph';
  const consumers = places.map(({ record }) => nodes.get(record.offset)!);
  if (consumers.some((node) => !isOneMatrix(layer, node, nodes))) return 'operator-not-calibrated';
  const matrices = consumers.map((node, i) => matrixAt(layer, node, layer.consumers[i]!.input));
  const [matrix] = matrices;
  if (!matrix || matrices.some((other) => other?.groups !== matrix.groups)) return 'operator-not-calibrated';
  return { layer, matrix, nodes: consumers };
}

/** The largest equal blocks that are small enough; null where there are none, or the layer has groups. */
function divided(matrix: LayerMatrix): LayerMatrix | null {
  const { rows, columns, groups } = matrix;
  if (groups > 1) return null;
  for (let blocks = Math.ceil(columns / MAX_BLOCK); columns >= blocks * MIN_BLOCK; blocks++) {
    if (columns % blocks === 0) return { ...matrix, rows: rows * blocks, columns: columns / blocks, groups: blocks, inputBlocks: blocks };
  }
  return null;
}

function matrixAt(layer: Layer, node: NetworkNode, input: number): LayerMatrix | null {
  if (node.domain !== '' || input !== 1) return null;
  if (node.op === 'Conv') return node.inputs[1] === layer.name ? convolution(layer, integer(node, 'group', 1)) : null;
  return node.op === 'MatMul' || node.op === 'Gemm' ? product(layer) : null;
}

/** Whether a node takes the inputs of a position as a column. */
export function turnsInputs(node: NetworkNode): boolean {
  return node.op === 'Gemm' && integer(node, 'transA', 0) !== 0;
}

function convolution({ dims, elements }: Layer, groups: number | null): LayerMatrix | null {
  const [rows = 0] = dims;
  if (groups === null || groups < 1 || rows % groups !== 0 || dims.length < 3) return null;
  const columns = elements / rows;
  return { rows, columns, groups, inputBlocks: 1, rowStride: columns, columnStride: 1 };
}

/** Whether a product takes all of a weight as one matrix: axes of one before the last two are no batch while they stay there. */
function isOneMatrix({ name, dims }: Layer, node: NetworkNode, nodes: ReadonlyMap<number, NetworkNode>): boolean {
  const before = dims.slice(0, -2);
  if (node.op !== 'MatMul' || before.length === 0) return true;
  if (before.some((dim) => dim !== 1)) return false;
  const [, operand = ''] = node.inputs;
  if (operand === name) return true;
  const turn = [...nodes.values()].find(({ outputs }) => outputs[0] === operand);
  const perm = turn?.op === 'Transpose' && turn.inputs[0] === name ? turn.integers.get('perm') : null;
  return before.every((_, axis) => perm?.[axis] === axis);
}

/** The channel axis is the output axis, however the weight is transposed on its way. */
function product({ dims, channelAxis }: Layer): LayerMatrix | null {
  const [first = 0, second = 0] = dims.slice(-2);
  if (dims.length < 2 || channelAxis === null) return null;
  const whole = { groups: 1, inputBlocks: 1 };
  return channelAxis === dims.length - 2
    ? { ...whole, rows: first, columns: second, rowStride: second, columnStride: 1 }
    : { ...whole, rows: second, columns: first, rowStride: 1, columnStride: second };
}

/** Numbers in the order of the stored weights as [rows, columns], written to `into`. */
export function toMatrix<Values extends Float32Array | Uint8Array>(
  stored: ArrayLike<number>, matrix: LayerMatrix, into: Values,
): Values {
  const { rows, columns, columnStride } = matrix;
  for (let row = 0, at = 0; row < rows; row++) {
    const start = rowStart(matrix, row);
    for (let column = 0; column < columns; column++) into[at++] = stored[start + column * columnStride]!;
  }
  return into;
}

/** Codes of a matrix in the order of the stored weights. */
export function fromMatrix(codes: Uint8Array, matrix: LayerMatrix): Uint8Array {
  const { rows, columns, columnStride } = matrix;
  const stored = new Uint8Array(codes.length);
  for (let row = 0, at = 0; row < rows; row++) {
    const start = rowStart(matrix, row);
    for (let column = 0; column < columns; column++) stored[start + column * columnStride] = codes[at++]!;
  }
  return stored;
}

/** Attributes of a convolution but for `group`, which decides how inputs meet kernels, not where these lie. */
export function patchAttributes({ attribute }: Pick<onnx.INodeProto, 'attribute'>): onnx.IAttributeProto[] {
  return (attribute ?? []).filter(({ name }) => name !== 'group');
}
