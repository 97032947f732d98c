import type { FloatArray } from '../onnx/dataType';
import { forEachRun, groupCounts, largestGroup, lastSplitAxis, type Groups } from './groups';

/** Weights that are gathered at a time: 1 MB, which a core's own cache holds. */
const ROOM = 1 << 18;
/** Groups at a time: a cache line of neighbouring weights, each of another group, is read once or twice. */
const MOST_GROUPS = 32;
/** Weights between gathered groups, so that their beginnings do not meet in the same set of a cache. */
const GAP = 16;

/**
 * Visits all groups in order, the weights of each side by side, and puts the codes that `visit` fills in where the weights
 * lie. Groups that lie in one piece are seen in place; of others, neighbours are gathered together, since reading one column
 * of a matrix after another would load each cache line again for every weight in it.
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
  const room = batchRoom(weights, largestGroup(groups));
  for (let first = 0; first < total; first += counts[axis]!) {
    forEachBatch(first, groups, axis, room.groups, (start, count) => {
      const length = gatherBatch(weights, groups, start, count, room);
      for (let i = 0; i < count; i++) {
        const from = i * room.stride;
        visit(room.weights.subarray(from, from + length), room.codes.subarray(from, from + length), start + i);
      }
      scatterBatch(codes, groups, start, count, room);
    });
  }
}

/** Where groups are gathered, `stride` apart. */
interface BatchRoom {
  groups: number;
  stride: number;
  weights: FloatArray;
  codes: Uint8Array;
}

function batchRoom(weights: FloatArray, largest: number): BatchRoom {
  const stride = largest + GAP;
  const groups = Math.min(MOST_GROUPS, Math.max(1, Math.floor(ROOM / stride)));
  const length = groups * stride;
  return {
    groups, stride, codes: new Uint8Array(length),
    weights: weights instanceof Float64Array ? new Float64Array(length) : new Float32Array(length),
  };
}

/** Visits groups from `first` to the end of the axis, as many at a time as there is room for; a last one that is shorter alone. */
function forEachBatch(
  first: number, { dims, spans }: Groups, axis: number, most: number, visit: (start: number, count: number) => void,
): void {
  const full = Math.floor(dims[axis]! / spans[axis]!);
  for (let start = 0; start < full; start += most) visit(first + start, Math.min(most, full - start));
  if (dims[axis]! % spans[axis]! > 0) visit(first + full, 1);
}

/** @returns how many weights each group has */
function gatherBatch(
  weights: FloatArray, groups: Groups, first: number, count: number, { weights: gathered, stride }: BatchRoom,
): number {
  const { starts, run } = runsOf(groups, first);
  const places = placesOf(count, run, stride);
  let at = 0;
  for (; at + 3 < starts.length; at += 4) {
    const [from0, from1, from2, from3] = [starts[at]!, starts[at + 1]!, starts[at + 2]!, starts[at + 3]!];
    for (let k = 0; k < places.length; k++) {
      const to = at * run + places[k]!;
      gathered[to] = weights[from0 + k]!;
      gathered[to + run] = weights[from1 + k]!;
      gathered[to + 2 * run] = weights[from2 + k]!;
      gathered[to + 3 * run] = weights[from3 + k]!;
    }
  }
  for (; at < starts.length; at++) {
    for (let k = 0; k < places.length; k++) gathered[at * run + places[k]!] = weights[starts[at]! + k]!;
  }
  return starts.length * run;
}

function scatterBatch(
  codes: Uint8Array, groups: Groups, first: number, count: number, { codes: gathered, stride }: BatchRoom,
): void {
  const { starts, run } = runsOf(groups, first);
  const places = placesOf(count, run, stride);
  let at = 0;
  for (; at + 3 < starts.length; at += 4) {
    const [to0, to1, to2, to3] = [starts[at]!, starts[at + 1]!, starts[at + 2]!, starts[at + 3]!];
    for (let k = 0; k < places.length; k++) {
      const from = at * run + places[k]!;
      codes[to0 + k] = gathered[from]!;
      codes[to1 + k] = gathered[from + run]!;
      codes[to2 + k] = gathered[from + 2 * run]!;
      codes[to3 + k] = gathered[from + 3 * run]!;
    }
  }
  for (; at < starts.length; at++) {
    for (let k = 0; k < places.length; k++) codes[starts[at]! + k] = gathered[at * run + places[k]!]!;
  }
}

/** Where the first runs of so many groups, which lie one after another, are gathered. */
function placesOf(count: number, run: number, stride: number): Int32Array {
  return Int32Array.from({ length: count * run }, (_, k) => Math.floor(k / run) * stride + (k % run));
}

/** Where a group's runs start, and how long they are. */
function runsOf(groups: Groups, group: number): { starts: number[]; run: number } {
  const starts: number[] = [];
  let run = 0;
  forEachRun(groups, group, (start, end) => {
    starts.push(start);
    run = end - start;
  });
  return { starts, run };
}
