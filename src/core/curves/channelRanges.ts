import { channelCount, type GroupedLayer } from '../groups/layerGroups';
import type { CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import { forEachChannelRun } from './channelRuns';

export interface ChannelRange {
  channel: number;
  min: number;
  max: number;
  /** Population standard deviation. */
  std: number;
}

/** Range and moments of each output channel's weights, which have to be finite: nothing without a channel axis. */
export function channelRanges(
  weights: FloatArray, layer: GroupedLayer, signal?: CancelSignal,
): (ChannelRange & { mean: number })[] {
  const channels = channelCount(layer);
  const size = weights.length / channels;
  const min = new Float64Array(channels).fill(Infinity);
  const max = new Float64Array(channels).fill(-Infinity);
  const mean = new Float64Array(channels);
  forEachChannelRun(layer, signal, (channel, start, end) => {
    for (let i = start; i < end; i++) {
      const w = weights[i]!;
      if (w < min[channel]!) min[channel] = w;
      if (w > max[channel]!) max[channel] = w;
      mean[channel]! += w / size;
    }
  });
  const squares = new Float64Array(channels);
  forEachChannelRun(layer, signal, (channel, start, end) => {
    for (let i = start; i < end; i++) squares[channel]! += (weights[i]! - mean[channel]!) ** 2;
  });
  return Array.from(min, (least, channel) => ({
    channel, min: least, max: max[channel]!, mean: mean[channel]!, std: Math.sqrt(squares[channel]! / size),
  }));
}
