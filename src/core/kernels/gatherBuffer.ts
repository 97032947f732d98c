import type { FloatArray } from '../onnx/dataType';

/** Weights that are gathered at a time: 1 MB, which a core's own cache holds. */
const CAPACITY = 1 << 18;
/** Groups at a time: a cache line of neighbouring weights, each of another group, is read once or twice. */
const MOST_GROUPS = 32;
/** Weights between gathered groups, so that their beginnings do not meet in the same set of a cache. */
export const GAP = 16;

/** Where the weights of the first of neighbouring groups lie: runs of so many from each start. Those of the next follow at once. */
export interface Runs {
  starts: readonly number[];
  run: number;
}

/** Where neighbouring groups are gathered, the weights of each side by side, `stride` from one to the next. */
export interface GatherBuffer {
  /** Groups that there is room for. */
  most: number;
  stride: number;
  weights: FloatArray;
  codes: Uint8Array;
  /** Fills `weights` of so many groups. */
  gather(weights: FloatArray, runs: Runs, count: number): void;
  /** Puts `codes` where the weights were. */
  scatter(codes: Uint8Array, runs: Runs, count: number): void;
}

/** Room for groups of at most `largest` weights like these. */
export function gatherBuffer(like: FloatArray, largest: number): GatherBuffer {
  const stride = largest + GAP;
  const most = Math.min(MOST_GROUPS, Math.max(1, Math.floor(CAPACITY / stride)));
  const weights = like instanceof Float64Array ? new Float64Array(most * stride) : new Float32Array(most * stride);
  const codes = new Uint8Array(most * stride);
  return {
    most, stride, weights, codes,
    gather: (from, runs, count) => gather(from, runs, placesOf(count, runs.run, stride), weights),
    scatter: (to, runs, count) => scatter(codes, runs, placesOf(count, runs.run, stride), to),
  };
}

function gather(weights: FloatArray, { starts, run }: Runs, places: Int32Array, gathered: FloatArray): void {
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
}

function scatter(gathered: Uint8Array, { starts, run }: Runs, places: Int32Array, codes: Uint8Array): void {
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

/** Where the first runs of so many groups are gathered. */
function placesOf(count: number, run: number, stride: number): Int32Array {
  return Int32Array.from({ length: count * run }, (_, k) => Math.floor(k / run) * stride + (k % run));
}
