import { elementCount } from '../onnx/elementCount';
import type { Layer } from '../onnx/layer';
import type { Granularity } from '../plan/layerSettings';
import type { Groups } from './groups';

export type GroupedLayer = Pick<Layer, 'dims' | 'channelAxis'> & Partial<Pick<Layer, 'consumers'>>;

/** Weights of these are stacks of matrices: a batch, or one for each direction (ONNX Operators.md, MatMul, LSTM W and R). */
const STACKED = new Set(['MatMul', 'FusedMatMul', 'LSTM', 'GRU', 'RNN']);

/**
 * The axes of the stored tensor with a scale an index when a layer is quantized per channel, ascending: the channel axis,
 * and for a stack of matrices the axes that it is stacked along. Empty without a channel axis.
 */
export function scaleAxes({ dims, channelAxis, consumers = [] }: GroupedLayer): number[] {
  if (channelAxis === null) return [];
  const matrix = dims.length - 2;
  const stacked = channelAxis >= matrix && consumers.length > 0 && consumers.every(({ op }) => STACKED.has(op));
  return stacked ? [...Array(matrix).keys(), channelAxis] : [channelAxis];
}

/**
 * The groups of a layer's weights that share a codebook. A layer without a channel axis is one group also where settings say
 * per channel, so that one default fits a whole model. Blocks lie along the input: along the axes that are not scale axes,
 * run together as they are stored (of a convolution: input channels and kernel); where a scale axis parts them, as in
 * ConvTranspose, along the first of them. Inputs that do not fill a block are one group.
 */
export function layerGroups(layer: GroupedLayer, granularity: Granularity): Groups {
  const { dims } = layer;
  if (granularity === 'tensor') return { dims, spans: dims };
  const own = new Set(scaleAxes(layer));
  const block = blockSize(granularity);
  if (block === null) return { dims, spans: dims.map((dim, axis) => (own.has(axis) ? 1 : dim)) };
  return blockGroups(dims, own, block);
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
