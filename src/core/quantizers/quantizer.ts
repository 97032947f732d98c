import type { CancelSignal } from '../job';
import type { LayerSettings } from '../plan/layerSettings';
import type { LaplaceFit } from '../statistics/layerStatistics';
import type { Moments } from '../statistics/moments';
import type { WeightSource } from '../statistics/weightSource';
import type { Codebook } from './codebook';

/** The weights that share one codebook, a whole tensor, a channel or a block of it, and what is known of them. All are finite. */
export interface WeightGroup {
  weights: WeightSource;
  /** Present when `weights` are the means of cells, ascending, that stand for more weights. All else is of those. */
  cells?: CellSpread;
  moments: Moments;
  laplace: Pick<LaplaceFit, 'location' | 'scale'>;
}

/** What means of cells leave out of the weights in them. */
export interface CellSpread {
  /** Weights in each cell. */
  counts: Float64Array;
  /** Σ(w − mean)² within all cells: to be added to a squared error that is measured on their means. */
  spread: number;
}

/** One quantization method: designs the codebook of a group. Registered in `index.ts`. */
export interface Quantizer {
  /** @param normalizer what the weights are normalised by; the levels come back in the weights' own units */
  design(group: WeightGroup, settings: LayerSettings, normalizer: Normalizer, signal?: CancelSignal): Codebook;
  /**
   * The levels that all codebooks of these settings share but for scale and offset (`Codebook.scaled`): they depend on
   * method and bits alone, and there are at most 2^bits of them. Null, or absent: each codebook has levels of its own.
   */
  unitLevels?(settings: LayerSettings): ArrayLike<number> | null;
}

/** z = (w − mean) / std is what a method designed on the unit source sees; w_q = mean + std · Q(z). */
export interface Normalizer {
  mean: number;
  std: number;
}
