import { throwIfCancelled, type CancelSignal } from '../job';
import type { FloatArray } from '../onnx/dataType';
import type { Distribution } from './distributions';
import { largestDistance } from './largestDistance';
import { standardDeviation, type Moments } from './moments';

/** Cells of the fine empirical distribution, and how many standard deviations to each side of the mean they span. */
const CELLS = 1 << 20;
const SPAN = 12;

/** The largest distance between the empirical distribution of sorted weights and a fitted one, exactly. */
export function ksOfSorted(sorted: FloatArray, distribution: Distribution): number {
  const n = sorted.length;
  return largestDistance(n, (start, end) => {
    const lowest = distribution(sorted[start]!);
    const highest = end === start + 1 ? lowest : distribution(sorted[end - 1]!);
    const atStart = Math.max((start + 1) / n - lowest, lowest - start / n);
    const atEnd = Math.max(end / n - highest, highest - (end - 1) / n);
    return { seen: Math.max(atStart, atEnd), most: Math.max(end / n - lowest, highest - start / n) };
  });
}

/** Counts of finite weights in equal cells over mean ± 12 deviations; `below` are the weights under the first cell. */
export interface FineDistribution {
  count: number;
  start: number;
  width: number;
  below: number;
  cells: Uint32Array;
}

/** The empirical distribution of more weights than can be sorted in memory: 4 MB whatever their number. */
export function fineDistribution(chunks: Iterable<FloatArray>, moments: Moments, signal?: CancelSignal): FineDistribution {
  const reach = SPAN * standardDeviation(moments);
  const start = moments.mean - reach;
  const fine = { count: moments.count, start, width: (2 * reach) / CELLS, below: 0, cells: new Uint32Array(CELLS) };
  for (const chunk of chunks) {
    throwIfCancelled(signal);
    fine.below += countCells(chunk, fine);
  }
  return fine;
}

/**
 * The distance at the cells' edges, where the empirical distribution is exact. It falls short of the true distance by at
 * most what the fit holds in one cell: 1e-5 for a Gaussian, and as much times std / b for a Laplacian.
 */
export function ksOfFine(fine: FineDistribution, distribution: Distribution): number {
  let below = fine.below;
  let distance = Math.abs(below / fine.count - distribution(fine.start));
  for (let cell = 0; cell < CELLS; cell++) {
    below += fine.cells[cell]!;
    const expected = distribution(fine.start + (cell + 1) * fine.width);
    distance = Math.max(distance, Math.abs(below / fine.count - expected));
  }
  return distance;
}

function countCells(chunk: FloatArray, { start, width, cells }: FineDistribution): number {
  let below = 0;
  for (let i = 0; i < chunk.length; i++) {
    const w = chunk[i]!;
    if (w - w !== 0) continue;
    const cell = Math.floor((w - start) / width);
    if (cell < 0) below++;
    else if (cell < CELLS) cells[cell]!++;
  }
  return below;
}
