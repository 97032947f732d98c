import { throwIfCancelled, type CancelSignal } from '../job';
import { cellCounts, countCells } from '../kernels/cells';
import { PIECE } from '../kernels/memoryMap';
import { pieceOf, piecesOf } from '../kernels/piece';
import { neighbours } from '../kernels/ranks';
import { lookInside, weightOfRank } from './cellInsides';
import { filledCells, placeOfRank } from './filledCells';
import { standardDeviation, type Moments } from './moments';
import { quantile, valuesAtRanks } from './orderStatistics';
import { sortFloats } from './sortFloats';
import { inMemory, slicesOfSource, type WeightSource } from './weightSource';

/** From so many weights on, going through all cells costs less than counting halves of bits without kernels. */
const MANY = 1 << 21;

/**
 * How far from the mean the median is looked for first, in standard deviations over √n: some three times the deviation of their
 * difference, which is 0.76 in Gaussian samples and 0.71 in Laplacian ones.
 */
const LIKELY = 2.5;

/** Median of finite weights, exactly, whichever way is fastest. @param moments of the weights */
export function median(weights: WeightSource, moments: Moments, signal?: CancelSignal): number {
  return quantile(0.5, weights.length, weightAt(weights, moments, signal));
}

/** The weights of the ranks in the middle. */
function weightAt(run: WeightSource, moments: Moments, signal: CancelSignal | undefined): (rank: number) => number {
  const first = Math.floor((run.length - 1) / 2);
  const ranks = [first, Math.floor(run.length / 2)];
  if (run.length >= MANY && !(run instanceof Float64Array)) return weightInCells(run, ranks, signal);
  const weights = inMemory(run);
  if (weights.length <= PIECE || weights instanceof Float64Array) {
    const found = weights.length <= PIECE && neighbours(pieceOf(weights), first, likelyMedian(moments));
    if (found) return (rank) => found[rank - first]!;
    const sorted = weights.slice();
    sortFloats(sorted);
    return (rank) => sorted[rank]!;
  }
  const values = valuesAtRanks(() => slicesOfSource(weights), ranks, signal);
  return (rank) => values.get(rank)!;
}

function likelyMedian(moments: Moments): [low: number, high: number] {
  const reach = (LIKELY * standardDeviation(moments)) / Math.sqrt(moments.count);
  return [moments.mean - reach, moments.mean + reach];
}

function weightInCells(weights: WeightSource, ranks: readonly number[], signal: CancelSignal | undefined): (rank: number) => number {
  const counts = cellCounts();
  for (const block of slicesOfSource(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) countCells(piece, counts);
  }
  const cells = filledCells(counts, weights.length);
  const places = [...new Set(ranks.map((rank) => placeOfRank(cells, rank)))];
  const insides = lookInside(slicesOfSource(weights), cells, places, signal);
  return (rank) => weightOfRank(cells, insides, rank);
}
