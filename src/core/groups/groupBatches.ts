import { columnBuffer } from '../kernels/columnBuffer';
import type { FloatArray } from '../onnx/dataType';
import { gatherBuffer, type GatherBuffer, type Runs } from '../kernels/gatherBuffer';
import { forEachRun, groupCounts, largestGroup, lastSplitAxis, type Groups } from './groups';

/**
 * Visits all groups in order, the weights of each side by side, and puts the codes that `visit` fills in where the weights
 * lie. Groups that lie in one piece are seen in place; of others, neighbours are gathered together, since reading one column
 * of a matrix after another would load each cache line again for every weight in it.
 *
 * @param visit sees gathered weights in memory that the next use of this function, in the same thread, fills anew
 */
export function forEachGroup(
  weights: FloatArray, groups: Groups, codes: Uint8Array,
  visit: (weights: FloatArray, codes: Uint8Array, group: number) => void,
): void {
  const counts = groupCounts(groups);
  const axis = lastSplitAxis(groups);
  const isWhole = groups.spans.slice(0, axis).every((span) => span === 1);
  const total = counts.reduce((product, count) => product * count, 1);
  if (isWhole) {
    for (let group = 0; group < total; group++) {
      forEachRun(groups, group, (start, end) => visit(weights.subarray(start, end), codes.subarray(start, end), group));
    }
    return;
  }
  const buffer = bufferFor(weights, groups, axis);
  for (let first = 0; first < total; first += counts[axis]!) {
    forEachBatch(first, groups, axis, buffer.most, (start, count) => {
      const runs = runsOf(groups, start);
      const length = runs.starts.length * runs.run;
      buffer.gather(weights, runs, count);
      for (let i = 0; i < count; i++) {
        const from = i * buffer.stride;
        visit(buffer.weights.subarray(from, from + length), buffer.codes.subarray(from, from + length), start + i);
      }
      buffer.scatter(codes, runs, count);
    });
  }
}

function bufferFor(weights: FloatArray, groups: Groups, axis: number): GatherBuffer {
  const isColumns = groups.spans.slice(axis).every((span) => span === 1);
  const columns = weights instanceof Float32Array && isColumns ? columnBuffer(groups.dims[axis]!, largestGroup(groups)) : null;
  return columns ?? gatherBuffer(weights, largestGroup(groups));
}

/**
 * Visits groups from `first` to the end of the axis, no more than `most` at a time and about as many each time; a last one
 * that is shorter alone.
 */
function forEachBatch(
  first: number, { dims, spans }: Groups, axis: number, most: number, visit: (start: number, count: number) => void,
): void {
  const full = Math.floor(dims[axis]! / spans[axis]!);
  const even = full / Math.ceil(full / most);
  // Four columns at a time are what kernels put back without a detour.
  const size = Math.min(most, 4 * Math.ceil(even / 4));
  for (let start = 0; start < full; start += size) visit(first + start, Math.min(size, full - start));
  if (dims[axis]! % spans[axis]! > 0) visit(first + full, 1);
}

function runsOf(groups: Groups, group: number): Runs {
  const starts: number[] = [];
  let run = 0;
  forEachRun(groups, group, (start, end) => {
    starts.push(start);
    run = end - start;
  });
  return { starts, run };
}
