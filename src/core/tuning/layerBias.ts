import type { CalibratedLayer, UncalibratedReason } from '../calibration/layerMatrix';
import { isFloatType, type FloatType } from '../onnx/dataType';
import type { ModelIndex } from '../onnx/modelIndex';
import { isOne, type Network, type NetworkNode } from '../onnx/network';
import { onlyUse, type ValueUse } from '../onnx/valueUses';

/** The main graph, and who uses its values. */
export interface TunedGraph {
  index: ModelIndex;
  main: Network;
  uses: ReadonlyMap<string, ValueUse[]>;
}

/** What is added to a layer's outputs, one number a channel. */
export interface LayerBias {
  /** Index into `ModelIndex.tensors`; null for a bias that the layer does not have yet. */
  tensor: number | null;
  dims: number[];
  dtype: FloatType;
  /** The node that multiplies by the layer's weights. */
  node: NetworkNode;
  /** The value that has it added. */
  output: string;
}

/** Why a layer's bias cannot be changed. */
export type BiasObstacle =
  | 'weight-used-again' | 'bias-missing' | 'bias-used-again' | 'bias-not-constant' | 'bias-not-by-channel';

/** Why a layer's bias is not corrected. */
export type UncorrectedReason = UncalibratedReason | BiasObstacle;

/**
 * The bias of a layer: the third input of Conv and Gemm, or what an Add behind a MatMul adds. Conv and Gemm without one can
 * be given one.
 */
export function layerBias(graph: TunedGraph, { layer, matrix: { rows }, nodes }: CalibratedLayer): LayerBias | BiasObstacle {
  const [node, ...others] = nodes as [NetworkNode, ...NetworkNode[]];
  if (others.length > 0) return 'weight-used-again';
  const [output = ''] = node.outputs;
  if (node.op === 'MatMul') return addedBias(graph, node, output, rows);
  if (!isOne(node, 'alpha') || !isOne(node, 'beta')) return 'bias-not-by-channel';
  const [, weight, bias] = node.inputs;
  if (bias) return constantBias(graph, bias, rows, { node, output });
  if (bias === '' || weight !== layer.name || !isFloatType(layer.dtype)) return 'bias-missing';
  return { tensor: null, dims: [rows], dtype: layer.dtype, node, output };
}

function addedBias(graph: TunedGraph, node: NetworkNode, product: string, rows: number): LayerBias | BiasObstacle {
  const use = onlyUse(graph.uses, product);
  if (use?.node.op !== 'Add' || use.node.domain !== '') return 'bias-missing';
  const bias = use.node.inputs[1 - use.input] ?? '';
  const [output = ''] = use.node.outputs;
  return graph.main.constants.has(bias) ? constantBias(graph, bias, rows, { node, output }) : 'bias-missing';
}

function constantBias(
  { index, main, uses }: TunedGraph, name: string, rows: number, place: Pick<LayerBias, 'node' | 'output'>,
): LayerBias | BiasObstacle {
  const tensor = main.constants.get(name);
  if (tensor === undefined) return 'bias-not-constant';
  const { dims, dtype, elements, holder, sparse, storage } = index.tensors[tensor]!;
  const isStored = (holder === 'initializer' || holder === 'constant') && !sparse
    && index.externalFiles.every(({ location, bytes }) => bytes !== null || location !== storage.file);
  if (!isStored || !isFloatType(dtype)) return 'bias-not-constant';
  if (elements !== rows || dims.at(-1) !== rows) return 'bias-not-by-channel';
  if (uses.get(name)!.length > 1) return 'bias-used-again';
  return { tensor, dims, dtype, ...place };
}
