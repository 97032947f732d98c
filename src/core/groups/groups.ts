import type { FloatArray } from '../onnx/dataType';

/**
 * How a tensor's weights divide into groups with a codebook each: boxes of `spans[i]` indices along axis i of the tensor
 * seen, in stored order, with `dims`. The last box along an axis may be shorter.
 */
export interface Groups {
  dims: number[];
  spans: number[];
}

/** Groups along each axis: the shape of one number a group, groups being numbered in row-major order. */
export function groupCounts({ dims, spans }: Groups): number[] {
  return dims.map((dim, axis) => Math.ceil(dim / spans[axis]!));
}

export function groupCount(groups: Groups): number {
  return groupCounts(groups).reduce((product, count) => product * count, 1);
}

/** Weights in the largest group. */
export function largestGroup({ spans }: Groups): number {
  return spans.reduce((product, span) => product * span, 1);
}

/** Visits a group's weights in order, as index ranges [start, end) of the tensor. */
export function forEachRun(groups: Groups, group: number, visit: (start: number, end: number) => void): void {
  const { start, lengths, strides } = boxOf(groups, group);
  const last = lastSplitAxis(groups);
  const run = lengths.slice(last).reduce((product, length) => product * length, 1);
  const walk = (axis: number, at: number): void => {
    if (axis >= last) return visit(at, at + run);
    for (let i = 0; i < lengths[axis]!; i++) walk(axis + 1, at + i * strides[axis]!);
  };
  walk(0, start);
}

/** First index, extent along each axis, and distance between neighbours along it. */
function boxOf({ dims, spans }: Groups, group: number): { start: number; lengths: number[]; strides: number[] } {
  const lengths = new Array<number>(dims.length);
  const strides = new Array<number>(dims.length);
  let start = 0;
  let stride = 1;
  let rest = group;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis]!;
    const span = spans[axis]!;
    const count = Math.ceil(dim / span);
    const first = (rest % count) * span;
    rest = Math.floor(rest / count);
    lengths[axis] = Math.min(span, dim - first);
    strides[axis] = stride;
    start += first * stride;
    stride *= dim;
  }
  return { start, lengths, strides };
}

/** The axis from which on a group's weights follow one another: later axes are whole. */
export function lastSplitAxis({ dims, spans }: Groups): number {
  let axis = dims.length - 1;
  while (axis > 0 && spans[axis] === dims[axis]) axis--;
  return Math.max(axis, 0);
}

/** Copies one group out of a tensor into the front of `into`, and says how many weights it has. */
export function gather(weights: FloatArray, groups: Groups, group: number, into: FloatArray): number {
  let next = 0;
  forEachRun(groups, group, (start, end) => {
    for (let i = start; i < end; i++) into[next++] = weights[i]!;
  });
  return next;
}
