import { throwIfCancelled, type CancelSignal } from '../job';
import { cellCounts, countedRange } from '../kernels/cells';
import { piecesOf } from '../kernels/piece';
import { spreadPowers } from '../kernels/spread';
import type { FloatArray } from '../onnx/dataType';
import { evenOrder } from './evenCells';
import { filledCells } from './filledCells';
import type { LaplaceFit } from './layerStatistics';
import { combineMoments, NO_MOMENTS, pieceMoments, type Moments } from './moments';
import { quantile } from './orderStatistics';

/** Moments, and the Laplacian that fits. */
export interface CountedFit {
  moments: Moments;
  /** Null where counts tell too little, or not all weights are finite. */
  laplace: Pick<LaplaceFit, 'location' | 'scale'> | null;
}

/**
 * Moments of many weights, exactly, and in the same look their median and mean deviation from it as closely as counts in cells
 * tell (`evenOrder`), of smooth weights within about a millionth of the deviation.
 *
 * @param blocks float32
 * @throws CoreError `cancelled`
 */
export function countedFit(blocks: Iterable<FloatArray>, signal?: CancelSignal): CountedFit {
  const counts = cellCounts();
  let moments = NO_MOMENTS;
  let [lower, zeros, others] = [0, 0, 0];
  for (const block of blocks) {
    throwIfCancelled(signal);
    for (const piece of piecesOf(block)) {
      const seen = countedRange(piece, counts);
      moments = combineMoments(moments, pieceMoments(piece, seen));
      lower |= seen.lower;
      zeros += seen.zeros;
      others += seen.nan + seen.inf;
    }
  }
  if (others > 0) return { moments, laplace: null };
  const cells = filledCells(counts, moments.count, { ...moments, lower, zeros });
  const order = evenOrder(cells, moments, spreadPowers(cells, moments.mean).most, 1);
  return { moments, laplace: order && { location: quantile(0.5, moments.count, order.at), scale: order.meanAbsDeviation } };
}
