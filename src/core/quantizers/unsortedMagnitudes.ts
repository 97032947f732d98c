import { assignNearest } from '../assignment/nearest';
import { throwIfCancelled, type CancelSignal } from '../job';
import { piecesOf } from '../kernels/piece';
import { sumByCode } from '../kernels/sumsByCode';
import { absDeviationSum } from '../statistics/absDeviationSum';
import { slicesOfSource, type WeightSource } from '../statistics/weightSource';
import type { Codebook } from './codebook';
import type { Normalizer, WeightGroup } from './quantizer';
import { normalizedEnergy } from './sortedWeights';
import { cellSums, type CellSums, type Source } from './source';

/** The magnitudes |z| of weights as they lie: cells, fewer than 128, cost a pass over them. */
export function unsortedMagnitudes({ weights, moments }: WeightGroup, normalizer: Normalizer, signal?: CancelSignal): Source {
  const { mean, std } = normalizer;
  return {
    mass: weights.length,
    energy: normalizedEnergy(moments, normalizer),
    meanMagnitude: absDeviationSum(weights, mean, signal) / std / weights.length,
    reach: Math.max(moments.max - mean, mean - moments.min) / std,
    cells(thresholds, mass, moment) {
      const signed = signedCells(weights, bothSides(thresholds, normalizer), signal);
      for (let k = 0; k <= thresholds.length; k++) {
        const [below, above] = [thresholds.length - k, thresholds.length + 1 + k];
        const [fewer, more] = [signed.mass[below]!, signed.mass[above]!];
        mass[k] = fewer + more;
        moment[k] = (signed.moment[above]! - more * mean + fewer * mean - signed.moment[below]!) / std;
      }
    },
  };
}

/** Cells of weights that fold into those of magnitudes; a weight on a threshold is of the larger one. */
function bothSides(thresholds: Float64Array, { mean, std }: Normalizer): Codebook {
  const above = Array.from(thresholds, (t) => mean + std * t);
  const below = Array.from(thresholds, (t) => mean - std * t).reverse();
  const levels = new Float64Array(2 * thresholds.length + 2);
  return { levels, thresholds: Float64Array.from([...below, mean, ...above]), centre: mean, support: [-Infinity, Infinity] };
}

function signedCells(weights: WeightSource, codebook: Codebook, signal: CancelSignal | undefined): CellSums {
  const sums = cellSums(codebook.levels.length);
  let codes = new Uint8Array(0);
  for (const block of slicesOfSource(weights)) {
    throwIfCancelled(signal);
    if (codes.length < block.length) codes = new Uint8Array(block.length);
    assignNearest(block, codebook, codes.subarray(0, block.length));
    let at = 0;
    for (const piece of piecesOf(block)) sumByCode(piece, codes.subarray(at, (at += piece.weights.length)), sums.mass, sums.moment);
  }
  return sums;
}
