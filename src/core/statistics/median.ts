import { throwIfCancelled, type CancelSignal } from '../job';
import { cellCounts, countCells } from '../kernels/cells';
import { PIECE } from '../kernels/memoryMap';
import { pieceOf, piecesOf } from '../kernels/piece';
import { neighbours } from '../kernels/ranks';
import type { FloatArray } from '../onnx/dataType';
import { blocksOf } from './blocks';
import { lookInside, weightOfRank } from './cellInsides';
import { filledCells, placeOfRank } from './filledCells';
import { quantile, ranksOf, valuesAtRanks } from './orderStatistics';
import { sortFloats } from './sortFloats';

/** From so many weights on, going through all cells costs less than counting halves of bits without kernels. */
const MANY = 1 << 21;

/** Median of finite weights, exactly, whichever way is fastest. */
export function median(weights: FloatArray, signal?: CancelSignal): number {
  return quantile(0.5, weights.length, weightAt(weights, signal));
}

/** The weights of the ranks in the middle. */
function weightAt(weights: FloatArray, signal: CancelSignal | undefined): (rank: number) => number {
  const ranks = ranksOf([0.5], weights.length);
  if (weights.length <= PIECE || weights instanceof Float64Array) {
    const found = weights.length <= PIECE && neighbours(pieceOf(weights), ranks[0]!);
    if (found) return (rank) => found[rank - ranks[0]!]!;
    const sorted = weights.slice();
    sortFloats(sorted);
    return (rank) => sorted[rank]!;
  }
  if (weights.length >= MANY) return weightInCells(weights, ranks, signal);
  const values = valuesAtRanks(() => blocksOf(weights), ranks, signal);
  return (rank) => values.get(rank)!;
}

function weightInCells(weights: Float32Array, ranks: readonly number[], signal: CancelSignal | undefined): (rank: number) => number {
  const counts = cellCounts();
  for (const block of blocksOf(weights)) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) countCells(piece, counts);
  }
  const cells = filledCells(counts, weights.length);
  const places = [...new Set(ranks.map((rank) => placeOfRank(cells, rank)))];
  const insides = lookInside(blocksOf(weights), cells, places, signal);
  return (rank) => weightOfRank(cells, insides, rank);
}
