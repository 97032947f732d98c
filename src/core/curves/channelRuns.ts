import { scaleAxes, type GroupedLayer } from '../groups/layerGroups';
import { throwIfCancelled, type CancelSignal } from '../job';
import { elementCount } from '../onnx/elementCount';
import { SLICE } from '../statistics/cancelSlices';

/**
 * Visits all weights in stored order, as runs [start, end) of one output channel, long ones in pieces: where channels lie
 * side by side, going through them one by one would read the tensor once for each.
 */
export function forEachChannelRun(
  layer: GroupedLayer, signal: CancelSignal | undefined, visit: (channel: number, start: number, end: number) => void,
): void {
  const { dims, axes } = scaleAxes(layer);
  const last = axes.at(-1);
  if (last === undefined) return;
  const elements = elementCount(dims);
  const run = elementCount(dims.slice(last + 1));
  const [before, others] = [dims.slice(0, last), axes.slice(0, -1)];
  let look = 0;
  for (let row = 0, first = 0; first < elements; row++) {
    const firstChannel = placeAlong(others, before, row) * dims[last]!;
    for (let i = 0; i < dims[last]!; i++, first += run) {
      for (let start = first; start < first + run; start += SLICE) {
        if (start >= look) {
          throwIfCancelled(signal);
          look = start + SLICE;
        }
        visit(firstChannel + i, start, Math.min(start + SLICE, first + run));
      }
    }
  }
}

/** Where a place of a tensor is when some of its axes alone are counted, in row-major order as it is. */
function placeAlong(axes: readonly number[], dims: readonly number[], place: number): number {
  let [along, stride, rest] = [0, 1, place];
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) {
      along += stride * (rest % dims[axis]!);
      stride *= dims[axis]!;
    }
    rest = Math.floor(rest / dims[axis]!);
  }
  return along;
}
