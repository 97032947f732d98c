import type { ChannelGroups, Layer } from '../../../../src/core/onnx/layer';
import type { Granularity } from '../../../../src/core/plan/layerSettings';

/** A weight's shape and place, and which group each of its weights is in, counted out by hand. */
export interface GroupedWeight {
  op: string;
  dims: number[];
  channelAxis: number | null;
  channelGroups?: ChannelGroups;
  granularity: Granularity;
  groups: number;
  groupOf: (i: number) => number;
}

export const GROUPED_WEIGHTS: GroupedWeight[] = [
  { op: 'Conv', dims: [6, 4, 3, 3], channelAxis: 0, granularity: 'tensor', groups: 1, groupOf: () => 0 },
  { op: 'Conv', dims: [6, 4, 3, 3], channelAxis: 0, granularity: 'channel', groups: 6, groupOf: (i) => Math.floor(i / 36) },
  { op: 'MatMul', dims: [7, 3], channelAxis: 1, granularity: 'channel', groups: 3, groupOf: (i) => i % 3 },
  { op: 'Gemm', dims: [1, 5], channelAxis: 0, granularity: 'channel', groups: 1, groupOf: () => 0 },
  { op: 'Gemm', dims: [7, 3], channelAxis: null, granularity: 'channel', groups: 1, groupOf: () => 0 },
  // Recurrent weights are [directions, gates · hidden, input].
  { op: 'LSTM', dims: [2, 8, 7], channelAxis: 1, granularity: 'channel', groups: 16, groupOf: (i) => Math.floor(i / 7) },
  { op: 'GRU', dims: [1, 6, 5], channelAxis: 1, granularity: 'channel', groups: 6, groupOf: (i) => Math.floor(i / 5) },
  {
    op: 'RNN', dims: [2, 3, 40], channelAxis: 1, granularity: 'block:16', groups: 18,
    groupOf: (i) => Math.floor(i / 40) * 3 + Math.floor((i % 40) / 16),
  },
  // A batch of matrices, as right and as left operand.
  { op: 'MatMul', dims: [3, 10, 4], channelAxis: 2, granularity: 'channel', groups: 12, groupOf: (i) => Math.floor(i / 40) * 4 + i % 4 },
  { op: 'MatMul', dims: [3, 10, 4], channelAxis: 1, granularity: 'channel', groups: 30, groupOf: (i) => Math.floor(i / 4) },
  {
    op: 'MatMul', dims: [2, 40, 3], channelAxis: 2, granularity: 'block:16', groups: 18,
    groupOf: (i) => Math.floor(i / 120) * 9 + Math.floor((i % 120) / 48) * 3 + i % 3,
  },
  // Blocks along the input: whole ones, a shorter last one, and inputs that do not fill one.
  {
    op: 'MatMul', dims: [64, 5], channelAxis: 1, granularity: 'block:16', groups: 20,
    groupOf: (i) => Math.floor(i / 80) * 5 + i % 5,
  },
  {
    op: 'MatMul', dims: [70, 5], channelAxis: 1, granularity: 'block:16', groups: 25,
    groupOf: (i) => Math.floor(i / 80) * 5 + i % 5,
  },
  { op: 'Gemm', dims: [5, 64], channelAxis: 0, granularity: 'block:32', groups: 10, groupOf: (i) => Math.floor(i / 32) },
  {
    op: 'Gemm', dims: [5, 65], channelAxis: 0, granularity: 'block:32', groups: 15,
    groupOf: (i) => Math.floor(i / 65) * 3 + Math.floor((i % 65) / 32),
  },
  { op: 'Conv', dims: [3, 16, 2, 2], channelAxis: 0, granularity: 'block:16', groups: 12, groupOf: (i) => Math.floor(i / 16) },
  {
    op: 'Conv', dims: [3, 7, 3, 7], channelAxis: 0, granularity: 'block:128', groups: 6,
    groupOf: (i) => Math.floor(i / 147) * 2 + Math.floor((i % 147) / 128),
  },
  { op: 'Conv', dims: [6, 2, 3, 3], channelAxis: 0, granularity: 'block:32', groups: 6, groupOf: (i) => Math.floor(i / 18) },
  // The output channel is in the middle: blocks of input channels at one place of one kernel.
  {
    op: 'ConvTranspose', dims: [40, 3, 2, 2], channelAxis: 1, granularity: 'block:16', groups: 36,
    groupOf: (i) => Math.floor(i / 192) * 12 + i % 12,
  },
  // Of grouped ones, rows of each group have output channels of their own: 2 groups of 3 rows by 2 columns; 4 of 1 row, depthwise.
  {
    op: 'ConvTranspose', dims: [6, 2, 5], channelAxis: 1, channelGroups: { axis: 0, size: 3 }, granularity: 'channel', groups: 4,
    groupOf: (i) => Math.floor(i / 30) * 2 + Math.floor(i / 5) % 2,
  },
  {
    op: 'ConvTranspose', dims: [4, 1, 3, 3], channelAxis: 1, channelGroups: { axis: 0, size: 1 }, granularity: 'channel', groups: 4,
    groupOf: (i) => Math.floor(i / 9),
  },
  {
    op: 'ConvTranspose', dims: [4, 3, 6], channelAxis: 1, channelGroups: { axis: 0, size: 1 }, granularity: 'channel', groups: 12,
    groupOf: (i) => Math.floor(i / 6),
  },
  // Reached through a Transpose: [kernel, columns, rows], and [columns, rows].
  {
    op: 'ConvTranspose', dims: [5, 2, 6], channelAxis: 1, channelGroups: { axis: 2, size: 3 }, granularity: 'channel', groups: 4,
    groupOf: (i) => (Math.floor(i / 6) % 2) * 2 + Math.floor((i % 6) / 3),
  },
  // Blocks end where groups do.
  {
    op: 'ConvTranspose', dims: [40, 3, 2], channelAxis: 1, channelGroups: { axis: 0, size: 20 }, granularity: 'block:16', groups: 24,
    groupOf: (i) => Math.floor(i / 120) * 12 + Math.floor((i % 120) / 96) * 6 + i % 6,
  },
  {
    op: 'ConvTranspose', dims: [4, 1, 5, 5], channelAxis: 1, channelGroups: { axis: 0, size: 1 }, granularity: 'block:16', groups: 8,
    groupOf: (i) => Math.floor(i / 25) * 2 + Math.floor((i % 25) / 16),
  },
  { op: 'Gemm', dims: [7, 30], channelAxis: null, granularity: 'block:32', groups: 7, groupOf: (i) => Math.floor(i / 32) },
];

export function layerOf({ op, dims, channelAxis, channelGroups }: GroupedWeight, dtype: Layer['dtype'] = 'float32'): Layer {
  const elements = dims.reduce((a, b) => a * b, 1);
  return {
    index: 0, name: 'w', scope: '', consumers: [{ op, node: 'n', input: 1 }], dims, dtype, elements, bytes: 4 * elements,
    channelAxis, ...(channelGroups && { channelGroups }), storage: { file: '', offset: 0, length: 0, form: 'raw' }, quantizable: true, tensor: 0,
  };
}

export function describeWeight({ op, dims, channelAxis, channelGroups, granularity }: GroupedWeight): string {
  const groups = channelGroups ? `, groups of ${channelGroups.size} along ${channelGroups.axis}` : '';
  return `${op} [${dims.join()}] of axis ${channelAxis}${groups}, ${granularity}`;
}
