import { elementCount } from '../onnx/elementCount';
import type { ChannelGroups, Layer } from '../onnx/layer';
import type { Granularity } from '../plan/layerSettings';
import type { Groups } from './groups';

export type GroupedLayer = Pick<Layer, 'dims' | 'channelAxis'> & Partial<Pick<Layer, 'consumers' | 'channelGroups'>>;

/** Weights of these are stacks of matrices: a batch, or one for each direction (ONNX Operators.md, MatMul, LSTM W and R). */
const STACKED = new Set(['MatMul', 'FusedMatMul', 'LSTM', 'GRU', 'RNN']);

/** A tensor as it is seen, in stored order, and the axes of that with a scale an index, ascending. */
export interface ScaleAxes {
  dims: number[];
  axes: number[];
}

/**
 * Where the scales of a layer lie that is quantized per channel: along the channel axis, and for a stack of matrices along the
 * axes that it is stacked along. Groups of channels have an axis of their own. No axes without a channel axis.
 */
export function scaleAxes({ dims, channelAxis, channelGroups, consumers = [] }: GroupedLayer): ScaleAxes {
  if (channelAxis === null) return { dims, axes: [] };
  if (channelGroups) return axesOfGroups(dims, channelAxis, channelGroups);
  const matrix = dims.length - 2;
  const stacked = channelAxis >= matrix && consumers.length > 0 && consumers.every(({ op }) => STACKED.has(op));
  return { dims, axes: stacked ? [...Array(matrix).keys(), channelAxis] : [channelAxis] };
}

/** An axis of groups of one index, as in a depthwise convolution, is already what it would be made. */
function axesOfGroups(dims: number[], channelAxis: number, { axis, size }: ChannelGroups): ScaleAxes {
  const seen = size === 1 ? dims : [...dims.slice(0, axis), dims[axis]! / size, size, ...dims.slice(axis + 1)];
  const channels = size > 1 && channelAxis > axis ? channelAxis + 1 : channelAxis;
  return { dims: seen, axes: [axis, channels].sort((a, b) => a - b) };
}

/** How many output channels a layer has, numbered as per-channel groups are; 0 without a channel axis. */
export function channelCount(layer: GroupedLayer): number {
  const { dims, axes } = scaleAxes(layer);
  return axes.length === 0 ? 0 : axes.reduce((product, axis) => product * dims[axis]!, 1);
}

/**
 * The groups of a layer's weights that share a codebook. A layer without a channel axis is one group also where settings say
 * per channel, so that one default fits a whole model. Blocks lie along the input: along the axes that are not scale axes,
 * run together as they are stored (of a convolution: input channels and kernel); where a scale axis parts them, as in
 * ConvTranspose, along the first of them. Inputs that do not fill a block are one group.
 */
export function layerGroups(layer: GroupedLayer, granularity: Granularity): Groups {
  if (granularity === 'tensor') return { dims: layer.dims, spans: layer.dims };
  const { dims, axes } = scaleAxes(layer);
  const own = new Set(axes);
  const block = blockSize(granularity);
  if (block === null) return { dims, spans: dims.map((dim, axis) => (own.has(axis) ? 1 : dim)) };
  return blockGroups(dims, own, block);
}

/** What shares a codebook in truth: per channel, all of a layer whose output channels are not known. */
export function sharedGranularity({ channelAxis }: Pick<Layer, 'channelAxis'>, granularity: Granularity): Granularity {
  return granularity === 'channel' && channelAxis === null ? 'tensor' : granularity;
}

/** Weights in a block, or null where the granularity is not by blocks. */
export function blockSize(granularity: Granularity): number | null {
  return granularity.startsWith('block:') ? Number(granularity.slice('block:'.length)) : null;
}

function blockGroups(dims: number[], own: ReadonlySet<number>, block: number): Groups {
  const first = dims.findIndex((_, axis) => !own.has(axis));
  if (first < 0) return { dims, spans: dims.map(() => 1) };
  const parted = dims.findIndex((_, axis) => axis > first && own.has(axis));
  const end = parted < 0 ? dims.length : parted;
  const input = elementCount(dims.slice(first, end));
  const before = dims.slice(0, first);
  const after = dims.slice(end);
  const isOneBlock = input <= block;
  return {
    dims: [...before, ...(isOneBlock ? dims.slice(first, end) : [input]), ...after],
    spans: [...before.map(() => 1), ...(isOneBlock ? dims.slice(first, end) : [block]), ...after.map(() => 1)],
  };
}
