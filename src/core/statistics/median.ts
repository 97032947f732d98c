import { throwIfCancelled, type CancelSignal } from '../job';
import { cellCounts, countCells } from '../kernels/cells';
import { PIECE } from '../kernels/memoryMap';
import { pieceOf, piecesOf } from '../kernels/piece';
import { neighbours } from '../kernels/ranks';
import { lookInside, weightOfRank } from './cellInsides';
import { filledCells, placeOfRank } from './filledCells';
import { quantile, valuesAtRanks } from './orderStatistics';
import { sortFloats } from './sortFloats';
import { inMemory, runBlocks, type WeightRun } from './weightRun';

/** From so many weights on, going through all cells costs less than counting halves of bits without kernels. */
const MANY = 1 << 21;

/** Median of finite weights, exactly, whichever way is fastest. */
export function median(weights: WeightRun, signal?: CancelSignal): number {
  return quantile(0.5, weights.length, weightAt(weights, signal));
}

/** The weights of the ranks in the middle. */
function weightAt(run: WeightRun, signal: CancelSignal | undefined): (rank: number) => number {
  const first = Math.floor((run.length - 1) / 2);
  const ranks = [first, Math.floor(run.length / 2)];
  if (run.length >= MANY && !(run instanceof Float64Array)) return weightInCells(run, ranks, signal);
  const weights = inMemory(run);
  if (weights.length <= PIECE || weights instanceof Float64Array) {
    const found = weights.length <= PIECE && neighbours(pieceOf(weights), first);
    if (found) return (rank) => found[rank - first]!;
    const sorted = weights.slice();
    sortFloats(sorted);
    return (rank) => sorted[rank]!;
  }
  const values = valuesAtRanks(() => runBlocks(weights), ranks, signal);
  return (rank) => values.get(rank)!;
}

function weightInCells(weights: WeightRun, ranks: readonly number[], signal: CancelSignal | undefined): (rank: number) => number {
  const counts = cellCounts();
  for (const block of runBlocks(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) countCells(piece, counts);
  }
  const cells = filledCells(counts, weights.length);
  const places = [...new Set(ranks.map((rank) => placeOfRank(cells, rank)))];
  const insides = lookInside(runBlocks(weights), cells, places, signal);
  return (rank) => weightOfRank(cells, insides, rank);
}
