import type { InputMoments } from './inputMoments';
import type { LayerMatrix } from './layerMatrix';

/** What a layer is multiplied by, and how: all that measuring and rounding it by its outputs needs. */
export interface LayerInputs {
  matrix: LayerMatrix;
  moments: InputMoments;
}
