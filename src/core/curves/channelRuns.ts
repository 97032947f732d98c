import { scaleAxes, type GroupedLayer } from '../groups/layerGroups';
import { throwIfCancelled, type CancelSignal } from '../job';
import { elementCount } from '../onnx/elementCount';
import { SLICE } from '../statistics/cancelSlices';

/** How many output channels a layer has, numbered as per-channel groups are (`layerGroups`); 0 without a channel axis. */
export function channelCount(layer: GroupedLayer): number {
  const axes = scaleAxes(layer);
  return axes.length === 0 ? 0 : axes.reduce((product, axis) => product * layer.dims[axis]!, 1);
}

/**
 * Visits all weights in stored order, as runs [start, end) of one output channel, long ones in pieces: where channels lie
 * side by side, going through them one by one would read the tensor once for each.
 */
export function forEachChannelRun(
  layer: GroupedLayer, signal: CancelSignal | undefined, visit: (channel: number, start: number, end: number) => void,
): void {
  const { dims, channelAxis } = layer;
  if (channelAxis === null) return;
  const elements = elementCount(dims);
  const width = dims[channelAxis]!;
  const run = elementCount(dims.slice(channelAxis + 1));
  const stacked = channelCount(layer) / width;
  const runsOfOne = elements / run / stacked;
  let look = 0;
  for (let r = 0, first = 0; first < elements; r++, first += run) {
    const channel = Math.floor(r / runsOfOne) * width + (r % width);
    for (let start = first; start < first + run; start += SLICE) {
      if (start >= look) {
        throwIfCancelled(signal);
        look = start + SLICE;
      }
      visit(channel, start, Math.min(start + SLICE, first + run));
    }
  }
}
