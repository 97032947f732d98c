import type { onnx } from 'onnx-proto';
import type { Layer } from '../onnx/layer';
import type { NodePlace } from '../onnx/modelIndex';
import { integer, type NetworkNode } from '../onnx/network';

/** How a layer's weights lie in the matrix that its inputs are multiplied by: weight (row, column) at row · rowStride + column · columnStride. */
export interface LayerMatrix {
  /** Outputs, all groups together. */
  rows: number;
  /** Inputs of each row; of a convolution, channels of its group times kernel. */
  columns: number;
  /** Of a grouped convolution; rows divide among them in order. */
  groups: number;
  rowStride: number;
  columnStride: number;
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

/**
 * A layer as the matrix that its inputs meet: weights of Conv, and of MatMul and Gemm on their right, in the main graph.
 * Of a convolution, rows of the matrix are filters, and the inputs of a position are the patch under the kernel (im2col).
 */
export function calibratedLayer(
  layer: Layer, places: readonly NodePlace[], nodes: ReadonlyMap<number, NetworkNode>,
): CalibratedLayer | UncalibratedReason {
  if (layer.scope !== '' || places.some(({ scope }) => scope !== 0)) return 'not-in-main-graph';
  const consumers = places.map(({ record }) => nodes.get(record.offset)!);
  const matrices = consumers.map((node, i) => matrixAt(layer, node, layer.consumers[i]!.input));
  const [matrix] = matrices;
  if (!matrix || matrices.some((other) => other?.groups !== matrix.groups)) return 'operator-not-calibrated';
  if (matrix.groups * matrix.columns ** 2 > MAX_MOMENTS) return 'too-many-inputs';
  return { layer, matrix, nodes: consumers };
}

function matrixAt(layer: Layer, node: NetworkNode, input: number): LayerMatrix | null {
  if (node.domain !== '' || input !== 1) return null;
  if (node.op === 'Conv') return node.inputs[1] === layer.name ? convolution(layer, integer(node, 'group', 1)) : null;
  if (node.op === 'MatMul' || (node.op === 'Gemm' && integer(node, 'transA', 0) === 0)) return product(layer);
  return null;
}

function convolution({ dims, elements }: Layer, groups: number | null): LayerMatrix | null {
  const [rows = 0] = dims;
  if (groups === null || groups < 1 || rows % groups !== 0 || dims.length < 3) return null;
  const columns = elements / rows;
  return { rows, columns, groups, rowStride: columns, columnStride: 1 };
}

/** The channel axis is the output axis, however the weight is transposed on its way. */
function product({ dims, channelAxis }: Layer): LayerMatrix | null {
  const [first = 0, second = 0] = dims;
  if (dims.length !== 2 || channelAxis === null) return null;
  return channelAxis === 0
    ? { rows: first, columns: second, groups: 1, rowStride: second, columnStride: 1 }
    : { rows: second, columns: first, groups: 1, rowStride: 1, columnStride: second };
}

/** Numbers in the order of the stored weights as [rows, columns], written to `into`. */
export function toMatrix<Values extends Float32Array | Uint8Array>(
  stored: ArrayLike<number>, { rows, columns, rowStride, columnStride }: LayerMatrix, into: Values,
): Values {
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) into[at++] = stored[row * rowStride + column * columnStride]!;
  }
  return into;
}

/** Codes of a matrix in the order of the stored weights. */
export function fromMatrix(matrix: Uint8Array, { rows, columns, rowStride, columnStride }: LayerMatrix): Uint8Array {
  const codes = new Uint8Array(matrix.length);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) codes[row * rowStride + column * columnStride] = matrix[at++]!;
  }
  return codes;
}

/** Attributes of a convolution but for `group`, which decides how inputs meet kernels, not where these lie. */
export function patchAttributes({ attribute }: Pick<onnx.INodeProto, 'attribute'>): onnx.IAttributeProto[] {
  return (attribute ?? []).filter(({ name }) => name !== 'group');
}
