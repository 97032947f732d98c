import { forEachRun, groupCount, largestGroup, type Groups } from '../groups/groups';
import { layerGroups } from '../groups/layerGroups';
import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import type { Granularity } from '../plan/layerSettings';
import type { QuantizableLayer } from '../layerQuantizer';
import type { WeightGroup } from '../quantizers/quantizer';
import { weightGroup } from '../quantizers/weightGroup';
import type { Moments } from '../statistics/moments';
import { GROUP_CELLS, groupCells, weightCells } from './weightCells';

/** How a figure came about: over all weights, or approximately. */
export type Detail = 'approximate' | 'exact';

/** A layer's weights in groups that share a codebook each, or what stands for them. */
export interface LayerSample {
  detail: Detail;
  /** Weights that the groups stand for. */
  weights: number;
  groups: WeightGroup[];
}

/** Up to this many weights a sample is all of them, and one of more has about as many weights or cells. */
export const SAMPLE = 1 << 17;
/** Each group costs a design, however few its weights are. */
export const MOST_GROUPS = 512;
/** Weights read for the cells of large groups: 16 MB. */
const READ = 1 << 22;

/**
 * What settings of a granularity are tried on, small enough to try them at once. Up to 131,072 weights in up to 512 groups
 * are taken as they are. Of more, a tensor with one codebook becomes cells (`weightCells`); of channels and blocks, as many as
 * keep to both limits are taken, evenly spaced, and large ones are cells too.
 *
 * @param chunks all weights of the layer in stored order, finite
 * @param moments of them
 * @throws CoreError `cancelled`
 */
export function layerSample(
  layer: QuantizableLayer, granularity: Granularity, chunks: () => Iterable<FloatArray>, moments: Moments, signal?: CancelSignal,
): LayerSample {
  const groups = layerGroups(layer, granularity);
  const count = groupCount(groups);
  const largest = largestGroup(groups);
  const fits = moments.count <= SAMPLE;
  if (!fits && count === 1) {
    return { detail: 'approximate', weights: moments.count, groups: [weightCells(chunks(), moments, signal)] };
  }
  const fitting = fits ? count : Math.max(1, Math.floor(Math.min(SAMPLE / Math.min(largest, GROUP_CELLS), READ / largest)));
  const taken = Math.min(count, fitting, MOST_GROUPS);
  const chosen = Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * count) / taken));
  const sampled = gatherGroups(groups, chosen, chunks(), signal)
    .map((weights) => weightGroup(weights, layer, signal))
    .map((group) => (!fits && largest > 2 * GROUP_CELLS ? groupCells(group) : group));
  const weights = sampled.reduce((sum, group) => sum + group.moments.count, 0);
  const isWhole = taken === count && sampled.every(({ cells }) => cells === undefined);
  return { detail: isWhole ? 'exact' : 'approximate', weights, groups: sampled };
}

/** The weights of some groups, picked out of all as they are read. */
function gatherGroups(
  groups: Groups, chosen: readonly number[], chunks: Iterable<FloatArray>, signal: CancelSignal | undefined,
): FloatArray[] {
  const runs = runsOf(groups, chosen);
  let gathered: FloatArray[] | undefined;
  let next = 0;
  let at = 0;
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    gathered ??= allocate(runs, chosen.length, chunk);
    const end = at + chunk.length;
    for (let run = runs[next]; run !== undefined && run.start < end; run = runs[++next]) {
      const from = Math.max(run.start, at);
      const to = Math.min(run.end, end);
      gathered[run.slot]!.set(chunk.subarray(from - at, to - at), run.into + from - run.start);
      if (run.end > end) break;
    }
    at = end;
  }
  return gathered ?? [];
}

/** Weights [start, end) of the tensor, which go to place `into` of the array `slot`. */
interface Run {
  start: number;
  end: number;
  slot: number;
  into: number;
}

function runsOf(groups: Groups, chosen: readonly number[]): Run[] {
  const runs = chosen.flatMap((group, slot) => {
    const own: Run[] = [];
    let into = 0;
    forEachRun(groups, group, (start, end) => {
      own.push({ start, end, slot, into });
      into += end - start;
    });
    return own;
  });
  return runs.sort((a, b) => a.start - b.start);
}

function allocate(runs: Run[], count: number, like: FloatArray): FloatArray[] {
  const lengths = new Array<number>(count).fill(0);
  for (const { slot, start, end } of runs) lengths[slot]! += end - start;
  return lengths.map((length) => (like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)));
}
