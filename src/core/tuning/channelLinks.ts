import type { ModelFiles } from '../bytes/byteSource';
import { turnsInputs, type CalibratedLayer } from '../calibration/layerMatrix';
import { dataTypeOf, isFloatType } from '../onnx/dataType';
import { readIntegers } from '../onnx/integers';
import { integer, type NetworkNode } from '../onnx/network';
import { onlyUse } from '../onnx/valueUses';
import { layerBias, type LayerBias, type TunedGraph } from './layerBias';

/** Two layers whose channels between them can be scaled: outputs of the first are inputs of the second alone. */
export interface ChannelLink {
  from: CalibratedLayer;
  to: CalibratedLayer;
  /** Columns of the second's matrix that a channel of the first meets. */
  columnsPerChannel: number;
}

/**
 * Links between layers that nothing stands between but positively homogeneous operators, f(s x) = s f(x) for s > 0, as
 * cross-layer equalization asks (Nagel et al. 2019, §4.1). BatchNormalization, Clip and Relu6 are not.
 */
export function channelLinks(files: ModelFiles, graph: TunedGraph, layers: readonly CalibratedLayer[]): ChannelLink[] {
  const own = layers.filter((layer) => isUsedOnce(graph, layer));
  const byNode = new Map(own.map((layer) => [layer.nodes[0]!, layer]));
  return own.flatMap((from) => {
    const bias = layerBias(graph, from);
    if (typeof bias === 'string' && bias !== 'bias-missing') return [];
    const link = linkFrom(files, graph, from, bias, byNode);
    return link ? [link] : [];
  });
}

/** Whether the weight, and what is made of it on the way to its one consumer, is used by nothing else. */
function isUsedOnce({ main, uses }: TunedGraph, { layer, nodes: [node, ...others] }: CalibratedLayer): boolean {
  if (!node || others.length > 0) return false;
  for (let name = node.inputs[1] ?? ''; onlyUse(uses, name) !== null;) {
    if (name === layer.name) return true;
    const producer = main.producers.get(name);
    if (!producer || isRounding(producer)) return false;
    name = producer.inputs[0] ?? '';
  }
  return false;
}

/** Whether a node's values do not grow as its inputs do: scales of quantization-aware training stay as they were trained. */
function isRounding(node: NetworkNode): boolean {
  return node.op === 'QuantizeLinear' || (node.op === 'Cast' && !isFloatType(dataTypeOf(integer(node, 'to', 0) ?? 0)));
}

/** How channels lie in a value. */
interface ChannelAxis {
  /** Behind a convolution, axis 1; behind a product, the last; flattened, in runs of the only other axis than the samples'. */
  at: 'second' | 'last' | 'flattened';
  /** Pooled to one place a channel. */
  pooled: boolean;
}

function linkFrom(
  files: ModelFiles, graph: TunedGraph, from: CalibratedLayer, bias: LayerBias | 'bias-missing',
  layers: ReadonlyMap<NetworkNode, CalibratedLayer>,
): ChannelLink | null {
  const [first] = from.nodes as [NetworkNode];
  let value = bias === 'bias-missing' ? first.outputs[0]! : bias.output;
  let axis: ChannelAxis | null = { at: first.op === 'Conv' ? 'second' : 'last', pooled: false };
  for (;;) {
    const use = onlyUse(graph.uses, value);
    if (!use) return null;
    const { node, input } = use;
    const to = layers.get(node);
    if (to && input === 0) return turnsInputs(node) ? null : linkTo(from, to, axis);
    axis = input === 0 ? axisBehind(files, graph, node, axis, from.matrix.rows) : null;
    if (axis === null) return null;
    value = node.outputs[0]!;
  }
}

function linkTo(from: CalibratedLayer, to: CalibratedLayer, { at }: ChannelAxis): ChannelLink | null {
  const { groups, columns } = to.matrix;
  const isConvolution = to.nodes[0]!.op === 'Conv';
  if (isConvolution !== (at === 'second')) return null;
  const columnsPerChannel = (groups * columns) / from.matrix.rows;
  const fits = isConvolution ? groups * to.layer.dims[1]! === from.matrix.rows
    : at === 'last' ? columnsPerChannel === 1 : Number.isInteger(columnsPerChannel);
  return fits ? { from, to, columnsPerChannel } : null;
}

/** Where channels are behind a node that is positively homogeneous, channel by channel; null behind any other. */
function axisBehind(
  files: ModelFiles, graph: TunedGraph, node: NetworkNode, axis: ChannelAxis, channels: number,
): ChannelAxis | null {
  const { op, domain, inputs, outputs } = node;
  if (domain !== '' || outputs.slice(1).some((name) => graph.uses.has(name))) return null;
  switch (op) {
    case 'Relu': case 'LeakyRelu': case 'PRelu': case 'Identity': return axis;
    case 'Dropout': return inputs.length <= RATIO_INPUTS && integer(node, 'is_test', 1) === 1 ? axis : null;
    case 'MaxPool': case 'AveragePool': return axis.at === 'second' ? axis : null;
    case 'GlobalMaxPool': case 'GlobalAveragePool': return axis.at === 'second' ? { at: 'second', pooled: true } : null;
    case 'Flatten': return axis.at === 'second' && integer(node, 'axis', 1) === 1 ? { ...axis, at: 'flattened' } : null;
    case 'Reshape': return axis.at === 'second' && isFlattening(files, graph, node, axis, channels) ? { ...axis, at: 'flattened' } : null;
    default: return null;
  }
}

/** Data and ratio: a third input says whether it trains. */
const RATIO_INPUTS = 2;

/** To [samples, the rest]: [0, −1] says so of itself; [−1, channels] where each channel is one place. */
function isFlattening(
  files: ModelFiles, { index, main }: TunedGraph, node: NetworkNode, { pooled }: ChannelAxis, channels: number,
): boolean {
  const tensor = index.tensors[main.constants.get(node.inputs[1] ?? '') ?? -1];
  if (!tensor || tensor.dtype !== 'int64' || tensor.elements !== 2 || tensor.storage.reference || tensor.sparse) return false;
  const [samples, rest] = readIntegers(files.main, tensor);
  const isCopied = samples === 0 && integer(node, 'allowzero', 0) === 0;
  return (isCopied && rest === -1) || (pooled && rest === channels);
}
